// Findings about waiting, and about not waiting where one should: sleeps, polls, locks, herds, switches.
import type { Count, Lock } from "../facts.ts";
import { capital, many, milliseconds, number, percent, times } from "../text.ts";
import { calls, type Found, foremost, idle, type Rule, sum, top } from "./finding.ts";

const sleeping: Rule = (subject) => {
  const { facts, run } = subject;
  const time = idle(subject, "clock_nanosleep", "nanosleep");
  const count = calls(subject, "clock_nanosleep", "nanosleep");
  const most = foremost(facts.sleeps.values());
  if (!most || most.count < 5 || time < run.total * 0.1 || time < 1e6) return [];
  return [
    {
      id: "sleeping-in-a-loop",
      title: "sleeping in a loop",
      program: most.program,
      function: most.where,
      evidence: `${many(count, "sleep")}, ${milliseconds(time / count)} each, in which nothing ran: ${percent(time / run.total)} of the run.`,
      why: "What is slept away nobody can use, and what it waits for is noticed late: half an interval on average.",
      change: "Wait for the thing itself: poll, inotify, a futex, a condition variable, a child's end.",
      saves: time,
      trial: { kind: "unslept", program: most.program },
    },
  ];
};

const polling: Rule = ({ facts, cost }) =>
  top(facts.emptyPolls.values())
    .filter((each) => each.count >= 50)
    .map(
      (each: Count): Found => ({
        id: "tiny-timeouts",
        title: "polling with a tiny time-out",
        program: each.program,
        function: each.where,
        path: each.what,
        evidence: `${each.program} called ${each.what} ${times(each.count)} with a time-out of ${each.time < each.count * 1000 ? "nothing" : milliseconds(each.time / each.count)}, and nothing was there.`,
        why: "Each look costs a crossing and keeps the processor from sleeping.",
        change: "Wait without a time-out, or until the next thing that is due; an eventfd or a pipe can wake the loop.",
        saves: each.count * cost(each.what),
      }),
    );

const spinning: Rule = ({ facts, cost }) =>
  top(facts.spins.values())
    .filter((each) => each.count >= 100)
    .map((each: Count): Found => {
      const [call = "", path = ""] = each.what.split(" of ");
      return {
        id: "eagain-spinning",
        title: "trying again and again what can't be done yet",
        program: each.program,
        function: each.where,
        path,
        evidence: `${each.program}: ${call} of ${path} said EAGAIN ${times(each.count)}, and was asked again at once.`,
        why: "A non-blocking descriptor that is not ready is asked in a loop: the processor is busy with nothing.",
        change: "Ask poll or epoll when it is ready, and only then.",
        saves: each.count * cost(call),
        trial: { kind: "blocking", program: each.program, path },
      };
    });

const locks: Rule = ({ facts, cost, model, run }) =>
  [...facts.locks.values()]
    .filter((lock) => lock.waits >= 100)
    .sort((a, b) => b.time - a.time)
    .slice(0, 3)
    .flatMap((lock: Lock): Found[] => {
      const spent = lock.waits * (2 * cost("futex") + model.switch);
      if (spent < run.total * 0.02) return [];
      const holders = [...lock.holders].sort((a, b) => b[1].count - a[1].count).slice(0, 3);
      const held = holders
        .map(([name, { count, where }]) => `${name}${where === "" ? "" : ` in ${where}()`} (${times(count)})`)
        .join(", ");
      return [
        {
          id: "lock-contention",
          title: "threads that wait for each other's lock",
          program: lock.program,
          function: lock.where,
          path: lock.name,
          evidence: `${capital(lock.name)} was waited for ${times(lock.waits)}, ${milliseconds(lock.time)} in all${held === "" ? "" : `; meanwhile it was held by ${held}`}.`,
          why: "A lock that is free is taken in user space; a contended one costs two crossings and a switch.",
          change: "Hold the lock for less, split it, or give each thread its own part of the data.",
          saves: spent * 0.8,
        },
      ];
    });

