// The translator's backend of the rows: operands are constants and locals.
import { OFFSET_F } from "../context.ts";
import { Emitter, type Frame, type Value } from "../interpreter/operations.ts";
import { tlbEntry } from "../interpreter/tlb.ts";
import { TLB_READ, TLB_WRITE } from "../page-table.ts";
import { type Code, op } from "../wasm/encoder.ts";
import type { Instruction } from "./region.ts";

const { i32, i64 } = op;
const value = (code: Code): Value => ({ code, condition: false });

/** The locals of x-registers, and the address of the page as a local. */
export interface Registers {
  /** undefined for x0 and for registers that the region does not use. */
  x(register: number): number | undefined;
  readonly page: number;
}

export class TranslatorEmitter extends Emitter {
  readonly #instruction: Instruction;
  readonly #registers: Registers;

  readonly #refuse: () => void;

  /** `refuse` emits the way to the reference. */
  constructor(frame: Frame, instruction: Instruction, registers: Registers, refuse: () => void) {
    super(frame, instruction.length, true);
    this.#refuse = refuse;
    this.#instruction = instruction;
    this.#registers = registers;
    const { word, immediate, offset, length } = instruction;
    // A field that is no register of this instruction may name one that the region does not use: nobody asks for it.
    const x = (register: number): Value => {
      const local = registers.x(register);
      return value(local === undefined ? i64.const(0) : op.get(local));
    };
    const f = (register: number): Value => value(i64.load([0x41, 0], frame.file + OFFSET_F + 8 * register));
    const at = (distance: number): Value => value(i64.add(op.get(registers.page), i64.const(distance)));
    Object.assign(this, {
      rs1: x((word >>> 15) & 31),
      rs2: x((word >>> 20) & 31),
      fs1: f((word >>> 15) & 31),
      fs2: f((word >>> 20) & 31),
      fs3: f(word >>> 27),
      imm: value(i64.const(immediate)),
      pc: at(offset),
      next: at(offset + length),
    });
  }
  override rd(v: Value): void {
    const register = (this.#instruction.word >>> 7) & 31;
    const code = v.condition ? i64.extend_i32_u(v.code) : v.code;
    // A load into x0 may still fault: its address has been tested, which is all there is to it.
    const local = this.#registers.x(register);
    if (local !== undefined) this.frame.body.emit(op.set(local, code));
  }
  /** The TLB's test. What misses may be misaligned within its page, which is fine, or wait for its page, or must be the
   *  reference's: it faults, or lies on two pages. */
  protected override translate(address: Value, size: 1 | 2 | 4 | 8, write: boolean): Code {
    const { body, va, entry, tlb } = this.frame;
    const part = write ? TLB_WRITE : TLB_READ;
    body.emit(op.set(va, address.condition ? i64.extend_i32_u(address.code) : address.code));
    body.emit(op.set(entry, tlbEntry(part, op.get(va), op.get(tlb))));
    const tag = i64.load(op.get(entry), part.at);
    body.when(i64.ne(tag, i64.and(op.get(va), i64.const(-4096 | (size - 1)))), () => {
      if (size > 1) {
        const offset = i64.and(op.get(va), i64.const(0xfff));
        body.when(i64.gt_u(offset, i64.const(4096 - size)), this.#refuse);
      }
      this.frame.miss(write, i64.ne(tag, i64.and(op.get(va), i64.const(-4096))));
    });
    return i32.add(i32.wrap(op.get(va)), i32.load(op.get(entry), part.at + 8));
  }
  override fd(v: Value): void {
    const register = (this.#instruction.word >>> 7) & 31;
    this.frame.body.emit(i64.store([0x41, 0], this.frame.file + OFFSET_F + 8 * register, v.code));
  }
}
