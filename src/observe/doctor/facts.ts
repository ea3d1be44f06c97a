// What was seen of a run, whoever saw it: this kernel's tracepoints (evidence.ts), or a real machine's strace and /proc
// (host/). Findings and reports know nothing else. Bounded: a long run keeps figures, not events.
import { Timeline } from "./timeline.ts";

export type Collector = "airside" | "strace" | "proc";

/** One kind of system call, over all tasks. Times in nanoseconds. */
export interface CallFacts {
  readonly name: string;
  calls: number;
  errors: number;
  /** Calls that had to wait, and for how long; while others may have run. */
  blocked: number;
  waited: number;
  /** Time in which nothing ran at all and this call's answer ended it. */
  idle: number;
  /** Time in kernel space where it was watched. */
  time: number;
}

export type Direction = "read" | "write" | "send";

/** Reads, writes or sends of one program on one file. */
export interface Stream {
  readonly program: string;
  readonly direction: Direction;
  readonly path: string;
  readonly terminal: boolean;
  calls: number;
  bytes: number;
  /** Calls that moved exactly one byte. */
  single: number;
  /** fsync and its kin on this file. */
  syncs: number;
  /** Function that made them. */
  where: string;
}

/** Something that happened `count` times at one place. */
export interface Count {
  readonly program: string;
  /** A path, a call, a signal: what it is that was counted. */
  readonly what: string;
  count: number;
  /** Nanoseconds, where that means something. */
  time: number;
  where: string;
}

/** A futex that was waited for. */
export interface Lock {
  readonly program: string;
  readonly address: number;
  /** "the lock queue_lock". */
  readonly name: string;
  waits: number;
  time: number;
  /** Who had it when others came, how often, and in which function. */
  readonly holders: Map<string, { count: number; where: string }>;
  where: string;
}

/** Who may do what, how far: what findings about safety need. */
export interface Posture {
  /** User id of the first program. */
  uid: number;
  /** Capabilities that it had, and those that made a difference. Undefined where that can't be seen. */
  capabilities: readonly string[];
  exercised: readonly string[] | undefined;
  /** Mounts that could be written, and those that something was written on. */
  writableMounts: readonly string[];
  writtenMounts: readonly string[];
  /** Limits without a bound: "memory", "processes", "processor time". */
  unlimited: readonly string[];
  coreLimit: number;
}

/** Limits of the control group, or of the machine. Bytes and nanoseconds; undefined where there is none. */
export interface GroupFacts {
  cpuMax: string | undefined;
  periods: number;
  throttledPeriods: number;
  throttledTime: number;
  /** "memory.max", "--memory": what sets the limit. */
  memoryLimitName: string;
  memoryMax: number | undefined;
  memoryPeak: number;
  swapped: number;
  oomKills: number;
}

/** Calls by the bytes that they moved: index n counts 2^(n-1) < size <= 2^n; index 0 one byte or none. */
export type Sizes = number[];

const MOST_KEYS = 20_000;

export class Facts {
  readonly collector: Collector;
  /** What this collector could not see, in plain sentences. */
  readonly notSeen: string[] = [];
  /** What else is worth knowing about where it ran: namespaces, limits of its group. */
  readonly surroundings: string[] = [];
  // Time, in nanoseconds, as measured where it ran. `idle`: nothing was runnable.
  elapsed = 0;
  user = 0;
  kernelTime = 0;
  idle = 0;
  instructions = 0;
  // Crossings
  readonly calls = new Map<string, CallFacts>();
  faults = 0;
  /** Of these, while programs were being loaded: until their first call beyond opening, reading and mapping. */
  startFaults = 0;
  majorFaults = 0;
  voluntary = 0;
  involuntary = 0;
  forks = 0;
  threads = 0;
  execs = 0;
  /** Signals that were delivered. */
  delivered = 0;
  /** Bytes that reads, writes and sends moved. */
  bytes = 0;
  readonly sizes: Record<Direction, Sizes> = { read: [], write: [], send: [] };
  readonly timeline = new Timeline();
  // Who and where
  readonly programs = new Map<string, Count>();
  readonly streams = new Map<string, Stream>();
  lookups = 0;
  missed = 0;
  /** Names that were not there, by folder. */
  readonly missing = new Map<string, Count>();
  readonly asked = new Map<string, Count>();
  readonly opened = new Map<string, Count>();
  readonly emptyPolls = new Map<string, Count>();
  readonly spins = new Map<string, Count>();
  readonly sleeps = new Map<string, Count>();
  readonly locks = new Map<string, Lock>();
  /** Woken with others, and back to sleep with nothing; `time` counts all who were woken so. */
  readonly herds = new Map<string, Count>();
  readonly signals = new Map<string, Count>();
  readonly clocks = new Map<string, Count>();
  /** Calls that a limit refused: "openat: EMFILE (RLIMIT_NOFILE 64)". */
  readonly refused = new Map<string, Count>();
  readonly mappings = new Map<string, Count>();
  /** Switches by what caused them: a call that waited, or "preempted". */
  readonly switches = new Map<string, Count>();
  /** Files that one process had open most often at a time: `count`; and the limit: `time`. */
  readonly held = new Map<string, Count>();
  highestDescriptor = 0;
  descriptorLimit = 0;
  /** Children that ended and were never waited for, by parent. */
  readonly zombies = new Map<string, Count>();
  /** Programs that a signal ended. */
  readonly crashes = new Map<string, Count>();
  posture: Posture | undefined;
  group: GroupFacts | undefined;
  /** Bytes read from what the run was given on standard input: it can't be given again. */
  input = 0;

  constructor(collector: Collector) {
    this.collector = collector;
  }

  call(name: string): CallFacts {
    let call = this.calls.get(name);
    if (!call) {
      call = { name, calls: 0, errors: 0, blocked: 0, waited: 0, idle: 0, time: 0 };
      this.calls.set(name, call);
    }
    return call;
  }
  get systemCalls(): number {
    let sum = 0;
    for (const call of this.calls.values()) sum += call.calls;
    return sum;
  }
  stream(program: string, direction: Direction, path: string, terminal: boolean): Stream {
    return entry(this.streams, `${program}\0${direction}\0${path}`, () => ({
      program,
      direction,
      path,
      terminal,
      calls: 0,
      bytes: 0,
      single: 0,
      syncs: 0,
      where: "",
    }));
  }
}

/** Counts one more; where it happened is asked at powers of two: looking at a stack takes its time. */
export function count(map: Map<string, Count>, program: string, what: string, where?: () => string): Count {
  const found = entry(map, `${program}\0${what}`, () => ({ program, what, count: 0, time: 0, where: "" }));
  found.count++;
  if (where) notePlace(found, found.count, where);
  return found;
}

/** Keeps the place that was seen last among a few samples. */
export function notePlace(at: { where: string }, n: number, where: () => string): void {
  if (n >= 8 && n <= 4096 && (n & (n - 1)) === 0) at.where = where() || at.where;
}

export function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  let found = map.get(key);
  if (!found) {
    found = make();
    if (map.size < MOST_KEYS) map.set(key, found);
  }
  return found;
}
