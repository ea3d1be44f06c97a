// A real machine's strace as evidence: lines of `strace -f -ttt -T -y -s 256 -o FILE` become facts. What a task does
// between two lines is user space; when all of them are within calls, nothing runs, and whoever comes back first ended it.
import { errnoNumber } from "../../../abi/errno.ts";
import { count, entry, type Facts } from "../facts.ts";
import type { Model } from "../model.ts";
import { type CallRecord, type FileName, lookups, polls, Recorder } from "../recorder.ts";

/** Calls shorter than that did not wait: strace itself takes some tens of microseconds. */
const WAITED = 200_000;

/** What a stop for strace takes. */
const OWN = 40_000;

interface Thread {
  readonly tid: number;
  pid: number;
  program: string;
  /** What was printed of a call that has not come back. */
  begun: { text: string; at: number; waits: boolean } | undefined;
}

/** As in strace(1): pid, time of day, and the rest. */
const LINE = /^(\d+)\s+(\d+)\.(\d+) (.*)$/;
const CALL = /^(\w+)\((.*)\)\s+= (\?|-?\d+|0x[0-9a-f]+)(?:<((?:[^>]|->)*)>)?(?: (E[A-Z0-9]+))?.*?(?:<(\d+\.\d+)>)?$/;
const FD = /^(\d+)<((?:[^>\\]|->|\\.)*)>/;

/** x86's names for calls that the others have under one. */
const alike: Readonly<Record<string, string>> = {
  stat: "newfstatat",
  lstat: "newfstatat",
  access: "faccessat",
  open: "openat",
  poll: "ppoll",
  select: "pselect6",
  epoll_wait: "epoll_pwait",
  fork: "clone",
  vfork: "clone",
  pipe: "pipe2",
  readlink: "readlinkat",
  unlink: "unlinkat",
  mkdir: "mkdirat",
  rename: "renameat2",
};

export class StraceLines {
  private readonly facts: Facts;
  private readonly model: Model;
  private readonly recorder: Recorder;
  private readonly threads = new Map<number, Thread>();
  private first: number | undefined;
  private last = 0;
  private readonly names = new Map<string, FileName>();

  constructor(facts: Facts, model: Model, program: string) {
    this.facts = facts;
    this.model = model;
    this.recorder = new Recorder(facts);
    this.program = program;
  }
  private readonly program: string;

  /** One line of the file. What can't be read is passed over. */
  line(text: string): void {
    const [, id, seconds, fraction = "", rest = ""] = LINE.exec(text) ?? [];
    if (id === undefined) return;
    const at = Number(seconds) * 1e9 + Number(fraction.padEnd(9, "0"));
    const thread = this.thread(Number(id));
    this.pass(at);
    if (rest.startsWith("---")) this.signal(thread, rest);
    else if (rest.startsWith("+++")) this.gone(thread, rest);
    else if (rest.endsWith("<unfinished ...>")) thread.begun = begunCall(rest.slice(0, -16).trimEnd(), at);
    else if (rest.startsWith("<... ")) {
      const { begun } = thread;
      thread.begun = undefined;
      if (begun) this.call(thread, begun.text + rest.replace(/^<\.\.\. \w+ resumed>/, ""), begun.at, true);
    } else this.call(thread, rest, at, false);
  }

  /** Nothing more comes. */
  finish(): void {
    this.facts.elapsed = this.first === undefined ? 0 : this.last - this.first;
  }

  private thread(tid: number): Thread {
    let thread = this.threads.get(tid);
    if (!thread) {
      thread = { tid, pid: tid, program: this.program, begun: undefined };
      this.threads.set(tid, thread);
    }
    return thread;
  }

  /** Time goes on to `at`. While every thread is within a call it is waiting; who ends it is told by `call`. */
  private pass(at: number): void {
    this.first ??= at;
    const spent = at - this.last;
    if (this.last > 0 && spent > 0) {
      let running = 0;
      for (const each of this.threads.values()) if (!each.begun?.waits) running++;
      if (running === 0) this.still += spent;
      else this.facts.timeline.add("user", Math.max(0, spent - OWN));
    }
    this.last = Math.max(this.last, at);
  }
  /** Time in which nothing ran, and nobody has come back yet. */
  private still = 0;

