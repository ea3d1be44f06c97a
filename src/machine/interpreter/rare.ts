// rare(ptr): executes operations that are seldom enough to be kept out of the hot loop's function, which then
// compiles faster. Answers 1, or 0 when the reference must execute the instruction; nothing has happened then.
import { OFFSET_FCSR, OFFSET_RESERVATION, OFFSET_RESERVED_VALUE } from "../context.ts";
import { Body, type Code, I32, I64, type ModuleBuilder, op } from "../wasm/encoder.ts";
import { Emitter, type Frame, type Value } from "./operations.ts";
import { RARE_IMMEDIATE, rareRows } from "./plan.ts";
import { FILLED } from "./refill.ts";

const { i32, i64 } = op;

/** In the word of fcsr, by CSR: fflags, frm, fcsr. */
const FLOAT_FIELDS: Record<number, readonly [shift: number, mask: number]> = { 1: [0, 0x1f], 2: [5, 7], 3: [0, 0xff] };

class RareEmitter extends Emitter {
  override readonly imm: Value;
  readonly #old: number;

  readonly #csr: number | undefined;

  readonly #counter: number;

  /** `counter`: the imported function that reads those of Zicntr. */
  constructor(frame: Frame, old: number, csr: number | undefined, counter: number) {
    super(frame, 4, true);
    this.#old = old;
    this.#csr = csr;
    this.#counter = counter;
    const both = i64.load32_s(op.get(frame.ptr), 4);
    this.imm = { code: i64.shr_s(both, i64.const(RARE_IMMEDIATE)), condition: false };
  }

  /** The rs1 field holds 8 × the register's number. */
  override get zimm(): Value {
    const field = i32.load8_u(op.get(this.frame.ptr), 2);
    return { code: i64.extend_i32_u(i32.shr_u(field, i32.const(3))), condition: false };
  }

  /** fflags, frm and fcsr: fields of one word. A csrrs of x0 writes back what it read, which does nothing. */
  override csr(change: ((old: Value) => Value) | undefined): Value {
    const { body, file } = this.frame;
    if (this.#csr! >= 0xc00) {
      const read = op.call(this.#counter, i32.const(this.#csr!));
      return { code: i64.trunc_sat_f64_u(read), condition: false };
    }
    const [shift, mask] = FLOAT_FIELDS[this.#csr!]!;
    const word = i64.load32_u(i32.const(0), file + OFFSET_FCSR);
    body.emit(op.set(this.#old, i64.and(i64.shr_u(word, i64.const(shift)), i64.const(mask))));
    if (change) {
      const field = i64.shl(i64.and(change(this.#value()).code, i64.const(mask)), i64.const(shift));
      const rest = i64.and(word, i64.const(~(mask << shift) & 0xff));
      body.emit(i64.store32(i32.const(0), file + OFFSET_FCSR, i64.or(rest, field)));
    }
    return this.#value();
  }

  #value(): Value {
    return { code: op.get(this.#old), condition: false };
  }

  /** The reference knows what a misaligned atomic access is. */
  private translateAligned(address: Value, size: 4 | 8, write: boolean): Code {
    this.frame.body.brIf("reference", i32.and(i32.wrap(address.code), i32.const(size - 1)));
    return this.translate(address, size, write);
  }

  override amo(address: Value, size: 4 | 8, change: (old: Value) => Value): Value {
    const { body, entry } = this.frame;
    body.emit(op.set(entry, this.translateAligned(address, size, true)));
    const at = op.get(entry);
    body.emit(op.set(this.#old, size === 8 ? i64.load(at, 0) : i64.load32_s(at, 0)));
    const changed = change(this.#value());
    body.emit(size === 8 ? i64.store(at, 0, changed.code) : i64.store32(at, 0, changed.code));
    return this.#value();
  }

  override loadReserved(address: Value, size: 4 | 8): Value {
    const { body, va, entry, file } = this.frame;
    body.emit(op.set(entry, this.translateAligned(address, size, false)));
    const at = op.get(entry);
    body.emit(i64.store(i32.const(0), file + OFFSET_RESERVATION, op.get(va)));
    body.emit(op.set(this.#old, size === 8 ? i64.load(at, 0) : i64.load32_s(at, 0)));
    body.emit(i64.store(i32.const(0), file + OFFSET_RESERVED_VALUE, op.get(this.#old)));
    return this.#value();
  }

  override storeConditional(address: Value, size: 4 | 8, v: Value): Value {
    const { body, entry, file } = this.frame;
    const reservation = i64.load(i32.const(0), file + OFFSET_RESERVATION);
    const held = i32.and(i64.ne(address.code, i64.const(0)), i64.eq(reservation, address.code));
    body.emit(op.set(this.#old, i64.const(1)));
    body.when(held, () => {
      body.emit(op.set(entry, this.translateAligned(address, size, true)));
      const at = op.get(entry);
      const reserved = i64.load(i32.const(0), file + OFFSET_RESERVED_VALUE);
      const same =
        size === 8 ? i64.eq(i64.load(at, 0), reserved) : i64.eq(i64.load32_s(at, 0), i64.extend32_s(reserved));
      body.when(same, () => {
        body.emit(size === 8 ? i64.store(at, 0, v.code) : i64.store32(at, 0, v.code));
        body.emit(op.set(this.#old, i64.const(0)));
      });
    });
    body.emit(i64.store(i32.const(0), file + OFFSET_RESERVATION, i64.const(0)));
    return this.#value();
  }
}

export function defineRare(module: ModuleBuilder, index: number, file: number, refill: number, counter: number): void {
  const body = new Body(1);
  const ptr = 0;
  const va = body.local(I64);
  const entry = body.local(I32);
  const old = body.local(I64);
  const frame: Frame = {
    body,
    file,
    ptr,
    va,
    entry,
    within: body.local(I64),
    pc: i64.const(0),
    miss(write, condition) {
      body.when(condition, () => {
        body.brIf("reference", i32.ne(op.call(refill, op.get(va), i32.const(write ? 1 : 0)), i32.const(FILLED)));
        body.br("again");
      });
    },
  };
  body.block("reference", () => {
    body.block("done", () => {
      body.loop("again", () => {
        const cases = rareRows.map(({ row, csr }) => () => {
          row.meaning(new RareEmitter(frame, old, csr, counter));
          body.br("done");
        });
        body.dispatch(i32.load8_u(op.get(ptr), 4), cases, "reference");
      });
    });
    // x0 may have been the destination.
    body.emit(i64.store(i32.const(0), file, i64.const(0)), i32.const(1), op.return);
  });
  body.emit(i32.const(0));
  module.define(index, body);
}
