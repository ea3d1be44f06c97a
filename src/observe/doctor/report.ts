// The doctor's answer as data: the verdict, the shares with their evidence, the findings. Text, HTML and comparisons are
// made of it and know nothing else; --json is it.
import type { Collector, Facts, GroupFacts, Posture, Sizes } from "./facts.ts";
import { type Finding, findingsOf } from "./findings/index.ts";
import { callCost, type Estimate, type Model, measured, native, throttledTime } from "./model.ts";
import type { Bucket } from "./timeline.ts";
import type { Trial } from "./trial.ts";

export type Verdict = "user space" | "kernel space" | "waiting" | "balanced";

export interface WaitingOn {
  /** For people: "sleeping", "locks and other threads". */
  what: string;
  call: string;
  nanoseconds: number;
  /** Of all waiting. */
  share: number;
}

export interface CallLine {
  name: string;
  calls: number;
  errors: number;
  /** Nanoseconds in the kernel, where it was watched and by the model; and waiting. */
  measured: number;
  native: number;
  waited: number;
}

export interface Report {
  command: readonly string[];
  collector: Collector;
  verdict: Verdict;
  /** On native Linux, by the model. */
  shares: Estimate["shares"];
  waitingOn: WaitingOn[];
  findings: Finding[];
  native: Estimate;
  /** Nanoseconds from its start to its end, where it was watched. */
  elapsed: number;
  /** As it was where it was watched. */
  measured: Estimate;
  model: Model;
  exitCode: number | undefined;
  instructions: number;
  systemCalls: number;
  pageFaults: number;
  switches: { voluntary: number; involuntary: number };
  processes: number;
  threads: number;
  signals: number;
  bytes: number;
  calls: CallLine[];
  /** Calls by bytes moved: index n counts those of 2^(n-1) + 1 to 2^n bytes. */
  sizes: Readonly<Record<"read" | "write" | "send", Sizes>>;
  /** Nanoseconds by kind in buckets of `width`, on native Linux by the model. */
  timeline: { width: number; buckets: readonly Bucket[] };
  posture: Posture | undefined;
  group: GroupFacts | undefined;
  surroundings: readonly string[];
  /** What the collector could not see. */
  notSeen: readonly string[];
  /** Why nothing was tried although something could have been. */
  notTried: string | undefined;
}

const meanings: Readonly<Record<string, string>> = {
  clock_nanosleep: "sleeping",
  nanosleep: "sleeping",
  wait4: "child processes",
  waitid: "child processes",
  futex: "locks and other threads",
  read: "input",
  readv: "input",
  ppoll: "events",
  poll: "events",
  pselect6: "events",
  select: "events",
  epoll_pwait: "events",
  epoll_wait: "events",
  recvfrom: "the network",
  recvmsg: "the network",
  accept4: "the network",
  accept: "the network",
  connect: "the network",
  sendto: "the network",
  write: "the reader of its output",
  openat: "the other end of a FIFO",
  flock: "file locks",
  fcntl: "file locks",
  rt_sigsuspend: "signals",
  pause: "signals",
  rt_sigtimedwait: "signals",
  semop: "semaphores",
  semtimedop: "semaphores",
  msgrcv: "messages",
  mq_timedreceive: "messages",
  fsync: "the disk",
  fdatasync: "the disk",
  sync: "the disk",
  sync_file_range: "the disk",
  msync: "the disk",
};

export interface Answer {
  readonly report: Report;
  /** Changes that can be tried. */
  readonly trials: ReadonlyMap<Finding, Trial>;
}

/** The answer about a run. `exitCode`: undefined where it goes on. */
export function answerOf(facts: Facts, command: readonly string[], model: Model, exitCode?: number): Answer {
  const run = native(facts, model);
  const { findings, trials } = findingsOf(facts, model, run);
  const calls = [...facts.calls.values()].filter((call) => call.calls > 0);
  return {
    trials,
    report: {
      command,
      collector: facts.collector,
      verdict: verdictOf(run),
      shares: run.shares,
      waitingOn: waitingOn(facts, model, run),
      findings,
      native: run,
      elapsed: facts.elapsed,
      measured: measured(facts),
      model,
      exitCode,
      instructions: facts.instructions,
      systemCalls: calls.reduce((sum, call) => sum + call.calls, 0),
      pageFaults: facts.faults,
      switches: { voluntary: facts.voluntary, involuntary: facts.involuntary },
      processes: facts.forks + 1,
      threads: facts.threads,
      signals: facts.delivered,
      bytes: facts.bytes,
      calls: calls
        .map(({ name, calls: n, errors, time, waited }): CallLine => {
          return { name, calls: n, errors, measured: time, native: nativeCost(facts, model, name, n), waited };
        })
        .sort((a, b) => b.native - a.native),
      sizes: facts.sizes,
      timeline: { width: facts.timeline.width, buckets: facts.timeline.buckets },
      posture: facts.posture,
      group: facts.group,
      surroundings: facts.surroundings,
      notSeen: facts.notSeen,
      notTried: undefined,
    },
  };
}

/** Calls that make tasks and programs by what that costs, the others by their own price. */
function nativeCost(facts: Facts, model: Model, name: string, calls: number): number {
  switch (name) {
    case "clone":
    case "clone3":
    case "fork":
    case "vfork": {
      const made = ["clone", "clone3", "fork", "vfork"].reduce(
        (sum, each) => sum + (facts.calls.get(each)?.calls ?? 0),
        0,
      );
      return (calls / made) * (facts.forks * model.fork + facts.threads * model.thread);
    }
    case "execve":
      return facts.execs * model.exec;
    case "exit_group":
      return calls * model.exit;
    default:
      return calls * callCost(model, name);
  }
}

function waitingOn(facts: Facts, model: Model, run: Estimate): WaitingOn[] {
  const all: WaitingOn[] = [];
  for (const { name, idle, calls } of facts.calls.values()) {
    const nanoseconds = idle + (facts.collector === "airside" ? calls * (model.waits[name] ?? 0) : 0);
    if (nanoseconds > 0 && run.waiting > 0)
      all.push({
        what: meanings[name] ?? name,
        call: name,
        nanoseconds,
        share: Math.min(1, nanoseconds / run.waiting),
      });
  }
  const throttled = throttledTime(facts, run);
  if (throttled > 0 && run.waiting > 0) {
    const share = Math.min(1, throttled / run.waiting);
    all.push({ what: "its share of the processor", call: "cpu.max", nanoseconds: throttled, share });
  }
  return all.sort((a, b) => b.nanoseconds - a.nanoseconds);
}

/** Waiting from half of the time on; else the side that has three fifths of what was done. */
export function verdictOf({ user, kernel, shares }: Estimate): Verdict {
  if (shares.waiting >= 0.5) return "waiting";
  const busy = user + kernel;
  if (user >= busy * 0.6) return "user space";
  return kernel >= busy * 0.6 ? "kernel space" : "balanced";
}

/** The whole report for tools. */
export const reportJson = (report: Report): string => `${JSON.stringify(report, undefined, 2)}\n`;
