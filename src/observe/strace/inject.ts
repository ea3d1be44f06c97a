// -e inject=SET[:error=ERRNO|:retval=VALUE][:signal=SIG][:delay_enter=TIME][:delay_exit=TIME][:poke_enter=@argN=BYTES,…]
// [:poke_exit=…][:syscall=NAME][:when=FIRST[..LAST][+[STEP]]], and -e fault=, which knows error and when alone.
import { EINTR, ENOSYS, type Errno, errnoName } from "../../abi/errno.ts";
import { SI_KERNEL } from "../../abi/signal.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { UserAddress } from "../../kernel/mm/user.ts";
import { andThen, Wait, waitOn } from "../../kernel/sched/wait-queue.ts";
import { sendToTask } from "../../kernel/signal/send.ts";
import { NO_RESULT, type Row, type SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import { parseSet, type RowFilter } from "./classes.ts";
import { signalNumber } from "./signals.ts";

type Answer = number | Errno | Wait<number>;

/** Bytes that are put where an argument points. */
interface Poke {
  readonly argument: number;
  readonly bytes: Uint8Array;
}

export interface Injection {
  readonly matches: RowFilter;
  result: number | bigint | undefined;
  signal: number;
  /** Nanoseconds. */
  delayBefore: number | undefined;
  delayAfter: number | undefined;
  pokeBefore: readonly Poke[];
  pokeAfter: readonly Poke[];
  first: number;
  last: number;
  /** 0: once. */
  step: number;
}

/** Throws a RangeError with one plain line. */
export function parseInjection(text: string, known: readonly (Row | undefined)[], fault = false): Injection {
  const wrong = (): RangeError => new RangeError(`invalid ${fault ? "fault" : "inject"} argument: '${text}'`);
  const [set = "", ...parts] = text.split(":");
  if (set === "") throw wrong();
  const injection: Injection = {
    matches: parseSet(set, known),
    result: undefined,
    signal: 0,
    delayBefore: undefined,
    delayAfter: undefined,
    pokeBefore: [],
    pokeAfter: [],
    first: 1,
    last: Number.POSITIVE_INFINITY,
    step: 1,
  };
  const seen = new Set<string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    const key = part.slice(0, Math.max(0, equals));
    const value = part.slice(equals + 1);
    const kind = key === "retval" ? "error" : key;
    if ((seen.has(kind) && key !== "when") || (fault && key !== "error" && key !== "when")) throw wrong();
    seen.add(kind);
    if (!take(injection, key, value, known)) throw wrong();
  }
  if (seen.size === 0 || (seen.size === 1 && seen.has("when"))) {
    if (!fault) throw wrong();
    injection.result = ENOSYS;
  }
  return injection;
}

function take(injection: Injection, key: string, value: string, known: readonly (Row | undefined)[]): boolean {
  switch (key) {
    case "error":
      injection.result = errorNumber(value);
      return injection.result !== undefined;
    case "retval": {
      if (!/^(0x[0-9a-f]+|-?\d+)$/i.test(value)) return false;
      const bits = BigInt.asIntN(64, BigInt(value));
      injection.result = bits >= 0n && bits <= 0x7fffffffn ? Number(bits) : bits;
      return true;
    }
    case "signal":
      injection.signal = signalNumber(value) ?? 0;
      return injection.signal > 0;
    case "delay_enter":
      injection.delayBefore = duration(value);
      return injection.delayBefore !== undefined;
    case "delay_exit":
      injection.delayAfter = duration(value);
      return injection.delayAfter !== undefined;
    case "poke_enter":
      injection.pokeBefore = pokes(value);
      return injection.pokeBefore.length > 0;
    case "poke_exit":
      injection.pokeAfter = pokes(value);
      return injection.pokeAfter.length > 0;
    case "syscall":
      return known.some((row) => row?.name === value);
    case "when":
      return when(injection, value);
    default:
      return false;
  }
}

function errorNumber(name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name) >= 1 && Number(name) <= 4095 ? -Number(name) : undefined;
  for (let number = 1; number < 134; number++) if (errnoName(-number) === name.toUpperCase()) return -number;
  return undefined;
}

const UNITS: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

/** "10ms", "1s", "500us", "1.5s"; microseconds without a unit. */
export function duration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+)(s|ms|us|ns)?$/.exec(text);
  return match ? Math.round(Number(match[1]) * UNITS[match[2] ?? "us"]!) : undefined;
}

