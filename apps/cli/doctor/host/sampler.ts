// Looks at a family of processes every few milliseconds: what they have used, what they wait in, what they have open.
import { systemCallName } from "../../../../src/abi/system-call-names.ts";
import { capabilityName } from "../../../../src/observe/doctor/capabilities.ts";
import { count, type Facts, type GroupFacts } from "../../../../src/observe/doctor/facts.ts";
import {
  type ProcessFigures,
  parseLimits,
  parseLines,
  parseStat,
  waitingCall,
} from "../../../../src/observe/doctor/host/proc.ts";
import { apartFrom, family, groupOf, groupSince, readNames, readTarget, readText } from "./proc-files.ts";

const EVERY = 10;
/** Looks at what is dearer to look at: descriptors, limits. */
const SELDOM = 20;

interface Seen {
  program: string;
  cpu: [number, number];
  first: ProcessFigures;
  last: ProcessFigures;
  voluntary: [number, number];
  involuntary: [number, number];
  io: [Map<string, string>, Map<string, string>] | undefined;
}

export class Sampler {
  private readonly facts: Facts;
  private readonly root: number;
  /** The root was there before: what it has used until now is not this run's. */
  private readonly attached: boolean;
  private readonly seen = new Map<number, Seen>();
  private readonly zombies = new Map<number, string>();
  private timer: NodeJS.Timeout | undefined;
  private samples = 0;
  private readonly begun = process.hrtime.bigint();
  private readonly group: GroupFacts | undefined;
  /** /proc alone: calls and waiting are told from samples, too. */
  private readonly alone: boolean;
  private unseen = false;
  /** Samples in which no task ran or wanted to. */
  private still = 0;

  constructor(facts: Facts, root: number, options: { attached: boolean; alone: boolean }) {
    this.facts = facts;
    this.root = root;
    this.attached = options.attached;
    this.alone = options.alone;
    this.group = groupOf(root);
    this.surroundings();
    this.look();
    this.timer = setInterval(() => this.look(), EVERY);
  }

  /** The last look. */
  stop(): void {
    clearInterval(this.timer);
    this.look();
    const { facts } = this;
    facts.elapsed = Number(process.hrtime.bigint() - this.begun);
    facts.group = groupSince(this.group, groupOf(this.seen.has(this.root) ? this.root : process.pid));
    let user = 0;
    let kernel = 0;
    for (const { first, last, cpu, voluntary, involuntary, io } of this.seen.values()) {
      // Ticks tell which side it was on, the scheduler how long.
      const [u, k] = [last.user - first.user, last.kernel - first.kernel];
      const all = cpu[1] - cpu[0];
      const side = u + k === 0 ? 0.5 : u / (u + k);
      user += all * side;
      kernel += all * (1 - side);
      facts.faults += last.minorFaults - first.minorFaults;
      facts.majorFaults += last.majorFaults - first.majorFaults;
      if (this.alone) {
        facts.voluntary += voluntary[1] - voluntary[0];
        facts.involuntary += involuntary[1] - involuntary[0];
        if (io) this.streams(last.program, io);
      }
    }
    for (const program of this.zombies.values()) count(facts.zombies, program, "");
    if (!this.alone) return;
    facts.user = user;
    facts.kernelTime = kernel;
    // Whoever wants a processor and does not get one is not waiting for anything of the program's.
    const still = this.samples === 0 ? 0 : this.still / this.samples;
    facts.idle = Math.max(0, Math.min(facts.elapsed - user - kernel, facts.elapsed * still));
    const all = [...facts.calls.values()].reduce((sum, call) => sum + call.waited, 0);
    for (const call of facts.calls.values()) call.idle = all === 0 ? 0 : (call.waited / all) * facts.idle;
    facts.timeline.add("user", user);
    facts.timeline.add("kernel", kernel);
    facts.timeline.add("waiting", facts.idle);
    if (this.unseen) facts.notSeen.push("which calls it waited in: /proc/PID/syscall and wchan may not be read.");
  }

