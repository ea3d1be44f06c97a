// unaligned(ptr, va, tlb): a misaligned load or store that lies within one page, which Debian's programs do: some of its
// string and checksum code reads words at any address. Answers how far ptr goes on, or 0: the reference must do it.
import { TLB_READ, TLB_WRITE } from "../page-table.ts";
import { Body, type Code, I32, type ModuleBuilder, op } from "../wasm/encoder.ts";
import { OP_FIRST_ROW, RECORD } from "./layout.ts";
import { Emitter, type Frame, type Value } from "./operations.ts";
import { hotOperations, pairs } from "./plan.ts";
import { tlbEntry } from "./tlb.ts";

const { i32, i64 } = op;

class UnalignedEmitter extends Emitter {
  /** The address is known already: `va` missed in the TLB. */
  protected override translate(_address: Value, size: 1 | 2 | 4 | 8, write: boolean): Code {
    const { body, va, entry, tlb } = this.frame;
    const part = write ? TLB_WRITE : TLB_READ;
    body.emit(op.set(entry, tlbEntry(part, op.get(va), op.get(tlb))));
    body.brIf("reference", i64.ne(i64.load(op.get(entry), part.at), i64.and(op.get(va), i64.const(-4096))));
    const offset = i32.and(i32.wrap(op.get(va)), i32.const(4095));
    body.brIf("reference", i32.gt_u(offset, i32.const(4096 - size)));
    return i32.add(i32.wrap(op.get(va)), i32.load(op.get(entry), part.at + 8));
  }
}

const isMemory = (opcode: number) => opcode === 0x03 || opcode === 0x07 || opcode === 0x23 || opcode === 0x27;

export function defineUnaligned(module: ModuleBuilder, index: number, file: number): void {
  const body = new Body(3);
  const [ptr, va, tlb] = [0, 1, 2];
  const entry = body.local(I32);
  const frame: Frame = {
    ...{ body, file, ptr, va, tlb, entry, pc: i64.const(0) },
    miss: () => undefined,
  };
  const labels: string[] = Array.from({ length: OP_FIRST_ROW }, () => "reference");
  const cases = hotOperations.flatMap(({ row, length }, i) => {
    const needed = isMemory(row.match & 0x7f) && !/^[ls]bu?$/.test(row.name);
    labels.push(needed ? `op ${i}` : "reference");
    return needed ? [{ label: `op ${i}`, row, length }] : [];
  });
  for (const { first } of pairs) labels.push(labels[OP_FIRST_ROW + hotOperations.indexOf(first)]!);
  labels.push("reference");
  body.block("reference", () => {
    const nest = (i: number): void => {
      const current = cases[i];
      if (!current) {
        body.brTable(i32.load8_u(op.get(ptr), 0), labels);
        return;
      }
      body.block(current.label, () => nest(i - 1));
      current.row.meaning(new UnalignedEmitter(frame, current.length, true));
      body.emit(i32.const((current.length * RECORD) / 2), op.return);
    };
    nest(cases.length - 1);
  });
  body.emit(i32.const(0));
  module.define(index, body);
}
