// What an instruction is translated in: the function's body, its locals and imports, and the way out.
import { type Body, F32, F64, I32, I64, type ValueType } from "../wasm/encoder.ts";

/** Unprivileged ISA, "Zicntr" */
export const CSR_TIME = 0xc01;

/** Locals that an instruction may use while it is done. */
export interface Scratch {
  readonly va: number;
  readonly entry: number;
  /** An i64: where in its page va is. */
  readonly within: number;
  readonly physical: number;
  readonly wide: readonly [number, number, number, number];
  readonly double: readonly [number, number, number, number];
  readonly single: readonly [number, number, number, number];
}

export function scratchOf(body: Body): Scratch {
  const four = (type: ValueType) => [body.local(type), body.local(type), body.local(type), body.local(type)] as const;
  return {
    ...{ va: body.local(I64), entry: body.local(I32), within: body.local(I64), physical: body.local(I32) },
    ...{ wide: four(I64), double: four(F64), single: four(F32) },
  };
}

/** What the instruction is done in. */
export interface Surroundings {
  readonly body: Body;
  /** Address of the register file. */
  readonly file: number;
  /** The local that holds the address of the region's first page. */
  readonly base: number;
  /** The local of an x-register other than x0, and of an f-register. */
  x(register: number): number;
  f(register: number): number;
  /** Nonzero: rounding is to nearest, and NX is set, so that nothing need be found out about it. */
  readonly plain: number;
  readonly scratch: Scratch;
  /** touch(va, write << 4 | aligned << 5 | size << 6): 1 when the TLB has the page now. */
  readonly touch: number;
  /** counter(csr): what a counter reads, an f64. */
  readonly counter: number;
  /** slowFloat(number, a, b, c): the interpreter's way; FILE_SLOW says whether it could. */
  readonly slowFloat: number;
  /** Pushes the fuel that is left behind this instruction, which has paid for the rest of its block. */
  fuel(): void;
  /** Emits the way to the interpreter, which does the instruction instead: inside an if. */
  step(): void;
}
