// Strings as strace(1) quotes them, and what is read of user memory as such.
import { READ } from "../../kernel/mm/fault.ts";
import type { Task } from "../../kernel/task/task.ts";
import { address, type Call, peekSome, peekString } from "./call.ts";
import { isBinary, Line } from "./line.ts";

const scratch = new Line();

/** Quotes bytes: octal escapes as short as the next character allows, or hexadecimal. */
export function quote(bytes: Uint8Array, hex: 0 | 1 | 2 = 0): string {
  scratch.clear();
  scratch.quoted(bytes, 0, bytes.length, hex === 2 || (hex === 1 && isBinary(bytes, 0, bytes.length)));
  return scratch.toString();
}

/** Where user memory lies, without leaving a trace in the program's counts; 0 where it can't be read. */
function translate(task: Task, at: number): number {
  const { minorFaults, majorFaults } = task;
  const physical = task.mm.translate(at, READ);
  task.minorFaults = minorFaults;
  task.majorFaults = majorFaults;
  return physical;
}

/** `length` bytes at an address, cut at -s. */
export function putBuffer(line: Line, call: Call, index: number, length: number, hex: 0 | 1 | 2): void {
  const at = call.unsigned(index);
  if (at === 0) {
    line.text("NULL");
    return;
  }
  const { limit } = call.options;
  const shown = Math.min(length, limit);
  const { mm } = call.task;
  const physical = shown === 0 ? 0 : translate(call.task, at);
  if (physical !== 0 && (physical & 0xfff) + shown <= 4096) {
    const { u8 } = mm.ram;
    line.quoted(u8, physical, shown, hex === 2 || (hex === 1 && isBinary(u8, physical, shown)));
    if (length > shown) line.text("...");
  } else line.text(buffer(call, BigInt(at), length, hex));
}

export function buffer(call: Call, at: bigint, length: number, hex = call.options.hex): string {
  if (at === 0n) return "NULL";
  const shown = Math.min(length, call.options.limit);
  const bytes = new Uint8Array(shown);
  if (peekSome(call.task, at, bytes) < shown) return address(at);
  return quote(bytes, hex) + (length > shown ? "..." : "");
}

/** A string that ends in NUL, cut at -s. */
export function string(call: Call, at: bigint): string {
  return bounded(call, at, call.options.limit);
}

/** A path is shown whole. */
export function path(call: Call, at: bigint): string {
  return bounded(call, at, 4095);
}

/** At most `limit` bytes, whatever -s says. */
export function bounded(call: Call, at: bigint, limit: number): string {
  if (at === 0n) return "NULL";
  const found = peekString(call.task, at, limit + 1);
  if (!found) return address(at);
  const cut = found.bytes.length > limit;
  return (
    quote(cut ? found.bytes.subarray(0, limit) : found.bytes, call.options.hex) + (cut || !found.ended ? "..." : "")
  );
}

/** The same, for a string that lies within a page. */
export function putString(line: Line, call: Call, at: number, limit: number): void {
  const physical = at === 0 ? 0 : translate(call.task, at);
  if (physical !== 0) {
    const { u8 } = call.task.mm.ram;
    const end = (physical | 0xfff) + 1;
    let stop = physical;
    while (stop < end && u8[stop] !== 0) stop++;
    if (stop < end && stop - physical <= limit) {
      const { hex } = call.options;
      line.quoted(u8, physical, stop - physical, hex === 2 || (hex === 1 && isBinary(u8, physical, stop - physical)));
      return;
    }
  }
  line.text(bounded(call, BigInt(at), limit));
}

/** The bytes of a path argument as a byte string; undefined where there is none. */
export function pathBytes(call: Call, at: bigint): string | undefined {
  const found = at === 0n ? undefined : peekString(call.task, at, 4096);
  return found?.ended ? String.fromCharCode(...found.bytes) : undefined;
}

/** An array with at most -s items. */
export function list(items: readonly string[], cut: boolean): string {
  return `[${items.join(", ")}${cut ? (items.length > 0 ? ", ..." : "...") : ""}]`;
}
