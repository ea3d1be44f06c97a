// The last minute of the gate: what its frames add up to over the spans that the views show.
import type { CallFrame, GateFrame, ProcessFrame } from "../../../../src/observe/gate/frame.ts";

/** Frames kept: a minute. */
const FRAMES = 600;
/** Nanoseconds that a process's band covers, and that rates are taken over. */
const BAND = 5e9;
const RATE = 2e9;
/** Nanoseconds that a process which is gone stays in view. */
const LINGER = 3e9;
/** How many of them. */
const GONE = 5;

export interface Share {
  user: number;
  kernel: number;
  /** Nanoseconds that the span lasts. */
  length: number;
}

export interface ProcessView {
  pid: number;
  ppid: number;
  depth: number;
  name: string;
  state: string;
  waitsIn: string;
  threads: number;
  resident: number;
  /** Wait status once it is gone, else -1. */
  status: number;
  share: Share;
  /** System calls a second. */
  rate: number;
}

export interface CallView {
  name: string;
  /** Each a second. */
  rate: number;
  bytes: number;
  errors: number;
  latency: number;
}

export class History {
  readonly frames: GateFrame[] = [];
  get latest(): GateFrame | undefined {
    return this.frames.at(-1);
  }

  add(frame: GateFrame): void {
    this.frames.push(frame);
    if (this.frames.length > FRAMES) this.frames.shift();
  }

  /** Frames of the last so many nanoseconds. */
  last(span: number): readonly GateFrame[] {
    const end = this.latest?.time ?? 0;
    let from = this.frames.length;
    while (from > 0 && this.frames[from - 1]!.time > end - span) from--;
    return this.frames.slice(from);
  }

  share(span: number): Share {
    const sum = { user: 0, kernel: 0, length: 0 };
    for (const { user, kernel, length } of this.last(span)) {
      sum.user += user;
      sum.kernel += kernel;
      sum.length += length;
    }
    return sum;
  }

  /** Processes as a tree, children after their parents; then some of those that ended lately, the last first. */
  processes(): ProcessView[] {
    const seen = new Map<number, { last: ProcessFrame; at: number; share: Share; calls: number; span: number }>();
    const end = this.latest?.time ?? 0;
    for (const frame of this.last(BAND)) {
      for (const process of frame.processes) {
        let entry = seen.get(process.pid);
        if (!entry) {
          entry = { last: process, at: frame.time, share: { user: 0, kernel: 0, length: 0 }, calls: 0, span: 0 };
          seen.set(process.pid, entry);
        }
        entry.last = process;
        entry.at = frame.time;
        entry.share.user += process.user;
        entry.share.kernel += process.kernel;
        entry.share.length += frame.length;
        if (frame.time > end - RATE) {
          entry.calls += process.calls;
          entry.span += frame.length;
        }
      }
    }
    const shown = [...seen.values()].filter(({ last, at }) => at === end && last.status < 0);
    const gone = [...seen.values()].filter(({ last, at }) => last.status >= 0 && at > end - LINGER);
    const byPid = new Map(shown.map((entry) => [entry.last.pid, entry]));
    const views: ProcessView[] = [];
    const visit = (entry: (typeof shown)[number], depth: number): void => {
      const { pid, ppid, name, state, waitsIn, threads, resident, status } = entry.last;
      const rate = entry.span > 0 ? entry.calls / (entry.span / 1e9) : 0;
      views.push({ pid, ppid, depth, name, state, waitsIn, threads, resident, status, share: entry.share, rate });
      for (const child of shown) if (child.last.ppid === pid && child !== entry) visit(child, depth + 1);
    };
    shown.sort((a, b) => a.last.pid - b.last.pid);
    for (const entry of shown) if (!byPid.has(entry.last.ppid)) visit(entry, 0);
    gone.sort((a, b) => b.at - a.at || b.last.pid - a.last.pid);
    for (const entry of gone.slice(0, GONE)) visit(entry, 0);
    return views;
  }

  /** System calls by rate, most first. */
  calls(): CallView[] {
    const sums = new Map<string, CallFrame & { timed: number }>();
    let span = 0;
    for (const frame of this.last(RATE)) {
      span += frame.length;
      for (const call of frame.calls) {
        let sum = sums.get(call.name);
        if (!sum) {
          sum = { name: call.name, calls: 0, errors: 0, bytes: 0, largest: 0, latency: 0, timed: 0 };
          sums.set(call.name, sum);
        }
        sum.calls += call.calls;
        sum.errors += call.errors;
        sum.bytes += call.bytes;
        if (call.latency >= 0) {
          sum.latency += call.latency * call.calls;
          sum.timed += call.calls;
        }
      }
    }
    const seconds = span / 1e9 || 1;
    return [...sums.values()]
      .map(({ name, calls, errors, bytes, latency, timed }) => ({
        name,
        rate: calls / seconds,
        bytes: bytes / seconds,
        errors: errors / seconds,
        latency: timed > 0 ? latency / timed : -1,
      }))
      .sort((a, b) => b.rate - a.rate);
  }
}
