// Findings about processes and memory: starting, ending, faulting, mapping, signals, limits.

import type { Count } from "../facts.ts";
import { throttledTime } from "../model.ts";
import { bytesText, listed, many, milliseconds, number, percent, times } from "../text.ts";
import { calls, type Found, foremost, type Rule, sum, top } from "./finding.ts";

const forks: Rule = ({ facts, model, run }) => {
  const { execs, forks: made } = facts;
  if (made < 20 && execs < 20) return [];
  const spent = made * (model.fork + model.exit) + execs * model.exec;
  if (spent < run.total * 0.1) return [];
  const most = top(facts.programs.values(), 4).map((each) => `${each.program} ${number(each.count)}`);
  return [
    {
      id: "fork-exec",
      title: "starting many processes",
      program: foremost(facts.programs.values())?.program ?? "",
      evidence: `${number(made)} processes were made and ${number(execs)} programs started (${most.join(", ")}).`,
      why: `A program costs ${milliseconds(model.fork + model.exec + model.exit)} before its first own instruction and after its last: copying, mapping, linking.`,
      change:
        "Do the work in one process (shell built-ins, one awk or Python script, xargs with many arguments a call), or keep a worker.",
      saves: spent * 0.9,
    },
  ];
};

const faults: Rule = ({ facts, model, run }) => {
  const spent = facts.faults * model.pageFault;
  const program = foremost(facts.programs.values())?.program ?? "";
  if (facts.faults < 100 || spent < run.total * 0.2) return [];
  const starting = facts.startFaults;
  if (starting >= facts.faults * 0.6 && starting * model.pageFault >= run.total * 0.2) {
    return [
      {
        id: "fault-bound-start",
        title: "a start-up bound by page faults",
        program,
        evidence: `${number(starting)} of ${many(facts.faults, "page fault")} came while programs were being loaded: ${percent((starting * model.pageFault) / run.total)} of the run.`,
        why: "Every page of a program, its libraries and its modules that is touched first goes through the kernel.",
        change:
          "Load less: fewer and smaller libraries and modules, static or prelinked programs, imports when they are needed, a process that stays.",
        saves: starting * model.pageFault * 0.5,
      },
    ];
  }
  if (facts.faults < 1000) return [];
  return [
    {
      id: "page-faults",
      title: "page faults",
      program,
      evidence: `${number(facts.faults)} pages were touched for the first time: ${bytesText(facts.faults * 4096)}.`,
      why: "Every first touch of a page goes through the kernel, which finds, clears or copies it.",
      change: "Touch less memory: reuse buffers, use huge pages, or MAP_POPULATE for what is needed whole.",
      saves: spent * 0.5,
    },
  ];
};

const churn: Rule = (subject) => {
  const { facts, model, cost, run } = subject;
  const maps = calls(subject, "mmap", "munmap", "mremap");
  const breaks = calls(subject, "brk");
  const after = sum(facts.mappings.values());
  const spent =
    calls(subject, "mmap") * cost("mmap") +
    calls(subject, "munmap") * (cost("munmap") + model.pageFault) +
    breaks * cost("brk");
  if (after < 500 || spent < run.total * 0.05) return [];
  const most = foremost(facts.mappings.values())!;
  const brk = breaks > maps;
  return [
    {
      id: brk ? "brk-churn" : "mmap-churn",
      title: brk ? "the heap's end moves to and fro" : "mapping memory and giving it back",
      program: most.program,
      function: most.where,
      path: most.what,
      evidence: `${many(after, "call")} changed the address space after start-up (mmap, munmap and mremap ${number(maps)}, brk ${number(breaks)}).`,
      why: "Each changes page tables, and fresh pages are cleared and faulted in again.",
      change: "Keep and reuse buffers; raise the allocator's thresholds (M_MMAP_THRESHOLD, M_TRIM_THRESHOLD).",
      saves: spent * 0.8,
    },
  ];
};

