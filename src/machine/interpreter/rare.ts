// rare(ptr, tlb): executes operations that are seldom enough to be kept out of the hot loop's function, which then
// compiles faster. Answers 1, or 0 when the reference must execute the instruction; nothing has happened then.
import { OFFSET_RESERVATION, OFFSET_RESERVED_VALUE } from "../context.ts";
import { Body, I32, I64, type ModuleBuilder, op } from "../wasm/encoder.ts";
import { Emitter, type Frame, type Value } from "./operations.ts";
import { rareRows } from "./plan.ts";

const { i32, i64 } = op;

class RareEmitter extends Emitter {
  readonly #old: number;

  constructor(frame: Frame, old: number) {
    super(frame, 4, true);
    this.#old = old;
  }

  #value(): Value {
    return { code: op.get(this.#old), condition: false };
  }

  override amo(address: Value, size: 4 | 8, change: (old: Value) => Value): Value {
    const { body, entry } = this.frame;
    body.emit(op.set(entry, this.translate(address, size, true)));
    const at = op.get(entry);
    body.emit(op.set(this.#old, size === 8 ? i64.load(at, 0) : i64.load32_s(at, 0)));
    const changed = change(this.#value());
    body.emit(size === 8 ? i64.store(at, 0, changed.code) : i64.store32(at, 0, changed.code));
    return this.#value();
  }

  override loadReserved(address: Value, size: 4 | 8): Value {
    const { body, va, entry, file } = this.frame;
    body.emit(op.set(entry, this.translate(address, size, false)));
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
      body.emit(op.set(entry, this.translate(address, size, true)));
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

export function defineRare(module: ModuleBuilder, index: number, file: number, refill: number): void {
  const body = new Body(2);
  const ptr = 0;
  const tlb = 1;
  const va = body.local(I64);
  const entry = body.local(I32);
  const old = body.local(I64);
  const frame: Frame = {
    body,
    file,
    ptr,
    tlb,
    va,
    entry,
    pc: i64.const(0),
    miss(write, condition) {
      // The entry may be filled and still not permit it only when the access is misaligned: refill says 0 then.
      body.when(condition, () => {
        body.brIf("reference", i32.eqz(op.call(refill, op.get(va), i32.const(write ? 1 : 0), op.get(tlb))));
        body.br("again");
      });
    },
  };
  body.block("reference", () => {
    body.block("done", () => {
      body.loop("again", () => {
        const cases = rareRows.map((row) => () => {
          row.meaning(new RareEmitter(frame, old));
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
