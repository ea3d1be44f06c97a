// How the interpreter enters translated code, and what that answers.
// enter(tlb, page, entry, fuel): page is the address of the code page, entry which of the region's entries. It leaves the
// registers, pc and the fuel in the hart's file.
import { FILE_FUEL, OFFSET_PC } from "../context.ts";
import { TLB_EXECUTE } from "../page-table.ts";
import { Body, I32, I64, type ModuleBuilder, op, type ValueType } from "../wasm/encoder.ts";
import { HEADER_ENTRIES, OP_TRANSLATED } from "./layout.ts";
import { tlbEntry } from "./tlb.ts";

const { i32, i64 } = op;

export const ENTER_PARAMETERS: ValueType[] = [I32, I64, I32, I32];

/** chain(tlb, pc, fuel): goes on at pc in the translation that begins there, or answers LEFT. */
export const CHAIN_PARAMETERS: ValueType[] = [I32, I64, I32];

/** Go on at pc. */
export const LEFT = 0;
/** The reference executes the instruction at pc first: it faults, is misaligned, or the fuel does not last. */
export const STEP = 1;

/** From one translation to the next without the interpreter: a tail call, when the target's record says that one begins. */
export function defineChain(module: ModuleBuilder, index: number, file: number): void {
  const body = new Body(3);
  const tlb = op.get(0);
  const pc = op.get(1);
  const fuel = op.get(2);
  const entry = body.local(I32);
  const block = body.local(I32);
  const word = body.local(I32);
  const type = module.type(ENTER_PARAMETERS, [I32]);
  const page = i64.and(pc, i64.const(-4096));
  const offset = i32.and(i32.wrap(pc), i32.const(0xfff));
  body.emit(op.set(entry, tlbEntry(TLB_EXECUTE, pc, tlb)));
  body.when(i64.eq(i64.load(op.get(entry), TLB_EXECUTE.at), page), () => {
    body.emit(op.set(block, i32.load(op.get(entry), TLB_EXECUTE.at + 8)));
    const record = i32.add(op.get(block), i32.shl(offset, i32.const(2)));
    body.when(i32.eq(i32.load8_u(record, 0), i32.const(OP_TRANSLATED)), () => {
      const place = i32.add(i32.load(op.get(block), HEADER_ENTRIES), i32.shl(offset, i32.const(1)));
      body.emit(op.set(word, i32.load(place, 0)));
      const number = i32.and(op.get(word), i32.const(255));
      body.emit(op.returnCallIndirect(type, i32.shr_u(op.get(word), i32.const(8)), tlb, page, number, fuel));
    });
  });
  body.emit(i64.store(i32.const(0), file + OFFSET_PC, pc), i32.store(i32.const(0), file + FILE_FUEL, fuel));
  body.emit(i32.const(LEFT));
  module.define(index, body);
}