const signalling: Rule = ({ facts, model }) =>
  top(facts.signals.values())
    .filter((each) => each.count >= 1000)
    .map(
      (each: Count): Found => ({
        id: "signal-storm",
        title: "a storm of signals",
        program: each.program,
        path: each.what,
        evidence: `${each.program} was sent ${each.what} ${times(each.count)}${each.where === "" ? "" : `, ${each.where}`}.`,
        why: "Each one builds a frame, runs a handler and crosses the gate again to return.",
        change: "Use a descriptor instead (signalfd, timerfd, eventfd), or a slower timer.",
        saves: each.count * model.signal,
      }),
    );

const limits: Rule = ({ facts }) =>
  top(facts.refused.values()).map(
    (each: Count): Found => ({
      id: "limit-reached",
      kind: "risk",
      title: "a limit was reached",
      program: each.program,
      function: each.where,
      path: each.what,
      evidence: `${each.program}: ${each.what}, ${times(each.count)}.`,
      why: "What the limit refuses fails; many programs don't expect that, and end, or lose work.",
      change: "Use less of it (close, free, wait for children), or raise the limit if that much is really meant.",
      trial: { kind: "unlimited" },
    }),
  );

const descriptors: Rule = ({ facts }) => {
  const { highestDescriptor: highest, descriptorLimit: limit } = facts;
  const most = foremost(facts.held.values());
  const same = most !== undefined && most.count >= 64;
  const near = limit > 0 && Number.isFinite(limit) && highest >= limit * 0.8;
  if (!same && !near) return [];
  const bound = Number.isFinite(limit) && limit > 0 ? ` The limit is ${number(limit)}.` : "";
  return [
    {
      id: "descriptor-leak",
      kind: "risk",
      title: "descriptors that are not closed",
      program: most?.program ?? "",
      path: most?.what ?? "",
      evidence: `${same ? `${most.program} had ${most.what} open ${times(most.count)} at once.` : `Descriptor ${number(highest)} was given out.`}${bound}`,
      why: "At the limit every open, socket and accept fails with EMFILE.",
      change:
        "Close what is no longer needed (with, defer, RAII), or raise the limit (ulimit -n) if that many are meant.",
    },
  ];
};

const zombies: Rule = ({ facts }) =>
  top(facts.zombies.values())
    .filter((each) => each.count >= 10)
    .map(
      (each: Count): Found => ({
        id: "zombies",
        kind: "risk",
        title: "children that are not waited for",
        program: each.program,
        evidence: `${each.program} left ${many(each.count, "child")} that had ended without waiting for them.`.replace(
          "childs",
          "children",
        ),
        why: "A zombie keeps its process id; when these run out (RLIMIT_NPROC, pids.max) nothing can be started any more.",
        change: "Wait for each child (waitpid, a SIGCHLD handler, pidfd), or ignore SIGCHLD so that the kernel does.",
      }),
    );

const group: Rule = ({ facts, run }) => {
  const stood = throttledTime(facts, run);
  const { group: limitsOf } = facts;
  if (!limitsOf) return [];
  const found: Found[] = [];
  const { throttledTime: here, throttledPeriods, periods, cpuMax, memoryMax, memoryPeak, memoryLimitName } = limitsOf;
  if (throttledPeriods > 0 && stood > run.total * 0.05) {
    found.push({
      id: "cpu-throttled",
      title: "throttled by cpu.max",
      evidence: `In ${number(throttledPeriods)} of ${many(periods, "period")} the group had used up its share${cpuMax === undefined ? "" : ` (cpu.max ${cpuMax})`} and stood still, ${milliseconds(here)} in all.`,
      why: "Behind the quota nothing of the group runs until the next period: latency in steps of 100 ms.",
      change: "Raise the quota, or use fewer threads than it pays for.",
      saves: stood,
    });
  }
  if (limitsOf.oomKills > 0) {
    found.push({
      id: "oom-killed",
      kind: "risk",
      title: "killed for want of memory",
      evidence: `${many(limitsOf.oomKills, "process")} killed when ${memoryLimitName} was used up.`.replace(
        "processs",
        "processes",
      ),
      why: "Where no memory is to be had the kernel ends what took it.",
      change: "Use less at a time, or raise the limit.",
    });
  } else if (memoryMax !== undefined && memoryPeak >= memoryMax * 0.9) {
    found.push({
      id: "near-memory-max",
      kind: "risk",
      title: "close to the memory limit",
      evidence: `At its peak ${bytesText(memoryPeak)} of ${bytesText(memoryMax)} were in use: ${percent(memoryPeak / memoryMax)} of ${memoryLimitName}.`,
      why: "A little more, and the kernel has to take pages back, or to kill.",
      change: "Use less at a time, or raise the limit.",
    });
  }
  if (limitsOf.swapped > 0) {
    found.push({
      id: "swapping",
      title: "swapping",
      evidence: `${bytesText(limitsOf.swapped)} went to swap or came from there.`,
      why: "A page from swap takes a disk's time instead of memory's: a thousand times as long.",
      change: "Use less memory at a time, or give more.",
      saves: (limitsOf.swapped / 4096) * 100_000,
    });
  }
  return found;
};

