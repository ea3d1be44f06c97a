// What an interpreter with instruments notes beside what it executes: how many loads, stores and control transfers there
// were, and where calls, returns and jumps went. The plain interpreter has none of this; recording.ts makes the other.
import { FILE_COUNTS, FILE_LOG, OFFSET_X } from "../context.ts";
import type { Row } from "../isa/row.ts";
import { type Body, type Code, op } from "../wasm/encoder.ts";
import { rareRows } from "./plan.ts";

const { i32, i64 } = op;

/** Counters, each a u64 from FILE_COUNTS on. */
export const COUNT_LOADS = 0;
export const COUNT_STORES = 1;
export const COUNT_BRANCHES = 2;

/** An entry of the log: u64 where to, u64 from where, u64 stack pointer, u32 fuel that was left. */
export const LOG_ENTRY = 32;
/** Bit 0 of "where to", as targets are even: a return. Of "from where": a jump; else it is where a call returns to. */
export const LOG_RETURN = 1;
export const LOG_JUMP = 1;

export interface Instruments {
  /** Count loads, stores and control transfers. */
  readonly counts: boolean;
  /** Log calls, returns and jumps without a link. */
  readonly calls: boolean;
}

/** Which counters an instruction of this row belongs to. An atomic operation reads and writes. */
export function countersOf(row: Row): readonly number[] {
  const opcode = row.match & 0x7f;
  if (opcode === 0x03 || opcode === 0x07) return [COUNT_LOADS];
  if (opcode === 0x23 || opcode === 0x27) return [COUNT_STORES];
  if (opcode === 0x63 || opcode === 0x67 || opcode === 0x6f) return [COUNT_BRANCHES];
  if (row.shape !== "amo") return [];
  return row.name.startsWith("lr.")
    ? [COUNT_LOADS]
    : row.name.startsWith("sc.")
      ? [COUNT_STORES]
      : [COUNT_LOADS, COUNT_STORES];
}

const add = (body: Body, file: number, counter: number, value: Code): void => {
  const at = file + FILE_COUNTS + 8 * counter;
  body.emit(i64.store(i32.const(0), at, i64.add(i64.load(i32.const(0), at), value)));
};

/** An instruction of the row is about to retire. */
export function countRow(body: Body, file: number, row: Row): void {
  for (const counter of countersOf(row)) add(body, file, counter, i64.const(1));
}

/** The rare operation of the record at `ptr` was done. */
export function countRare(body: Body, file: number, ptr: number): void {
  if (rareRows.length > 64) throw new Error("more rare rows than a word has bits");
  for (const counter of [COUNT_LOADS, COUNT_STORES]) {
    let members = 0n;
    rareRows.forEach(({ row }, i) => {
      if (countersOf(row).includes(counter)) members |= 1n << BigInt(i);
    });
    const number = i64.load8_u(op.get(ptr), 4);
    add(body, file, counter, i64.and(i64.shr_u(i64.const(BigInt.asIntN(64, members)), number), i64.const(1)));
  }
}

/** Adds to the log. `from`: where the call returns to, or the jump's own address. */
function log(body: Body, file: number, fuel: number, to: Code, from: Code): void {
  const none = i32.const(0);
  const position = i32.load(none, file + FILE_LOG);
  body.emit(i64.store(position, 0, to));
  body.emit(i64.store(position, 8, from));
  body.emit(i64.store(position, 16, i64.load(none, file + OFFSET_X + 8 * 2)));
  body.emit(i32.store(position, 24, op.get(fuel)));
  body.emit(i32.store(none, file + FILE_LOG, i32.add(position, i32.const(LOG_ENTRY))));
}

/** Whether a record's register field names a link register, x1 or x5. Unprivileged ISA 2.5.1 */
const isLink = (ptr: number, field: number): Code =>
  i32.eq(i32.and(i32.load8_u(op.get(ptr), field), i32.const(~32 & 255)), i32.const(8));

export interface Transfer {
  readonly file: number;
  readonly fuel: number;
  readonly ptr: number;
  readonly pc: Code;
  readonly target: Code;
  readonly length: 2 | 4;
  readonly hasRd: boolean;
  /** jal; jalr else. */
  readonly direct: boolean;
}

/** A jal or jalr is about to retire. */
export function logTransfer(body: Body, t: Transfer): void {
  const jump = (): void => log(body, t.file, t.fuel, t.target, i64.or(t.pc, i64.const(LOG_JUMP)));
  const call = (): void => log(body, t.file, t.fuel, t.target, i64.add(t.pc, i64.const(t.length)));
  const back = (): void => log(body, t.file, t.fuel, i64.or(t.target, i64.const(LOG_RETURN)), t.pc);
  if (t.hasRd) body.when(isLink(t.ptr, 1), call, jump);
  else if (t.direct) jump();
  else body.when(isLink(t.ptr, 2), back, jump);
}