function pokes(text: string): Poke[] {
  const found: Poke[] = [];
  for (const part of text.split(",")) {
    const match = /^@arg([1-7])=((?:[0-9a-f]{2}){1,1024})$/i.exec(part);
    if (!match) return [];
    const bytes = Uint8Array.from(match[2]!.match(/../g)!, (pair) => Number.parseInt(pair, 16));
    found.push({ argument: Number(match[1]) - 1, bytes });
  }
  return found;
}

function when(injection: Injection, text: string): boolean {
  const match = /^(\d+)(?:\.\.(\d+))?(?:(\+)(\d*))?$/.exec(text);
  if (!match) return false;
  const [, first, last, plus, step] = match;
  injection.first = Number(first);
  injection.last = last === undefined ? Number.POSITIVE_INFINITY : Number(last);
  injection.step = step ? Number(step) : plus || last !== undefined ? 1 : 0;
  const most = 0xffff;
  return injection.first >= 1 && injection.first <= most && injection.last >= injection.first && step !== "0";
}

interface Injected {
  /** What stands in for the call. */
  readonly result: SyscallResult | undefined;
  /** " (INJECTED)", " (DELAYED)". */
  readonly note: string;
}
const NOTHING: Injected = { result: undefined, note: "" };

export class Injector {
  private readonly injections: readonly Injection[];
  private readonly kernel: Kernel;
  /** By number of the call: what was said last counts. */
  private readonly byNumber = new Map<number, Injection | undefined>();
  /** How often each thread has made each call. */
  private readonly counts = new WeakMap<Task, Map<number, number>>();

  constructor(injections: readonly Injection[], kernel: Kernel) {
    this.injections = injections;
    this.kernel = kernel;
  }

  inject(task: Task, row: Row | undefined, number: number): Injected {
    if (!this.byNumber.has(number)) {
      this.byNumber.set(
        number,
        this.injections.findLast((each) => each.matches(row, number)),
      );
    }
    const injection = this.byNumber.get(number);
    if (!injection || !this.due(injection, task, number)) return NOTHING;
    const { result, signal, delayBefore, delayAfter, pokeBefore, pokeAfter } = injection;
    if (signal !== 0) sendToTask(task, { signal, code: SI_KERNEL });
    for (const each of pokeBefore) poke(task, each);
    const poked = pokeBefore.length + pokeAfter.length > 0 ? "args" : "";
    const changed = [poked, result !== undefined ? (poked ? "retval" : "INJECTED") : ""].filter((word) => word !== "");
    const delayed = delayBefore !== undefined || delayAfter !== undefined;
    const injected = changed.length === 0 ? "" : ` (${poked ? "INJECTED: " : ""}${changed.join(", ")})`;
    const note = injected + (delayed ? " (DELAYED)" : "");
    const later = delayed || pokeAfter.length > 0;
    if (!later || row?.name === "rt_sigreturn") return { result, note };
    return { result: this.drawnOut(injection, task, row), note };
  }

  private due(injection: Injection, task: Task, number: number): boolean {
    let counts = this.counts.get(task);
    if (!counts) {
      counts = new Map();
      this.counts.set(task, counts);
    }
    const count = (counts.get(number) ?? 0) + 1;
    counts.set(number, count);
    const { first, last, step } = injection;
    if (count < first || count > last) return false;
    return step === 0 ? count === first : (count - first) % step === 0;
  }

  /** The call with waiting before and behind it. */
  private drawnOut(injection: Injection, task: Task, row: Row | undefined): Wait<number> | Answer {
    const { clock } = this.kernel;
    const { delayBefore, delayAfter, pokeAfter, result } = injection;
    const call = (): Answer => {
      if (result !== undefined) return Number(result);
      const answer = row ? row.call(task, task.context) : ENOSYS;
      if (answer === NO_RESULT) return 0;
      return typeof answer === "bigint" ? Number(BigInt.asIntN(64, answer)) : (answer as Answer);
    };
    const sleep = (until: number, then: () => Answer): Wait<number> => {
      const retry = (): Answer => (clock.monotonic() >= until ? then() : sleep(until, then));
      return waitOn<number>([], retry, { deadline: until, interrupt: EINTR });
    };
    const after = (answer: number): Answer => {
      if (answer >= 0) for (const each of pokeAfter) poke(task, each);
      return delayAfter === undefined ? answer : sleep(clock.monotonic() + delayAfter, () => answer);
    };
    const whole = (): Answer => {
      const answer = call();
      return answer instanceof Wait ? andThen(answer, after) : after(answer);
    };
    return delayBefore === undefined ? whole() : sleep(clock.monotonic() + delayBefore, whole);
  }
}

function poke(task: Task, { argument, bytes }: Poke): void {
  task.mm.copyOut(task.context.xn(10 + argument) as UserAddress, bytes);
}
