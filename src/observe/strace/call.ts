// One system call under observation, and what decoders need of it: the arguments as they were at entry, the answer
// once it is there, and the memory that they point to.
import type { UserAddress } from "../../kernel/mm/user.ts";
import type { Row } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";

/** What -y and -yy show of descriptors: -e decode-fds= */
export type FdDetail = "path" | "socket" | "dev" | "eventfd" | "pidfd" | "signalfd";

export interface TextOptions {
  /** -s: bytes of a string, items of an array. */
  limit: number;
  /** -v: whole structures, whole environments. */
  verbose: boolean;
  /** -e verbose=!…: addresses instead of structures. */
  plain: boolean;
  /** -x (1): strings that are not ASCII in hexadecimal; -xx (2): all. */
  hex: 0 | 1 | 2;
  /** Escapes within a string are octal numbers; else hexadecimal (--strings-in-hex=non-ascii-chars). */
  octal: boolean;
  decode: ReadonlySet<FdDetail>;
}

export class Call {
  readonly task: Task;
  options: TextOptions;
  row: Row | undefined = undefined;
  number = -1;
  /** Once it has returned. */
  result: number | bigint | undefined = undefined;
  /** Registers a0 to a5 at entry: low and high halves in turn, signed; and whole. */
  private readonly halves = new Int32Array(12);
  readonly args = new BigUint64Array(this.halves.buffer);
  /** What a piece saw at entry and compares at exit. */
  before: string | undefined = undefined;
  /** The call before, which restart_syscall(2) goes on with. */
  resumed = "system call";

  constructor(task: Task, options: TextOptions) {
    this.task = task;
    this.options = options;
  }

  /** Takes the registers. */
  begin(row: Row | undefined, number: number, options: TextOptions): void {
    const { context } = this.task;
    this.options = options;
    if (this.row && this.row.name !== "restart_syscall") this.resumed = this.row.name;
    this.row = row;
    this.number = number;
    this.result = undefined;
    this.before = undefined;
    const count = row ? row.arguments.length : 6;
    const { halves } = this;
    for (let i = 0; i < count; i++) {
      halves[2 * i] = context.low(10 + i);
      halves[2 * i + 1] = context.high(10 + i);
    }
  }
  /** Registers that never were: for a call that nobody made. */
  pretend(row: Row, args: readonly bigint[], options: TextOptions): void {
    this.begin(row, row.number, options);
    this.args.set(args);
  }
  /** A call that goes on: a0 may hold something else by now. */
  restoreFirst(low: number, high: number): void {
    this.halves[0] = low;
    this.halves[1] = high;
  }
  low(index: number): number {
    return this.halves[2 * index]!;
  }
  high(index: number): number {
    return this.halves[2 * index + 1]!;
  }
  /** An argument as an unsigned number: exact below 2^53. */
  unsigned(index: number): number {
    return (this.high(index) >>> 0) * 0x1_0000_0000 + (this.low(index) >>> 0);
  }
  signed(index: number): number {
    return this.high(index) * 0x1_0000_0000 + (this.low(index) >>> 0);
  }
}

export const isError = (call: Call): boolean => {
  const { result } = call;
  return result === undefined || (typeof result === "number" && result < 0 && result >= -4095);
};

/** Arguments as C sees them. */
export const int = (value: bigint | undefined): number => Number(BigInt.asIntN(32, value ?? 0n));
export const uint = (value: bigint | undefined): number => Number(BigInt.asUintN(32, value ?? 0n));
export const long = (value: bigint | undefined): bigint => BigInt.asIntN(64, value ?? 0n);
export const address = (value: bigint | undefined): string => (value ? `0x${value.toString(16)}` : "NULL");

/** Copies user memory without leaving a trace in the program's counts. Undefined where it can't be read whole. */
export function peek(task: Task, from: bigint | number, length: number): DataView<ArrayBuffer> | undefined {
  const bytes = length > SLAB / 16 ? new Uint8Array(length) : cut(length);
  if (peekSome(task, from, bytes) !== length) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}

/** The bytes of what peek() saw. */
export const bytesOf = (view: DataView<ArrayBuffer>, at = 0, length = view.byteLength - at): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, length);

/** Structures are small and many, and a buffer of its own costs more than all else about one: they share some. */
const SLAB = 65536;
let slab = new Uint8Array(0);
let used = 0;
function cut(length: number): Uint8Array<ArrayBuffer> {
  if (used + length > slab.length) {
    slab = new Uint8Array(SLAB);
    used = 0;
  }
  const bytes = slab.subarray(used, used + length);
  used += (length + 7) & ~7;
  return bytes;
}

/** As much of `into` as can be read. */
export function peekSome(task: Task, from: bigint | number, into: Uint8Array): number {
  const { minorFaults, majorFaults } = task;
  const done = task.mm.copyIn(Number(from) as UserAddress, into);
  task.minorFaults = minorFaults;
  task.majorFaults = majorFaults;
  return done;
}

/** A string that ends in NUL, at most `limit` bytes of it; undefined where it can't be read. */
export function peekString(
  task: Task,
  from: bigint | number,
  limit: number,
): { bytes: Uint8Array; ended: boolean } | undefined {
  let length = 0;
  let at = Number(from);
  for (;;) {
    const room = Math.min(64 - (at % 64), limit - length);
    if (room <= 0) return { bytes: text.slice(0, length), ended: false };
    if (length + room > text.length) {
      const longer = new Uint8Array(2 * text.length);
      longer.set(text);
      text = longer;
    }
    const got = peekSome(task, at, text.subarray(length, length + room));
    const end = text.indexOf(0, length);
    if (end >= 0 && end < length + got) return { bytes: text.slice(0, end), ended: true };
    if (got < room) return undefined;
    length += room;
    at += room;
  }
}

/** Where strings are gathered. */
let text = new Uint8Array(4096);