  private call(thread: Thread, text: string, begunAt: number, resumed: boolean): void {
    const [, written = "", args = "", answer = "?", answerPath, error, took] = CALL.exec(text) ?? [];
    if (written === "") return;
    const { facts, model } = this;
    const name = alike[written] ?? written;
    const duration = took === undefined ? 0 : Number(took) * 1e9;
    const blocked = duration > WAITED && mayWait(name, args);
    const call = facts.call(name);
    call.calls++;
    if (error !== undefined) call.errors++;
    call.time += Math.min(duration, WAITED);
    if (blocked) {
      call.blocked++;
      call.waited += duration;
      facts.voluntary++;
      count(facts.switches, thread.program, name);
      this.waited(call, thread, resumed ? undefined : duration, begunAt);
    }
    this.still = 0;
    facts.timeline.add("kernel", model.calls[name] ?? model.call);
    const record = this.record(thread, name, args, answer, answerPath, error, blocked);
    this.recorder.ended(record);
    if (error === undefined) this.effects(thread, name, args, record.result);
    if (record.futex === "wait" && blocked) this.lock(thread, args, duration);
  }

  /** Was it waited for while nothing else ran? */
  private waited(call: { idle: number }, thread: Thread, alone: number | undefined, begunAt: number): void {
    const { facts } = this;
    let idle = this.still;
    if (alone !== undefined) {
      for (const each of this.threads.values()) if (each !== thread && !each.begun?.waits) return;
      idle = alone;
      this.last = Math.max(this.last, begunAt + alone);
    }
    call.idle += idle;
    facts.idle += idle;
    facts.timeline.add("waiting", idle);
  }

