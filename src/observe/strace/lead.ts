// What stands before a line: pid, time, number, instruction pointer; and what -k puts behind it.
import type { Kernel } from "../../kernel/kernel.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { Line } from "./line.ts";
import type { Precision, StraceOptions } from "./options.ts";
import { stackLines } from "./stack.ts";

export class Lead {
  private readonly kernel: Kernel;
  private readonly options: StraceOptions;
  /** Nothing is ever written. */
  private readonly never: boolean;
  private before: number | undefined;

  constructor(kernel: Kernel, options: StraceOptions) {
    this.kernel = kernel;
    this.options = options;
    const { stamp, relative, numbers, pointer, alwaysPid } = options;
    this.never = !stamp && relative === undefined && !numbers && !pointer && !alwaysPid;
  }

  /** `tasks`: how many are traced. */
  write(line: Line, traced: { task: Task; tid: number; call: { number: number } }, tasks: number): void {
    const { options } = this;
    const shared = tasks > 1 && !options.toFile && !options.separate;
    if (this.never && !shared) return;
    const { task, tid } = traced;
    const comm = options.names ? `<${task.comm}>` : "";
    if (options.alwaysPid) line.text(`${options.names ? `${tid}${comm}` : String(tid).padEnd(5)} `);
    else if (shared) line.text(`[pid ${String(tid).padStart(5)}${comm}] `);
    const { stamp, relative } = options;
    if (stamp) line.text(`${clockText(this.kernel.clock.realtime(), stamp)} `);
    if (relative !== undefined) {
      const now = this.kernel.clock.monotonic();
      const since = now - (this.before ?? now);
      this.before = now;
      const whole = String(Math.floor(since / 1e9)).padStart(6);
      const rest = relative === 0 ? "" : `.${digits(since % 1e9, relative)}`;
      line.text(stamp ? `(+${whole}${rest}) ` : `${whole}${rest} `);
    }
    if (options.numbers) line.text(`[${String(traced.call.number).padStart(4)}] `);
    if (options.pointer) {
      const pc = task.exiting ? undefined : task.context.pc;
      line.text(`[${pc === undefined ? "?".repeat(16) : pc.toString(16).padStart(16, "0")}] `);
    }
  }

  stack(line: Line, task: Task): void {
    for (const text of stackLines(task, this.options.stack)) line.text(` > ${text}\n`);
    line.byte(10);
  }
}

const digits = (nanoseconds: number, precision: Precision): string =>
  String(Math.floor(nanoseconds / 10 ** (9 - precision))).padStart(precision, "0");

/** Seconds with as many digits behind the point. */
export function fraction(nanoseconds: number, precision: Precision): string {
  const whole = Math.floor(nanoseconds / 1e9);
  return precision === 0 ? String(whole) : `${whole}.${digits(nanoseconds - whole * 1e9, precision)}`;
}

/** Local time, like the clock on the wall; or seconds since 1970. */
function clockText(realtime: bigint, stamp: { unix: boolean; digits: Precision }): string {
  const seconds = realtime / 1_000_000_000n;
  const rest = stamp.digits === 0 ? "" : `.${digits(Number(realtime % 1_000_000_000n), stamp.digits)}`;
  if (stamp.unix) return `${seconds}${rest}`;
  const date = new Date(Number(seconds) * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${rest}`;
}