const herd: Rule = ({ facts, model, cost }) =>
  top(facts.herds.values())
    .filter((each) => each.count >= 50 && each.count >= each.time * 0.3)
    .map(
      (each: Count): Found => ({
        id: "thundering-herd",
        title: "a thundering herd",
        program: each.program,
        path: each.what,
        evidence: `${number(each.time)} times a task was woken together with others from ${each.what}, and ${times(each.count)} it found nothing to do.`,
        why: "One event wakes all who wait for it; one gets it, the others go back to sleep: a switch and two crossings each.",
        change:
          each.what === "futex"
            ? "Wake one (pthread_cond_signal), or let each wait for its own condition."
            : "Let one wait at a time: EPOLLEXCLUSIVE, SO_REUSEPORT, a blocking accept, one reader that hands out work.",
        saves: each.count * (model.switch + 2 * cost(each.what)),
      }),
    );

/** A turn that was over, or given up. */
const involuntaryCauses = new Set(["preempted", "sched_yield"]);

const switching: Rule = ({ facts, model, run }) => {
  const found: Found[] = [];
  const storm = (count: number): boolean => count >= 1000 && count * model.switch >= run.total * 0.1;
  const { voluntary, involuntary, switches } = facts;
  if (storm(voluntary)) {
    const causes = top([...switches.values()].filter(({ what }) => !involuntaryCauses.has(what)));
    const [first] = causes;
    const named = causes.map((each) => `${each.program} in ${each.what} ${number(each.count)}`).join(", ");
    found.push({
      id: "context-switches",
      title: "a storm of context switches",
      program: first?.program ?? "",
      function: first?.where ?? "",
      path: first?.what ?? "",
      evidence: `${many(voluntary, "switch").replace(/switchs$/, "switches")} because a task had to wait${named === "" ? "" : `: ${named}`}.`,
      why: "Each switch costs microseconds, and what the processor had in its caches.",
      change:
        "Hand over more at a time: larger messages, larger pipe buffers, batches, fewer tasks that wait for each other.",
      saves: voluntary * model.switch * 0.8,
      ...(/^(read|write)v?$/.test(first?.what ?? "") ? { trial: { kind: "wide pipes" as const } } : {}),
    });
  }
  if (involuntary >= 200 && involuntary * model.switch >= run.total * 0.02) {
    const causes = top([...switches.values()].filter(({ what }) => involuntaryCauses.has(what)));
    const yields = causes[0]?.what === "sched_yield";
    const named = causes.map((each) => `${each.program}, ${each.what} ${number(each.count)}`).join("; ");
    found.push({
      id: "preemptions",
      title: yields ? "yielding in a loop" : "more work than processors",
      program: causes[0]?.program ?? "",
      function: causes[0]?.where ?? "",
      evidence: `${capital(times(involuntary))} a task gave way although it could have gone on (${named}).`,
      why: "More tasks can run than there are processors: they take turns, and each turn begins with cold caches.",
      change: yields
        ? "Wait for what is awaited (a futex, a condition variable) instead of yielding until it is there."
        : "Start as many workers as there are processors (nproc), and give them batches.",
      saves: involuntary * model.switch,
    });
  }
  return found;
};

const clocks: Rule = ({ facts, model, cost }) => {
  const asked = sum(facts.clocks.values());
  if (asked < 1000) return [];
  const most = foremost(facts.clocks.values())!;
  const inside = 25;
  return [
    {
      id: "clock-calls",
      title: "asking the kernel for the time",
      program: most.program,
      function: most.where,
      path: most.what,
      evidence: `${many(asked, "call")} that crossed the gate for the time.`,
      why: "The vDSO answers most clocks without a crossing; CPU-time clocks and raw system calls don't go through it.",
      change: "Use clock_gettime with CLOCK_MONOTONIC or CLOCK_REALTIME through the C library.",
      saves: asked * (Math.max(model.call, cost(most.what)) - inside),
    },
  ];
};

export const waitingRules: readonly Rule[] = [sleeping, polling, spinning, locks, herd, switching, clocks];
