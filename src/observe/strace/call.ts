// One system call under observation, and what decoders need of it: the arguments as they were at entry, the answer
// once it is there, and the memory that they point to.
import type { UserAddress } from "../../kernel/mm/user.ts";
import type { Row } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";

export interface TextOptions {
  /** -s: bytes of a string, items of an array. */
  limit: number;
  /** -v: whole structures, whole environments. */
  verbose: boolean;
  /** -x (1): strings that are not ASCII in hexadecimal; -xx (2): all. */
  hex: 0 | 1 | 2;
  /** -y (1): paths of descriptors; -yy (2): devices and sockets too. */
  paths: 0 | 1 | 2;
}

export interface Call {
  readonly task: Task;
  readonly row: Row | undefined;
  readonly number: number;
  /** Registers a0 to a5 at entry. */
  readonly args: readonly bigint[];
  /** Once it has returned. */
  result: number | bigint | undefined;
  readonly options: TextOptions;
}

export const isError = (call: Call): boolean =>
  call.result === undefined || (typeof call.result === "number" && call.result < 0 && call.result >= -4095);

/** Arguments as C sees them. */
export const int = (value: bigint | undefined): number => Number(BigInt.asIntN(32, value ?? 0n));
export const uint = (value: bigint | undefined): number => Number(BigInt.asUintN(32, value ?? 0n));
export const long = (value: bigint | undefined): bigint => BigInt.asIntN(64, value ?? 0n);
export const address = (value: bigint | undefined): string => (value ? `0x${value.toString(16)}` : "NULL");

/** Copies user memory without leaving a trace in the program's counts. Undefined where it can't be read whole. */
export function peek(task: Task, from: bigint | number, length: number): DataView<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(length);
  return peekSome(task, from, bytes) === length ? new DataView(bytes.buffer) : undefined;
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
  const parts: Uint8Array[] = [];
  let length = 0;
  let at = Number(from);
  for (;;) {
    const room = Math.min(64 - (at % 64), limit - length);
    if (room <= 0) return { bytes: join(parts, length), ended: false };
    const chunk = new Uint8Array(room);
    const got = peekSome(task, at, chunk);
    const end = chunk.subarray(0, got).indexOf(0);
    if (end >= 0) {
      parts.push(chunk.subarray(0, end));
      return { bytes: join(parts, length + end), ended: true };
    }
    if (got < room) return undefined;
    parts.push(chunk);
    length += room;
    at += room;
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
