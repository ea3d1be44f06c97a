// The doctor's collector inside: listens on the tracepoints and tells the recorder what has ended. What it keeps itself is
// what only the kernel knows: who was woken in vain, who holds a lock, which capabilities made a difference.
import { EAGAIN } from "../../abi/errno.ts";
import { AT_EMPTY_PATH, RLIMIT_NOFILE, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK } from "../../abi/flags.ts";
import { SIG_DFL, signalName } from "../../abi/signal.ts";
import { AIRSIDE, RELEASE } from "../../abi/version.ts";
import { taintReasons } from "../../kernel/crash/taint.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Wait } from "../../kernel/sched/wait-queue.ts";
import type { SignalAction } from "../../kernel/signal/handlers.ts";
import type { SignalInfo } from "../../kernel/signal/pending.ts";
import { dumpsCore } from "../../kernel/signal/state.ts";
import type { Row, SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { ThreadGroup } from "../../kernel/task/thread-group.ts";
import type { File } from "../../kernel/vfs/file.ts";
import { pathName } from "../../kernel/vfs/path-name.ts";
import { toText } from "../../lib/byte-string.ts";
import { Account } from "../account.ts";
import { peek, peekString } from "../strace/call.ts";
import { siteText } from "../symbols/crash-site.ts";
import { Modules } from "../symbols/modules.ts";
import { changes } from "./changes.ts";
import { count, Facts } from "./facts.ts";
import { GroupWatch } from "./group.ts";
import { Locks } from "./locks.ts";
import { callCost, type Model, published } from "./model.ts";
import { callerName } from "./places.ts";
import { PostureWatch } from "./posture.ts";
import { type CallRecord, type FileName, lookups, polls, Recorder } from "./recorder.ts";

/** Instructions after a wake-up within which going back to sleep means that there was nothing to do. */
const SHORT = 20_000;
/** Woken together: that many make a herd. */
const HERD = 4;

interface Woken {
  readonly what: string;
  readonly program: string;
  readonly instructions: number;
  /** Its call has returned since. */
  returned: boolean;
}

interface Watched {
  readonly record: CallRecord;
  /** Instructions that the time line knows of. */
  seen: number;
  woken: Woken | undefined;
}

export class Evidence extends Account {
  readonly facts = new Facts("airside");
  private readonly model: Model;
  private readonly recorder: Recorder;
  private readonly watched = new Map<Task, Watched>();
  private readonly names = new WeakMap<File, FileName>();
  private readonly locks: Locks;
  private readonly modules: Modules;
  private readonly posture = new PostureWatch();
  private readonly group: GroupWatch;
  private idleTold = 0;
  /** Instructions of the tasks that are watched, while they are. */
  private userInstructions = 0;
  /** Nanoseconds of work within the present quota. */
  private spent = 0;
  /** What the first program was given as standard input. */
  private input: File | undefined;
  /** Where a program was when the signal came that ends it. */
  private readonly sites = new Map<ThreadGroup, string>();
  // Who was woken by the crossing that is being made
  private burstAt = -1;
  private burst: Task[] = [];

  /** `tasks`: only these, and what they start. */
  constructor(kernel: Kernel, model: Model = published, tasks?: Iterable<Task>) {
    super(kernel, tasks);
    this.model = model;
    this.recorder = new Recorder(this.facts);
    this.modules = new Modules(kernel);
    this.locks = new Locks(this.facts, this.modules);
    this.group = new GroupWatch(kernel);
  }

  override syscallEnter(task: Task, row: Row | undefined, number: number): void {
    super.syscallEnter(task, row, number);
    if (!this.follows(task)) return;
    const watched = this.of(task);
    this.ran(task, watched);
    const { record } = watched;
    record.blocked = false;
    if (row) this.arguments(task, row.name, record);
    else record.name = "";
  }

  override syscallExit(task: Task, row: Row | undefined, result: SyscallResult): void {
    super.syscallExit(task, row, result);
    if (!this.follows(task)) return;
    const watched = this.of(task);
    const { record } = watched;
    const { timeline } = this.facts;
    if (!row || record.name !== row.name) return;
    this.spend("kernel", callCost(this.model, row.name));
    const device = this.model.waits[row.name];
    if (device !== undefined) timeline.add("waiting", device);
    record.result = typeof result === "number" ? result : 0;
    if (record.futex === "wait" && record.blocked) this.locks.ended(task);
    this.recorder.ended(record);
    if (this.input && record.result > 0 && /^(read|recv|pread)/.test(record.name)) this.tookInput(task, record);
    this.posture.ended(task, record);
    if (watched.woken) this.wokenReturned(watched, result === EAGAIN);
    if (record.result > 100 && record.result === this.facts.highestDescriptor)
      this.facts.descriptorLimit = task.group.limit(RLIMIT_NOFILE);
  }

  override schedIn(task: Task): void {
    super.schedIn(task);
    if (!this.follows(task)) return;
    const idle = this.idle - this.idleTold;
    this.idleTold = this.idle;
    if (idle > 0) this.waitedFor(task, idle);
    this.group.look();
  }
  override schedOut(task: Task): void {
    super.schedOut(task);
    if (!this.follows(task)) return;
    const watched = this.of(task);
    this.ran(task, watched);
    this.spend("kernel", this.model.switch);
    if (task.state !== "R") return;
    const { record } = watched;
    count(
      this.facts.switches,
      toText(task.comm),
      record.name === "sched_yield" ? record.name : "preempted",
      record.where,
    );
  }
  override schedBlock(task: Task, wait: Wait<number>): void {
    super.schedBlock(task, wait);
    if (!this.follows(task)) return;
    const watched = this.of(task);
    const { record, woken } = watched;
    const first = !record.blocked;
    record.blocked = true;
    if (task.faulting) return;
    if (first) {
      count(this.facts.switches, record.program, record.name, record.where);
      if (record.futex === "wait") this.locks.waits(task);
    }
    if (!woken) return;
    watched.woken = undefined;
    if (task.instructions - woken.instructions < SHORT) this.inVain(woken);
  }
  override schedWake(task: Task): void {
    super.schedWake(task);
    if (!this.follows(task)) return;
    const { current } = this.kernel;
    if (!current || !task?.wait) return;
    if (this.burstAt !== this.crossings) {
      this.burstAt = this.crossings;
      this.burst = [];
    }
    this.burst.push(task);
    if (this.burst.length < HERD) return;
    const herd = this.burst.length === HERD ? this.burst : [task];
    for (const each of herd) {
      const watched = this.of(each);
      const { name, program } = watched.record;
      watched.woken = { what: name, program, instructions: each.instructions, returned: false };
      count(this.facts.herds, program, name).time++;
      this.facts.herds.get(`${program}\0${name}`)!.count--;
    }
  }

  override pageFault(task: Task): void {
    super.pageFault(task);
    if (!this.follows(task)) return;
    const { current } = this.kernel;
    if (!current) return;
    this.ran(current, this.of(current));
    if (this.recorder.isStarting(current.pid)) this.facts.startFaults++;
    this.spend("kernel", this.model.pageFault);
  }

  override taskFork(parent: Task, child: Task): void {
    super.taskFork(parent, child);
    if (!this.follows(parent)) return;
    this.of(child);
    const own = parent.group === child.group;
    this.spend("kernel", own ? this.model.thread : this.model.fork);
  }
  override taskExec(task: Task): void {
    super.taskExec(task);
    if (!this.follows(task)) return;
    this.spend("kernel", this.model.exec);
    this.recorder.executed(task.pid);
    this.locks.executed(task.mm);
    this.posture.executed(task);
    this.group.executed(task);
    if (this.input) return;
    const stdin = task.files.get(0);
    if (stdin && this.name(task, stdin).kind === "pipe") this.input = stdin;
  }
  override signalDeliver(task: Task, info?: SignalInfo, action?: Readonly<SignalAction>): void {
    super.signalDeliver(task);
    if (!this.follows(task)) return;
    if (!info) return;
    if (dumpsCore(info.signal) && action?.handler === SIG_DFL) this.sites.set(task.group, siteText(task));
    count(this.facts.signals, toText(task.comm), signalName(info.signal), () => this.sender(info));
    this.spend("kernel", this.model.signal);
  }
  override taskExit(task: Task, status = 0): void {
    super.taskExit(task);
    if (!this.follows(task)) return;
    const watched = this.of(task);
    this.ran(task, watched);
    const program = toText(task.comm);
    const { facts, kernel } = this;
    const used = count(facts.programs, program, "");
    used.time += task.instructions;
    this.watched.delete(task);
    this.recorder.gone(task.pid, task.tid);
    if (!task.isLeader) return;
    if (task.group.parent !== kernel.tasks.init) this.spend("kernel", this.model.exit);
    this.leftZombies(task);
    const signal = status & 0x7f;
    if (signal !== 0) {
      const crash = count(facts.crashes, program, signalName(signal) ?? String(signal));
      crash.where = this.sites.get(task.group) ?? crash.where;
      this.sites.delete(task.group);
    }
    if (task.group.oomKilled) this.group.oomKills++;
  }
  /** Children of its that have ended, and that it has not waited for. */
  private leftZombies({ comm, group }: Task): void {
    let zombies = 0;
    for (const child of group.children) if (child.zombie) zombies++;
    if (zombies > 0) count(this.facts.zombies, toText(comm), "").count += zombies - 1;
  }

  /** Adds what still lives, and copies the account's sums into the facts. */
  override finish(): void {
    super.finish();
    this.modules.close();
    const { facts, kernel } = this;
    facts.surroundings.push(kernelLine(kernel));
    for (const task of kernel.tasks.all) {
      if (task.exiting || task.group === kernel.tasks.init || !this.watched.has(task)) continue;
      this.ran(task, this.of(task));
      count(facts.programs, toText(task.comm), "").time += task.instructions;
      if (task.isLeader) this.leftZombies(task);
    }
    facts.elapsed = this.elapsed;
    facts.user = this.user;
    facts.kernelTime = this.kernelTime;
    facts.instructions = this.userInstructions;
    facts.faults = this.faults;
    facts.majorFaults = this.majorFaults;
    facts.voluntary = this.voluntary;
    facts.involuntary = this.involuntary;
    facts.forks = this.forks;
    facts.threads = this.threads;
    facts.execs = this.execs;
    facts.delivered = this.signals;
    for (const account of this.calls.values()) {
      if (account.name === "page fault") continue;
      const call = facts.call(account.name);
      Object.assign(call, account, { idle: call.idle });
    }
    facts.posture = this.posture.told();
    facts.group = this.group.facts();
  }

  private tookInput(task: Task, { fd, result }: CallRecord): void {
    if (task.files.get(fd) === this.input) this.facts.input += result;
  }

  /** Nothing ran until `task` did. Bytes of files come from the host here and from memory there, and a start is not
   *  waited for: that is not the program's waiting. */
  private waitedFor(task: Task, idle: number): void {
    // How long it stands still behind a quota is the model's matter: work takes its own time here.
    const throttled = Math.min(idle, this.group.throttled());
    const record = this.watched.get(task)?.record;
    if (!record?.blocked || task.faulting || record.name === "execve" || record.file?.kind === "file") {
      if (record?.name !== "flock" && record?.name !== "fcntl") return;
    }
    const left = idle - throttled;
    this.facts.call(record.name).idle += left;
    this.facts.idle += left;
    this.facts.timeline.add("waiting", left);
  }

  /** A task that runs already, perhaps within a call. */
  join(task: Task): void {
    const { record } = this.of(task);
    const row = task.syscall >= 0 ? this.kernel.syscalls[task.syscall] : undefined;
    if (!row) return;
    this.arguments(task, row.name, record);
    record.blocked = task.wait !== undefined;
    this.facts.call(row.name);
  }

  /** Work goes on in the band; behind each quota of it the rest of the period stands still. */
  private spend(kind: "user" | "kernel", nanoseconds: number): void {
    const { timeline } = this.facts;
    timeline.add(kind, nanoseconds);
    const { quota, period } = this.group;
    this.spent += nanoseconds;
    for (; this.spent >= quota; this.spent -= quota) timeline.add("waiting", period - quota);
  }
  /** User space between two points, at the model's pace. */
  private ran(task: Task, watched: Watched): void {
    const more = task.instructions - watched.seen;
    watched.seen = task.instructions;
    this.userInstructions += more;
    if (more > 0) this.spend("user", more * this.model.instruction);
  }

  private of(task: Task): Watched {
    let watched = this.watched.get(task);
    if (!watched) {
      const record: CallRecord = {
        program: "",
        pid: task.pid,
        tid: task.tid,
        name: "",
        result: 0,
        fd: -1,
        file: undefined,
        path: undefined,
        timeout: undefined,
        futex: undefined,
        blocked: false,
        where: () => callerName(task, this.modules),
      };
      watched = { record, seen: task.instructions, woken: undefined };
      this.watched.set(task, watched);
    }
    return watched;
  }

  private arguments(task: Task, name: string, record: CallRecord): void {
    const { context } = task;
    record.program = toText(task.comm);
    record.name = name;
    record.fd = context.xi(10);
    record.file = undefined;
    record.path = undefined;
    record.timeout = undefined;
    record.futex = undefined;
    if (lookups.has(name) || changes.has(name)) {
      const at = context.xn(name === "execve" ? 10 : 11);
      const text = at === 0 ? undefined : peekString(task, at, 4096);
      const bare = !text || (text.bytes.length === 0 && (context.xi(13) & AT_EMPTY_PATH) !== 0);
      if (!bare) record.path = toText(String.fromCharCode(...text.bytes));
    } else if (polls.has(name)) record.timeout = pollTimeout(task, name);
    else if (name === "clock_nanosleep" || name === "nanosleep")
      record.timeout = timespec(task, context.xn(name === "nanosleep" ? 10 : 12));
    else if (name === "futex") {
      const command = context.xi(11) & 0x7f;
      record.futex = command === 0 || command === 9 || command === 6 || command === 13 ? "wait" : "other";
    }
    const file = task.files.get(record.fd);
    if (file) record.file = this.name(task, file);
  }

  private name(task: Task, file: File): FileName {
    let name = this.names.get(file);
    if (!name) {
      const path = toText(pathName(file.path, task.fs.root));
      const type = file.inode.mode & S_IFMT;
      const kind = /^\/dev\/(pts\/|tty|hvc|console)/.test(path)
        ? "terminal"
        : type === S_IFSOCK
          ? "socket"
          : type === S_IFIFO
            ? "pipe"
            : type === S_IFREG
              ? "file"
              : "other";
      name = { path, kind };
      this.names.set(file, name);
    }
    return name;
  }

  private wokenReturned(watched: Watched, again: boolean): void {
    const woken = watched.woken!;
    if (again) {
      watched.woken = undefined;
      this.inVain(woken);
    } else if (!woken.returned) woken.returned = true;
    // A lock that goes with what was waited for is taken and given back: nothing is known yet.
    else if (watched.record.name !== "futex") watched.woken = undefined;
  }
  private inVain(woken: Woken): void {
    count(this.facts.herds, woken.program, woken.what);
  }

  private sender(info: SignalInfo): string {
    const pid = (info as { pid?: number }).pid;
    const task = pid ? this.kernel.tasks.task(pid) : undefined;
    return task ? `sent by ${toText(task.comm)}` : "sent by the kernel";
  }
}

/** Nanoseconds; undefined for ever. */
function pollTimeout(task: Task, name: string): number | undefined {
  const { context } = task;
  if (name === "epoll_pwait") {
    const timeout = context.xi(13);
    return timeout < 0 ? undefined : timeout * 1e6;
  }
  return timespec(task, context.xn(name === "ppoll" ? 12 : name === "pselect6" ? 14 : 13));
}

function timespec(task: Task, at: number): number | undefined {
  const view = at === 0 ? undefined : peek(task, at, 16);
  return view && Number(view.getBigInt64(0, true)) * 1e9 + Number(view.getBigInt64(8, true));
}

/** Which kernel it was, and whether that was as it was booted. */
function kernelLine({ taints }: Kernel): string {
  const reasons = taintReasons(taints.mask).map(({ letter, meaning }) => `${letter}: ${meaning}`);
  const state = reasons.length === 0 ? "not tainted" : `tainted (${reasons.join("; ")})`;
  return `Kernel ${RELEASE}, Airside ${AIRSIDE}, ${state}.`;
}
