// The doctor's findings: each says what was seen and where, why it costs, what to change, and what that would save on
// native Linux by the model. A finding below its threshold stays silent.
import { RLIM_INFINITY } from "../../abi/flags.ts";
import type { Evidence, PathCount, Stream } from "./evidence.ts";
import { callCost, type Estimate, MODEL } from "./model.ts";

export interface Finding {
  id: string;
  title: string;
  /** Program, file, call. */
  place: string;
  evidence: string;
  why: string;
  change: string;
  /** Nanoseconds on native Linux, and their share of the run. */
  saves: number;
  share: number;
}

type Found = Omit<Finding, "share">;
type Rule = (evidence: Evidence, run: Estimate) => Found[];

const BUFFER = 65536;
export const number = (value: number): string => Math.round(value).toLocaleString("en-US");
/** "1 call", "2,000 calls". */
const many = (count: number, noun: string): string => `${number(count)} ${noun}${Math.round(count) === 1 ? "" : "s"}`;
const times = (count: number): string => `${number(count)} times`;

export function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${number(bytes)} bytes`;
  if (bytes < 10_000_000) return `${(bytes / 1000).toFixed(0)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const calls = (evidence: Evidence, ...names: string[]): number =>
  names.reduce((sum, name) => sum + (evidence.calls.get(name)?.calls ?? 0), 0);
const waited = (evidence: Evidence, ...names: string[]): number =>
  names.reduce((sum, name) => sum + (evidence.calls.get(name)?.waited ?? 0), 0);
const idle = (evidence: Evidence, ...names: string[]): number =>
  names.reduce((sum, name) => sum + (evidence.calls.get(name)?.idle ?? 0), 0);
const top = (counts: Iterable<PathCount>, most: number): PathCount[] =>
  [...counts].sort((a, b) => b.count - a.count).slice(0, most);

/** What fewer, larger calls would spare. */
const saved = (stream: Stream, cost: number): number => (stream.calls - Math.ceil(stream.bytes / BUFFER)) * cost;
const small = (stream: Stream): boolean => stream.calls >= 200 && stream.bytes / stream.calls < 2048;

const smallStreams: Rule = ({ streams }) =>
  [...streams.values()]
    .filter((stream) => small(stream) && stream.kind !== "send" && !isTerminal(stream.path))
    .map((stream) => {
      const single = stream.single >= stream.calls * 0.9;
      const verb = stream.kind === "write" ? "wrote" : "read";
      const mean = stream.bytes / stream.calls;
      const direction = stream.kind === "write" ? "to" : "from";
      return {
        id: single ? `single-byte-${stream.kind}s` : `small-${stream.kind}s`,
        title: single ? `one byte at each ${stream.kind}` : `small ${stream.kind}s`,
        place: `${stream.program}, ${stream.path}`,
        evidence: `${stream.program} ${verb} ${bytesText(stream.bytes)} ${direction} ${stream.path} in ${number(stream.calls)} calls: ${mean.toFixed(mean < 10 ? 1 : 0)} bytes each.`,
        why: `A crossing costs about ${callCost(stream.kind)} ns whether it carries one byte or a thousand.`,
        change:
          stream.kind === "write"
            ? `Collect the output and write 64 KiB at a time (setvbuf, a BufferedWriter, not flushing each line): ${many(Math.ceil(stream.bytes / BUFFER), "call")} would do.`
            : `Read 64 KiB at a time and take the bytes from that buffer (fread, a BufferedReader): ${many(Math.ceil(stream.bytes / BUFFER), "call")} would do.`,
        saves: saved(stream, callCost(stream.kind)),
      };
    });

const isTerminal = (path: string): boolean => /^\/dev\/(pts\/|tty|hvc|console)/.test(path);

const smallSends: Rule = ({ streams }) =>
  [...streams.values()]
    .filter((stream) => stream.kind === "send" && stream.calls >= 200 && stream.bytes / stream.calls < 512)
    .map((stream) => ({
      id: "small-sends",
      title: "small sends",
      place: `${stream.program}, ${stream.path}`,
      evidence: `${stream.program} sent ${bytesText(stream.bytes)} in ${number(stream.calls)} calls: ${(stream.bytes / stream.calls).toFixed(0)} bytes each.`,
      why: "Each send goes through the whole network stack, and may become a packet of its own.",
      change: "Put several messages into one send: a buffer, writev or sendmmsg, MSG_MORE, or TCP_CORK.",
      saves: saved(stream, callCost("sendto")),
    }));

const failedLookups: Rule = (evidence) => {
  const { missing, missingCalls, lookupCalls } = evidence;
  if (missingCalls < 100 || missingCalls < lookupCalls * 0.3) return [];
  const worst = top(missing.values(), 3);
  const names = worst.map((each) => `${each.path} ${number(each.count)}`).join(", ");
  return [
    {
      id: "missing-files",
      title: "looking for files that are not there",
      place: worst[0]?.program ?? "",
      evidence: `${number(missingCalls)} of ${number(lookupCalls)} look-ups by name failed with ENOENT (by folder: ${names}${missing.size > 3 ? " …" : ""}).`,
      why: "A failed look-up walks the path like one that succeeds, and a search path multiplies it.",
      change:
        "Shorten the search path (PATH, PYTHONPATH, include and module directories), or remember what was not found.",
      saves: missingCalls * 0.8 * callCost("newfstatat"),
    },
  ];
};

const statStorm: Rule = (evidence) => {
  const count = calls(evidence, "newfstatat", "statx", "faccessat", "faccessat2");
  if (count < 1000) return [];
  return [
    {
      id: "stat-storm",
      title: "asking for the status of many files",
      place: [...evidence.programs].slice(-1)[0] ?? "",
      evidence: `${number(count)} calls asked what a file is (stat, access).`,
      why: "Each walks the path again.",
      change: "Use what readdir says (d_type), fstat on files that are open anyway, or keep the answers.",
      saves: count * 0.5 * callCost("newfstatat"),
    },
  ];
};

const reopened: Rule = ({ opened }) =>
  top(opened.values(), 3)
    .filter((each) => each.count >= 50)
    .map((each) => ({
      id: "reopened-files",
      title: "opening the same file again and again",
      place: `${each.program}, ${each.path}`,
      evidence: `${each.program} opened ${each.path} ${times(each.count)}.`,
      why: "Every open walks the path, checks permissions and makes a new description.",
      change: "Open it once and keep the descriptor; pread and lseek go back to its beginning.",
      saves: (each.count - 1) * (callCost("openat") + callCost("close")),
    }));

const forks: Rule = (evidence, run) => {
  const { execs } = evidence;
  const made = evidence.forks;
  if (made < 20 && execs < 20) return [];
  const cost = made * callCost("clone") + execs * callCost("execve") + made * callCost("exit_group");
  if (cost < run.total * 0.1) return [];
  return [
    {
      id: "fork-exec",
      title: "starting many processes",
      place: [...evidence.programs].slice(0, 4).join(", "),
      evidence: `${number(made)} processes were made and ${number(execs)} programs started.`,
      why: "Starting a program costs some hundred microseconds before its first own instruction: copying, mapping, linking.",
      change:
        "Do the work in one process (shell built-ins, one awk or Python script, xargs with many arguments a call), or keep a worker.",
      saves: cost * 0.9,
    },
  ];
};

const switching: Rule = (evidence, run) => {
  const count = evidence.voluntary + evidence.involuntary;
  const cost = count * MODEL.switch;
  if (count < 1000 || cost < run.total * 0.1) return [];
  const cause = [...evidence.calls.values()].sort((a, b) => b.blocked - a.blocked)[0];
  return [
    {
      id: "context-switches",
      title: "a storm of context switches",
      place: cause?.name ?? "",
      evidence: `${number(count)} switches, ${number(evidence.voluntary)} of them because a task had to wait, most often in ${cause?.name ?? "no call"}.`,
      why: "Each switch costs microseconds, and what the processor had in its caches.",
      change:
        "Hand over more at a time: larger messages, larger pipe buffers, batches, fewer threads that wait for each other.",
      saves: cost * 0.8,
    },
  ];
};

const sleeping: Rule = (evidence, run) => {
  const count = calls(evidence, "clock_nanosleep", "nanosleep");
  const time = idle(evidence, "clock_nanosleep", "nanosleep");
  if (time < run.total * 0.1 || time < 1e6) return [];
  return [
    {
      id: count >= 5 ? "sleeping-in-a-loop" : "sleeping",
      title: count >= 5 ? "sleeping in a loop" : "sleeping",
      place: "clock_nanosleep",
      evidence: `${many(count, "sleep")}, together ${milliseconds(time)} in which nothing else ran.`,
      why: "The time passes whatever happens meanwhile.",
      change: "Wait for the event itself: poll or epoll, inotify, waitpid, a condition variable.",
      saves: time,
    },
  ];
};

const polling: Rule = ({ emptyPolls }) =>
  emptyPolls < 50
    ? []
    : [
        {
          id: "polling",
          title: "polling with a tiny time-out",
          place: "poll, select, epoll_wait",
          evidence: `${number(emptyPolls)} polls with a time-out of at most 5 ms found nothing.`,
          why: "Each look costs a crossing and keeps the processor from sleeping.",
          change:
            "Wait without a time-out, or until the next thing that is due; an eventfd or a pipe can wake the loop.",
          saves: emptyPolls * callCost("ppoll"),
        },
      ];

const spinning: Rule = ({ again }) =>
  [...again]
    .filter(([name, count]) => count >= 200 && name !== "futex")
    .map(([name, count]) => ({
      id: "eagain",
      title: "trying again and again what can't be done yet",
      place: name,
      evidence: `${name} said EAGAIN ${times(count)}.`,
      why: "A non-blocking descriptor that is not ready is asked in a loop.",
      change: "Ask poll or epoll when it is ready, and only then.",
      saves: count * callCost(name),
    }));

const locks: Rule = (evidence, run) => {
  const account = evidence.calls.get("futex");
  if (!account || account.blocked < 100) return [];
  const cost = account.calls * callCost("futex") + account.blocked * MODEL.switch;
  if (cost < run.total * 0.05) return [];
  return [
    {
      id: "lock-contention",
      title: "threads that wait for each other's locks",
      place: "futex",
      evidence: `${number(account.calls)} futex calls, ${number(account.blocked)} of which had to wait, ${milliseconds(waited(evidence, "futex"))} in all.`,
      why: "A lock that is free is taken in user space; only a contended one crosses the gate.",
      change: "Hold locks for less, split them, or give each thread its own part of the data.",
      saves: cost * 0.7,
    },
  ];
};

const memory: Rule = (evidence, run) => {
  const found: Found[] = [];
  const churn = calls(evidence, "mmap", "munmap", "brk", "madvise", "mremap");
  const cost =
    calls(evidence, "mmap") * 1200 + calls(evidence, "munmap") * 2000 + calls(evidence, "brk", "madvise") * 800;
  if (churn >= 500 && cost > run.total * 0.05) {
    found.push({
      id: "memory-churn",
      title: "asking for memory and giving it back",
      place: "mmap, munmap, brk",
      evidence: `${number(churn)} calls changed the address space.`,
      why: "Each changes page tables, and fresh pages are cleared and faulted in again.",
      change: "Keep and reuse buffers; raise the allocator's thresholds (M_MMAP_THRESHOLD, M_TRIM_THRESHOLD).",
      saves: cost * 0.8,
    });
  }
  const faults = evidence.faults * MODEL.pageFault;
  if (evidence.faults >= 1000 && faults > run.total * 0.25) {
    found.push({
      id: "page-faults",
      title: "page faults",
      place: [...evidence.programs].slice(-1)[0] ?? "",
      evidence: `${number(evidence.faults)} pages were touched for the first time: ${bytesText(evidence.faults * 4096)}.`,
      why: "Every first touch of a page goes through the kernel, which finds, clears or copies it.",
      change:
        "Touch less memory: smaller programs and libraries at start-up, reuse of buffers, huge pages or MAP_POPULATE for what is needed whole.",
      saves: faults * 0.5,
    });
  }
  return found;
};

const syncing: Rule = (evidence) => {
  const count = calls(evidence, "fsync", "fdatasync");
  if (count < 10) return [];
  return [
    {
      id: "fsync",
      title: "waiting for the disk at each step",
      place: [...evidence.streams.values()].find((stream) => stream.syncs > 0)?.path ?? "",
      evidence: `${number(count)} fsyncs.`,
      why: "Each waits until the disk says that the bytes are there: about a millisecond on a good one.",
      change: "Sync once for many changes: a transaction, a batch, group commit.",
      saves: (count - 1) * callCost("fsync"),
    },
  ];
};

const clocks: Rule = (evidence) => {
  const count = calls(evidence, "clock_gettime", "gettimeofday");
  if (count < 1000) return [];
  return [
    {
      id: "clock-calls",
      title: "asking the kernel for the time",
      place: "clock_gettime",
      evidence: `${number(count)} calls that crossed the gate for the time.`,
      why: "The vDSO answers most clocks without a crossing; CPU-time clocks and raw system calls don't go through it.",
      change: "Use clock_gettime with CLOCK_MONOTONIC or CLOCK_REALTIME through the C library.",
      saves: count * MODEL.call,
    },
  ];
};

const descriptors: Rule = ({ highestDescriptor, descriptorLimit }) =>
  descriptorLimit > 0 && descriptorLimit < Number(RLIM_INFINITY) && highestDescriptor >= descriptorLimit * 0.8
    ? [
        {
          id: "descriptor-leak",
          title: "running out of descriptors",
          place: "openat",
          evidence: `Descriptor ${number(highestDescriptor)} was given out; the limit is ${number(descriptorLimit)}.`,
          why: "At the limit every open fails with EMFILE.",
          change: "Close what is no longer needed, or raise the limit (ulimit -n) if that many are really meant.",
          saves: 0,
        },
      ]
    : [];

const signalling: Rule = ({ signals }) =>
  signals < 1000
    ? []
    : [
        {
          id: "signal-storm",
          title: "a storm of signals",
          place: "",
          evidence: `${number(signals)} signals were delivered.`,
          why: "Each one builds a frame, runs a handler and crosses the gate again to return.",
          change: "Use a descriptor instead (signalfd, timerfd, eventfd), or a slower timer.",
          saves: signals * 1500,
        },
      ];

const rules: readonly Rule[] = [
  smallStreams,
  smallSends,
  failedLookups,
  statStorm,
  reopened,
  forks,
  switching,
  sleeping,
  polling,
  spinning,
  locks,
  memory,
  syncing,
  clocks,
  descriptors,
  signalling,
];

export const milliseconds = (nanoseconds: number): string =>
  nanoseconds < 1e6
    ? `${(nanoseconds / 1e3).toFixed(0)} µs`
    : nanoseconds < 1e9
      ? `${(nanoseconds / 1e6).toFixed(nanoseconds < 1e7 ? 1 : 0)} ms`
      : `${(nanoseconds / 1e9).toFixed(2)} s`;

/** Most costly first; what would save less than a hundredth of the run is left out. */
export function findings(evidence: Evidence, run: Estimate): Finding[] {
  return rules
    .flatMap((rule) => rule(evidence, run))
    .map((found) => ({ ...found, share: run.total === 0 ? 0 : Math.min(1, found.saves / run.total) }))
    .filter((found) => found.share >= 0.01 || found.saves === 0)
    .sort((a, b) => b.saves - a.saves);
}