  private look(): void {
    const { facts } = this;
    const now = family([this.root]);
    const rare = this.samples++ % SELDOM === 0;
    this.zombies.clear();
    if (!now.some(({ pid, state }) => state === "R" || (state !== "Z" && runs(pid)))) this.still++;
    const programs = new Map(now.map(({ pid, program }) => [pid, program]));
    for (const figures of now) {
      const { pid, state, parent, program } = figures;
      if (state === "Z") {
        if (pid !== this.root) this.zombies.set(pid, programs.get(parent) ?? program);
        continue;
      }
      this.figures(figures);
      if (this.alone && (state === "S" || state === "D")) this.waits(figures);
      if (rare) this.descriptors(figures);
    }
    if (now.length > 0 && facts.posture === undefined) this.posture();
  }

  private figures(figures: ProcessFigures): void {
    const { pid, program } = figures;
    let seen = this.seen.get(pid);
    const status = parseLines(readText(`/proc/${pid}/status`) ?? "");
    const voluntary = Number(status.get("voluntary_ctxt_switches") ?? 0);
    const involuntary = Number(status.get("nonvoluntary_ctxt_switches") ?? 0);
    const cpu = onProcessor(pid) ?? figures.user + figures.kernel;
    const io = this.alone ? readText(`/proc/${pid}/io`) : undefined;
    if (!seen) {
      const none: ProcessFigures = { ...figures, user: 0, kernel: 0, minorFaults: 0, majorFaults: 0 };
      const old = this.attached && pid === this.root;
      const lines = io === undefined ? undefined : parseLines(io);
      seen = {
        program,
        cpu: [old ? cpu : 0, cpu],
        first: old ? figures : none,
        last: figures,
        voluntary: [old ? voluntary : 0, voluntary],
        involuntary: [old ? involuntary : 0, involuntary],
        io: lines && [old ? lines : new Map(), lines],
      };
      this.seen.set(pid, seen);
      if (pid !== this.root) this.facts.forks += this.alone ? 1 : 0;
      count(this.facts.programs, program, "");
    }
    seen.last = figures;
    seen.program = program;
    seen.cpu[1] = Math.max(cpu, seen.cpu[1]);
    seen.voluntary[1] = voluntary;
    seen.involuntary[1] = involuntary;
    if (seen.io && io !== undefined) seen.io[1] = parseLines(io);
  }

  /** What its first thread sleeps in: one sample stands for the time between two. */
  private waits({ pid, program }: ProcessFigures): void {
    const generic = process.arch === "x64" ? undefined : systemCallName;
    const wchan = readText(`/proc/${pid}/wchan`);
    const name = waitingCall(readText(`/proc/${pid}/syscall`) ?? "", generic) ?? nameOf(wchan);
    if (name === undefined) {
      // It may have woken up in between: only what may not be read is unseen.
      if (readText(`/proc/${pid}/syscall`) === undefined && readText(`/proc/${pid}/stat`) !== undefined)
        this.unseen = true;
      return;
    }
    const call = this.facts.call(name);
    call.blocked++;
    call.waited += EVERY * 1e6;
    count(this.facts.switches, program, name);
  }

  private descriptors({ pid, program }: ProcessFigures): void {
    const { facts } = this;
    const names = readNames(`/proc/${pid}/fd`);
    if (!names) return;
    const paths = new Map<string, number>();
    for (const name of names) {
      const path = readTarget(`/proc/${pid}/fd/${name}`);
      if (path !== undefined) paths.set(path, (paths.get(path) ?? 0) + 1);
    }
    for (const [what, n] of paths) {
      if (n < 8) continue;
      const held = count(facts.held, program, what);
      held.count = Math.max(held.count - 1, n);
    }
    const highest = Math.max(0, ...names.map(Number));
    if (highest < facts.highestDescriptor) return;
    facts.highestDescriptor = highest;
    facts.descriptorLimit = parseLimits(readText(`/proc/${pid}/limits`) ?? "").get("Max open files") ?? 0;
  }

  private streams(program: string, [before, after]: [Map<string, string>, Map<string, string>]): void {
    const more = (key: string): number => Number(after.get(key) ?? 0) - Number(before.get(key) ?? 0);
    for (const [direction, calls, bytes] of [
      ["read", "syscr", "rchar"],
      ["write", "syscw", "wchar"],
    ] as const) {
      const stream = this.facts.stream(program, direction, "all of its files", false);
      stream.calls += more(calls);
      stream.bytes += more(bytes);
      this.facts.bytes += more(bytes);
      this.facts.call(direction).calls += more(calls);
    }
  }

