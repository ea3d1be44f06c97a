// -e inject=SET[:error=ERRNO|:retval=VALUE][:signal=SIG][:delay_enter=TIME][:delay_exit=TIME][:when=FIRST[..LAST][+[STEP]]]
import { EINTR, ENOSYS, type Errno, errnoName } from "../../abi/errno.ts";
import { signalName } from "../../abi/signal.ts";
import { andThen, Wait, waitOn } from "../../kernel/sched/wait-queue.ts";
import { sendToTask } from "../../kernel/signal/send.ts";
import type { Row, SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import { parseTrace, type RowFilter } from "./classes.ts";

type Answer = number | Errno | Wait<number>;

export interface Injection {
  matches: RowFilter;
  result: number | undefined;
  signal: number;
  /** Nanoseconds. */
  delayBefore: number;
  delayAfter: number;
  first: number;
  last: number;
  step: number;
  /** Calls that matched so far, by thread. */
  readonly seen: WeakMap<Task, number>;
}

/** Throws a RangeError with one plain line. `fault` is strace's older word for an error. */
export function parseInjection(text: string, known: readonly (Row | undefined)[], fault = false): Injection {
  const [set = "", ...parts] = text.split(":");
  const injection: Injection = {
    matches: parseTrace(set, known),
    result: fault ? ENOSYS : undefined,
    signal: 0,
    delayBefore: 0,
    delayAfter: 0,
    first: 1,
    last: Number.POSITIVE_INFINITY,
    step: 1,
    seen: new WeakMap(),
  };
  for (const part of parts) {
    const [key, value = ""] = part.split("=");
    if (key === "error") injection.result = errorNumber(value);
    else if (key === "retval") injection.result = Number(value);
    else if (key === "signal") injection.signal = signalNumber(value);
    else if (key === "delay_enter") injection.delayBefore = duration(value);
    else if (key === "delay_exit") injection.delayAfter = duration(value);
    else if (key === "when") when(injection, value);
    else throw new RangeError(`invalid argument of inject: ${part}`);
    if (Number.isNaN(injection.result)) throw new RangeError(`invalid return value: ${value}`);
  }
  return injection;
}

function errorNumber(name: string): number {
  if (/^\d+$/.test(name)) return -Number(name);
  for (let number = 1; number < 134; number++) if (errnoName(-number) === name.toUpperCase()) return -number;
  throw new RangeError(`invalid error: ${name}`);
}

export function signalNumber(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const full = `SIG${name.toUpperCase().replace(/^SIG/, "")}`;
  for (let signal = 1; signal <= 64; signal++) if (signalName(signal) === full) return signal;
  throw new RangeError(`invalid signal: ${name}`);
}

/** "10ms", "1s", "500us"; microseconds without a unit. */
function duration(text: string): number {
  const match = /^(\d+)(s|ms|us|ns)?$/.exec(text);
  if (!match) throw new RangeError(`invalid delay: ${text}`);
  return Number(match[1]) * { s: 1e9, ms: 1e6, us: 1e3, ns: 1 }[(match[2] ?? "us") as "s" | "ms" | "us" | "ns"];
}

function when(injection: Injection, text: string): void {
  const match = /^(\d+)(?:\.\.(\d+))?(\+(\d*))?$/.exec(text);
  if (!match) throw new RangeError(`invalid when: ${text}`);
  injection.first = Number(match[1]);
  if (match[2] !== undefined) injection.last = Number(match[2]);
  else if (match[3] === undefined) injection.last = injection.first;
  if (match[4] !== undefined && match[4] !== "") injection.step = Number(match[4]);
}

function due(injection: Injection, task: Task): boolean {
  const count = (injection.seen.get(task) ?? 0) + 1;
  injection.seen.set(task, count);
  const { first, last, step } = injection;
  return count >= first && count <= last && (count - first) % step === 0;
}

/** What stands in for a call, and whether anything was injected into it. */
export function inject(
  injections: readonly Injection[],
  task: Task,
  row: Row | undefined,
  number: number,
): { result: SyscallResult | undefined; injected: boolean; delayed: boolean } {
  for (const injection of injections) {
    if (!injection.matches(row, number) || !due(injection, task)) continue;
    const { signal, delayBefore, delayAfter } = injection;
    if (signal !== 0) sendToTask(task, { signal, code: 128 });
    const { clock } = task.kernel;
    const replaced = injection.result !== undefined;
    if (delayBefore === 0 && delayAfter === 0) return { result: injection.result, injected: replaced, delayed: false };
    const call = (): Answer => {
      if (injection.result !== undefined) return injection.result;
      const result = row ? row.call(task, task.context) : ENOSYS;
      return typeof result === "number" || result instanceof Wait ? result : 0;
    };
    const sleep = (until: number, then: () => Answer): Wait<number> => {
      const retry = (): Answer => (clock.monotonic() >= until ? then() : sleep(until, then));
      return waitOn<number>([], retry, { deadline: until, interrupt: EINTR });
    };
    if (delayBefore > 0) {
      return { result: sleep(clock.monotonic() + delayBefore, call), injected: replaced, delayed: true };
    }
    const value = call();
    const later = (answer: number): Wait<number> => sleep(clock.monotonic() + delayAfter, () => answer);
    const result = value instanceof Wait ? andThen(value, later) : later(value);
    return { result, injected: replaced, delayed: true };
  }
  return { result: undefined, injected: false, delayed: false };
}