  private record(
    thread: Thread,
    name: string,
    args: string,
    answer: string,
    answerPath: string | undefined,
    error: string | undefined,
    blocked: boolean,
  ): CallRecord {
    const [, fd, path] = FD.exec(args) ?? [];
    const made = answerPath ?? path;
    const file = made === undefined ? undefined : this.name(made);
    return {
      program: thread.program,
      pid: thread.pid,
      tid: thread.tid,
      name,
      result: error !== undefined ? (errnoNumber(error) ?? -1) : answer === "?" ? 0 : Number(answer),
      fd: fd === undefined ? -1 : Number(fd),
      file,
      path: lookups.has(name) ? /"((?:[^"\\]|\\.)*)"/.exec(args)?.[1] : undefined,
      timeout: polls.has(name) || name.endsWith("nanosleep") ? timeout(name, args) : undefined,
      futex: name !== "futex" ? undefined : /FUTEX_(WAIT|LOCK_PI)/.test(args) ? "wait" : "other",
      blocked,
      where: () => "",
    };
  }

  private name(path: string): FileName {
    let name = this.names.get(path);
    if (!name) {
      const kind = /^(socket|UNIX|TCP|UDP|NETLINK)\b/.test(path)
        ? "socket"
        : path.startsWith("pipe:")
          ? "pipe"
          : /^\/dev\/(pts\/|tty|console)/.test(path)
            ? "terminal"
            : path.startsWith("/") && !path.startsWith("/dev/")
              ? "file"
              : "other";
      name = { path, kind };
      this.names.set(path, name);
    }
    return name;
  }

  private effects(thread: Thread, name: string, args: string, result: number): void {
    const { facts } = this;
    if (name === "execve") {
      const path = /"((?:[^"\\]|\\.)*)"/.exec(args)?.[1] ?? "";
      thread.program = path.slice(path.lastIndexOf("/") + 1).slice(0, 15);
      facts.execs++;
      count(facts.programs, thread.program, "");
      this.recorder.executed(thread.pid);
    } else if ((name === "clone" || name === "clone3") && result > 0) {
      const own = args.includes("CLONE_THREAD");
      if (own) facts.threads++;
      else facts.forks++;
      const child = this.thread(result);
      child.program = thread.program;
      child.pid = own ? thread.pid : result;
      if (!own) this.children.set(result, thread.pid);
    } else if ((name === "wait4" || name === "waitid") && result > 0) this.children.delete(result);
    else if (name === "prlimit64" && args.includes("RLIMIT_NOFILE") && facts.descriptorLimit === 0) {
      const soft = /rlim_cur=(\d+)(\*1024)?/.exec(args);
      if (soft) facts.descriptorLimit = Number(soft[1]) * (soft[2] ? 1024 : 1);
    }
  }
  /** Processes that nobody has waited for, and their parents. */
  private readonly children = new Map<number, number>();

  private signal(thread: Thread, text: string): void {
    const [, name = ""] = /^--- (SIG\w+)/.exec(text) ?? [];
    if (name === "") return;
    this.facts.delivered++;
    const sender = /si_pid=(\d+)/.exec(text)?.[1];
    count(this.facts.signals, thread.program, name, () => (sender === undefined ? "" : `sent by process ${sender}`));
  }

  private gone(thread: Thread, text: string): void {
    const killed = /killed by (SIG\w+)/.exec(text)?.[1];
    const leader = thread.tid === thread.pid;
    if (killed !== undefined && leader) count(this.facts.crashes, thread.program, killed);
    this.threads.delete(thread.tid);
    this.recorder.gone(thread.pid, thread.tid);
    if (!leader) return;
    let left = 0;
    for (const [child, parent] of this.children) {
      if (parent !== thread.pid) continue;
      this.children.delete(child);
      if (!this.threads.has(child)) left++;
    }
    if (left > 0) count(this.facts.zombies, thread.program, "").count += left - 1;
  }

  private lock({ program, pid }: Thread, args: string, duration: number): void {
    const [, address = "", operation = "", expected = ""] = /^(0x[0-9a-f]+), (\w+)[^,]*, (\d+)/.exec(args) ?? [];
    const mutex = /^FUTEX_(WAIT(_PRIVATE)?|LOCK_PI.*)$/.test(operation) || expected === "2";
    if (!mutex || Number(expected) > 2) return;
    const lock = entry(this.facts.locks, `${pid}\0${address}`, () => ({
      program,
      address: Number(address),
      name: `the lock ${address}`,
      waits: 0,
      time: 0,
      holders: new Map(),
      where: "",
    }));
    lock.waits++;
    lock.time += duration;
  }
}

const waits = new Set(
  `clock_nanosleep nanosleep pause wait4 waitid futex flock fcntl rt_sigsuspend rt_sigtimedwait semop semtimedop msgrcv
  msgsnd connect accept accept4 recvfrom recvmsg recvmmsg sendto sendmsg fsync fdatasync sync msync sync_file_range
  ppoll pselect6 epoll_pwait epoll_pwait2 io_getevents mq_timedreceive splice`.split(/\s+/),
);
const streams = new Set(["read", "readv", "write", "writev"]);

function begunCall(text: string, at: number): Thread["begun"] {
  const [, written = "", args = ""] = /^(\w+)\((.*)$/.exec(text) ?? [];
  return { text, at, waits: mayWait(alike[written] ?? written, args) };
}

/** A call that took long may have waited for a processor alone, or for strace: only some can wait for something. */
function mayWait(name: string, args: string): boolean {
  if (waits.has(name)) return true;
  const path = streams.has(name) ? FD.exec(args)?.[2] : undefined;
  return path !== undefined && (!path.startsWith("/") || /^\/dev\/(pts|tty|console)/.test(path));
}

/** Nanoseconds; undefined for ever. */
function timeout(name: string, args: string): number | undefined {
  const [, seconds, unit, part] = /\{tv_sec=(\d+), tv_([nu])sec=(\d+)\}/.exec(args) ?? [];
  if (seconds !== undefined) return Number(seconds) * 1e9 + Number(part) * (unit === "u" ? 1000 : 1);
  const milliseconds = name === "ppoll" || name === "epoll_pwait" ? /, (-?\d+)$/.exec(args)?.[1] : undefined;
  return milliseconds === undefined || Number(milliseconds) < 0 ? undefined : Number(milliseconds) * 1e6;
}