  private posture(): void {
    const status = parseLines(readText(`/proc/${this.root}/status`) ?? "");
    const limits = parseLimits(readText(`/proc/${this.root}/limits`) ?? "");
    if (status.size === 0) return;
    const effective = BigInt(`0x${status.get("CapEff") ?? "0"}`);
    const capabilities: string[] = [];
    for (let i = 0; i < 64; i++) if ((effective >> BigInt(i)) & 1n) capabilities.push(capabilityName(i));
    const unlimited: string[] = [];
    const unbounded = (name: string): boolean => limits.get(name) === Number.POSITIVE_INFINITY;
    const { group } = this;
    if (unbounded("Max address space") && group?.memoryMax === undefined)
      unlimited.push("memory (ulimit -v, memory.max)");
    if (unbounded("Max cpu time") && group?.cpuMax === undefined) unlimited.push("processor time (ulimit -t, cpu.max)");
    if (unbounded("Max file size")) unlimited.push("size of files (ulimit -f)");
    this.facts.posture = {
      uid: Number(status.get("Uid")?.split(/\s+/)[1] ?? -1),
      capabilities,
      exercised: undefined,
      writableMounts: [],
      writtenMounts: [],
      unlimited,
      coreLimit: limits.get("Max core file size") ?? Number.NaN,
    };
  }

  private surroundings(): void {
    const { facts, root, group } = this;
    const apart = apartFrom(root, "self");
    if (apart === undefined) facts.notSeen.push("its namespaces: they may not be read.");
    else if (apart.length > 0) facts.surroundings.push(`It runs in namespaces of its own: ${apart.join(", ")}.`);
    const bounds: string[] = [];
    if (group?.cpuMax !== undefined) bounds.push(`cpu.max ${group.cpuMax}`);
    if (group?.memoryMax !== undefined) bounds.push(`${group.memoryLimitName} ${group.memoryMax}`);
    if (bounds.length > 0) facts.surroundings.push(`Its control group has limits: ${bounds.join(", ")}.`);
    if (!group) facts.notSeen.push("its control group: /sys/fs/cgroup is not there.");
  }
}

/** Does one of its threads run, or want to? */
function runs(pid: number): boolean {
  const threads = readNames(`/proc/${pid}/task`) ?? [];
  return (
    threads.length > 1 &&
    threads.some((tid) => parseStat(readText(`/proc/${pid}/task/${tid}/stat`) ?? "")?.state === "R")
  );
}

/** Nanoseconds that a process's threads have had a processor. */
function onProcessor(pid: number): number | undefined {
  let sum = 0;
  for (const tid of readNames(`/proc/${pid}/task`) ?? []) {
    const text = readText(`/proc/${pid}/task/${tid}/schedstat`);
    if (text === undefined) return undefined;
    sum += Number(text.split(" ")[0]);
  }
  return sum;
}

/** The kernel's function that a task sleeps in, where its call may not be read. */
function nameOf(wchan: string | undefined): string | undefined {
  if (wchan === undefined || wchan === "" || wchan === "0") return undefined;
  const known: [RegExp, string][] = [
    [/nanosleep/, "clock_nanosleep"],
    [/futex/, "futex"],
    [/ep_poll/, "epoll_pwait"],
    [/poll/, "ppoll"],
    [/select/, "pselect6"],
    [/pipe_read|anon_pipe_read|wait_woken|n_tty_read|unix_stream_read/, "read"],
    [/pipe_write/, "write"],
    [/do_wait|wait4/, "wait4"],
    [/accept/, "accept4"],
    [/recv/, "recvfrom"],
    [/sigsuspend|pause/, "rt_sigsuspend"],
    [/flock|locks/, "flock"],
    [/io_schedule|folio_wait|jbd2|sync/, "fsync"],
  ];
  return known.find(([pattern]) => pattern.test(wchan))?.[1];
}
