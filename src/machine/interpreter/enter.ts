// How translated code is entered and left.
// enter(pc, fuel, depth) → (pc, fuel): the registers are in the hart's file, before and after. An odd pc: the
// interpreter executes the instruction there before anything translated is entered again. depth: how many calls of the
// guest may be calls of WebAssembly's; then it returns, and the interpreter starts anew.
import { FILE_SLOW, OFFSET_F, OFFSET_X } from "../context.ts";
import { JUMP_BESIDE } from "../jumps.ts";
import { Body, I32, I64, type ModuleBuilder, op, type ValueType } from "../wasm/encoder.ts";
import { OP_FLOAT } from "./layout.ts";

const { i32, i64 } = op;

export const ENTER_PARAMETERS: ValueType[] = [I64, I32, I32];
export const ENTER_RESULTS: ValueType[] = [I64, I32];
/** The host's stack holds so many of the largest frames. */
export const DEPTH = 300;

/**
 * touch(va, access), for what missed in the TLB: 1 when the page's entry is there now and the access lies within the
 * page. access: 16 for a store, plus 32 for what must be aligned, plus 64 times the size.
 */
export function defineTouch(module: ModuleBuilder, index: number, refill: number): void {
  const body = new Body(2);
  const [va, access] = [op.get(0), op.get(1)];
  const refuse = (condition: number[] | readonly number[]): void =>
    body.when(condition, () => body.emit(i32.const(0), op.return));
  const size = i32.shr_u(access, i32.const(6));
  refuse(i32.gt_u(i32.and(i32.wrap(va), i32.const(4095)), i32.sub(i32.const(4096), size)));
  body.when(i32.and(access, i32.const(32)), () => refuse(i32.and(i32.wrap(va), i32.sub(size, i32.const(1)))));
  const write = i32.and(i32.shr_u(access, i32.const(4)), i32.const(1));
  // Anything but REFUSED: what must be aligned may have missed although the page is there.
  body.emit(i32.ne(op.call(refill, va, write), i32.const(0)));
  module.define(index, body);
}

/** beside(pc, entry): the entry of the table of jumps beside that which is another's, if it is this pc's; else 0. */
export function defineBeside(module: ModuleBuilder, index: number): void {
  const body = new Body(2);
  const beside = i32.xor(op.get(1), i32.const(JUMP_BESIDE));
  body.emit(op.select(beside, i32.const(0), i64.eq(i64.load(beside, 0), op.get(0))));
  module.define(index, body);
}

/** In the number that slowFloat takes: the result is an integer. */
export const SLOW_TO_X = 0x100;
/** Registers that slowFloat lends to the float module. */
const BORROWED = 3;

/**
 * slowFloat(number, a, b, c): a row of plan.ts's floatRows on patterns; SLOW_TO_X in the number.
 * FILE_SLOW says whether the module could do it. floatType: of table[0].
 */
export function defineSlowFloat(
  module: ModuleBuilder,
  index: number,
  file: number,
  record: number,
  floatType: number,
): void {
  const body = new Body(4);
  const none = i32.const(0);
  const saved = Array.from({ length: BORROWED }, () => body.local(I64));
  const savedX = body.local(I64);
  const result = body.local(I64);
  const f = (n: number) => file + OFFSET_F + 8 * n;
  const x1 = file + OFFSET_X + 8;
  body.emit(op.set(savedX, i64.load(none, x1)), i64.store(none, x1, op.get(1)));
  saved.forEach((local, i) => {
    body.emit(op.set(local, i64.load(none, f(i + 1))), i64.store(none, f(i + 1), op.get(i + 1)));
  });
  // rd, rs1, rs2 and rs3 as layout.ts has them: 1, 1, 2 and 3.
  body.emit(i32.store(none, record, i32.const(OP_FLOAT | (8 << 8) | (8 << 16) | (16 << 24))));
  body.emit(i32.store(none, record + 4, i32.or(i32.and(op.get(0), i32.const(255)), i32.const(3 << 27))));
  body.emit(i32.store(none, file + FILE_SLOW, op.callIndirect(floatType, none, i32.const(record))));
  body.emit(
    op.set(result, op.select(i64.load(none, x1), i64.load(none, f(1)), i32.and(op.get(0), i32.const(SLOW_TO_X)))),
  );
  body.emit(i64.store(none, x1, op.get(savedX)));
  saved.forEach((local, i) => {
    body.emit(i64.store(none, f(i + 1), op.get(local)));
  });
  body.emit(op.get(result));
  module.define(index, body);
}
