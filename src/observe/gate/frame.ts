// What somebody who watches the gate is told, a frame at a time. Plain data: it crosses from a worker to a page.

export interface ProcessFrame {
  pid: number;
  ppid: number;
  name: string;
  /** As /proc/PID/stat shows it. */
  state: string;
  threads: number;
  uid: number;
  /** Nanoseconds within the frame. */
  user: number;
  kernel: number;
  /** System calls within the frame. */
  calls: number;
  /** Bytes. */
  resident: number;
  /** What it waits for: a system call's name, "page"; "" when it does not. */
  waitsIn: string;
  /** It ended within the frame, with this wait status; -1 while it lives. */
  status: number;
}

/** One kind of system call within the frame. */
export interface CallFrame {
  name: string;
  calls: number;
  errors: number;
  bytes: number;
  /** Bytes of the largest. */
  largest: number;
  /** Nanoseconds that a call took on average, waiting included, by those that were timed; -1 when none was. */
  latency: number;
}

export interface GateFrame {
  /** Nanoseconds since the machine's start, and how long the frame is. */
  time: number;
  length: number;
  /** Nanoseconds within the frame. */
  user: number;
  kernel: number;
  faults: number;
  switches: number;
  processes: ProcessFrame[];
  calls: CallFrame[];
  /** Who had the processor: thread id, process id, from, to (nanoseconds since the machine's start), four numbers each. */
  timeline: Float64Array<ArrayBuffer>;
  /** Turns that the timeline has no room for. */
  untold: number;
  /** Bytes of RAM. */
  memory: { total: number; free: number };
}
