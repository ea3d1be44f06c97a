// The predecoder's loop, in WebAssembly: from a record on it copies what instructions were decoded to before, until a
// jump, a known record or the page's end. What was never met goes to predecode.ts. Code that runs once, such as a
// program's start, is mostly decoding.
import { FILE_DECODED } from "../context.ts";
import { Body, type Code, I32, type ModuleBuilder, op } from "../wasm/encoder.ts";
import { HEADER_FRAME, OP_DECODE, OP_STRADDLE, RECORD, SLOTS } from "./layout.ts";

const { i32, i64 } = op;

// The tables in RAM, at the address in the register file's FILE_DECODED.
/** Records of all short instructions; one that is 0 was never met. */
export const DECODED_SHORT = 0;
/** Of long ones, by a hash: 16 bytes, the record and the word. */
export const DECODED_LONG = DECODED_SHORT + 65536 * RECORD;
export const LONG_BITS = 13;
export const LONG_HASH = 0x9e3779b1;
/** A byte by both operations, 256 × first + second: what does both, or 0 (plan.ts). */
export const DECODED_PAIRS = DECODED_LONG + (16 << LONG_BITS);
/** A byte by operation: 1 for what never goes on to the next record, as nothing says that code follows. */
export const DECODED_ENDS = DECODED_PAIRS + 65536;
export const DECODED_SIZE = DECODED_ENDS + 256;

/** decode(ptr, block). `encode(at, word, length)` makes the record at `at`. */
export function defineDecode(module: ModuleBuilder, index: number, file: number, encode: number): void {
  const body = new Body(2);
  const [ptr, block] = [op.get(0), op.get(1)];
  const local = () => body.local(I32);
  const [tables, half, end, before, operation, found, word, entry] = [
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
  ];
  const advance = (halves: number): void =>
    body.emit(
      op.set(0, i32.add(ptr, i32.const(halves * RECORD))),
      op.set(half, i32.add(op.get(half), i32.const(halves * 2))),
    );
  /** Makes one operation of the record before and `second`. */
  const pair = (second: Code): void => {
    const key = i32.add(i32.shl(op.get(operation), i32.const(8)), second);
    body.emit(op.set(entry, i32.load8_u(i32.add(op.get(tables), key), DECODED_PAIRS)));
    body.when(op.get(entry), () => body.emit(i64.store8(op.get(before), 0, i64.extend_i32_u(op.get(entry)))));
  };
  const copy = (): void => body.emit(i64.store(ptr, 0, i64.load(op.get(entry), 0)));

  body.emit(op.set(tables, i32.load(i32.const(0), file + FILE_DECODED)));
  body.emit(op.set(end, i32.add(block, i32.const(SLOTS * RECORD))));
  const slot = i32.shr_u(i32.sub(ptr, block), i32.const(3));
  body.emit(op.set(half, i32.add(i32.load(block, HEADER_FRAME), i32.shl(slot, i32.const(1)))));
  body.block("done", () =>
    body.loop("next", () => {
      body.brIf("done", i32.ge_u(ptr, op.get(end)));
      body.emit(op.set(found, i32.load8_u(ptr, 0)));
      body.when(i32.ne(op.get(found), i32.const(OP_DECODE)), () => {
        pair(op.get(found));
        body.br("done");
      });
      body.emit(op.set(word, i32.load16_u(op.get(half), 0)));
      body.when(
        i32.ne(i32.and(op.get(word), i32.const(3)), i32.const(3)),
        () => {
          body.emit(op.set(entry, i32.add(op.get(tables), i32.shl(op.get(word), i32.const(3)))));
          body.when(i32.eqz(i32.load(op.get(entry), DECODED_SHORT)), () =>
            body.emit(op.call(encode, op.get(entry), op.get(word), i32.const(2))),
          );
          copy();
          body.emit(op.set(found, i32.load8_u(ptr, 0)));
          pair(op.get(found));
          body.emit(op.set(before, ptr));
          advance(1);
        },
        () => {
          body.when(i32.eq(i32.add(ptr, i32.const(RECORD)), op.get(end)), () => {
            body.emit(i32.store(ptr, 0, i32.const(OP_STRADDLE)));
            body.br("done");
          });
          body.emit(op.set(word, i32.load(op.get(half), 0)));
          const hash = i32.shr_u(i32.mul(op.get(word), i32.const(LONG_HASH)), i32.const(32 - LONG_BITS));
          const at = i32.add(i32.add(op.get(tables), i32.const(DECODED_LONG)), i32.shl(hash, i32.const(4)));
          body.emit(op.set(entry, at));
          const other = i32.ne(i32.load(op.get(entry), 8), op.get(word));
          body.when(i32.or(i32.eqz(i32.load(op.get(entry), 0)), other), () =>
            body.emit(op.call(encode, op.get(entry), op.get(word), i32.const(4))),
          );
          copy();
          body.emit(op.set(found, i32.load8_u(ptr, 0)));
          pair(op.get(found));
          body.emit(op.set(before, ptr));
          advance(2);
        },
      );
      body.emit(op.set(operation, op.get(found)));
      body.brIf("next", i32.eqz(i32.load8_u(i32.add(op.get(tables), op.get(found)), DECODED_ENDS)));
    }),
  );
  module.define(index, body);
}