const crashes: Rule = ({ facts }) => {
  const dumped = ["SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS"];
  return [...facts.crashes.values()]
    .filter(({ what }) => dumped.includes(what))
    .slice(0, 2)
    .map(
      (each): Found => ({
        id: "crash",
        kind: "risk",
        title: "a program crashed",
        program: each.program,
        path: each.what,
        evidence: `${each.program} was ended by ${each.what}${each.count > 1 ? ` ${times(each.count)}` : ""}${each.where ? ` in ${each.where}` : ""}.`,
        why: "An access, an instruction or an assertion that was not right ended it.",
        change:
          facts.posture?.coreLimit === 0
            ? "Core dumps are off: with ulimit -c unlimited the core file shows where."
            : "The core file shows where: gdb PROGRAM core.",
      }),
    );
};

export const taskRules: readonly Rule[] = [
  forks,
  faults,
  churn,
  signalling,
  limits,
  descriptors,
  zombies,
  group,
  crashes,
];

const posture: Rule = ({ facts }) => {
  const { posture: is } = facts;
  if (!is) return [];
  const found: Found[] = [];
  const { exercised } = is;
  if (is.uid === 0 && exercised !== undefined && exercised.length === 0) {
    found.push({
      id: "needless-root",
      kind: "posture",
      title: "running as root without need",
      evidence: "It ran as user 0, and nothing that it did took a capability.",
      why: "A mistake in it can do everything.",
      change: "Run it as a user of its own (--user, USER, User=).",
    });
  } else if (exercised !== undefined && is.capabilities.length > exercised.length) {
    const unused = is.capabilities.length - exercised.length;
    found.push({
      id: "unused-capabilities",
      kind: "posture",
      title: "capabilities that were not used",
      evidence: `It had ${is.capabilities.length} capabilities and used ${exercised.length === 0 ? "none" : listed(exercised)}; ${unused} made no difference.`,
      why: "A mistake in it can use them all.",
      change: `Leave it those alone (--cap-drop ALL${exercised.map((name) => ` --cap-add ${name.slice(4)}`).join("")}).`,
    });
  }
  const unwritten = is.writableMounts.filter((mount) => !is.writtenMounts.includes(mount));
  if (unwritten.length > 0) {
    found.push({
      id: "writable-mounts",
      kind: "posture",
      title: "mounts that could be written and were not",
      path: unwritten[0]!,
      evidence: `Nothing was written on ${listed(unwritten)}.`,
      why: "What can't be written can't be damaged.",
      change: "Mount read-only what is only read (--read-only, -v …:ro).",
    });
  }
  if (is.unlimited.length > 0) {
    found.push({
      id: "unlimited",
      kind: "posture",
      title: "limits left unlimited",
      evidence: `No bound on ${listed(is.unlimited)}.`,
      why: "A mistake in it can take the whole machine.",
      change: "Set what it may use: ulimit, --ulimit, memory.max, cpu.max.",
    });
  }
  if (is.coreLimit === 0) {
    found.push({
      id: "no-core-dumps",
      kind: "posture",
      title: "core dumps are off",
      evidence: "RLIMIT_CORE is 0.",
      why: "After a crash there is nothing to look at.",
      change: "ulimit -c unlimited, and a core_pattern that keeps them in a place of their own.",
    });
  }
  return found;
};

export const postureRules: readonly Rule[] = [posture];
