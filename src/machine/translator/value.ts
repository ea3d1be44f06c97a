// What the translator's operations work on: small trees that are emitted where they are used.
import { I64, type ValueType } from "../wasm/encoder.ts";

export type Type = ValueType;

/** An expression: a local, a constant, or an opcode over one to three others. */
export interface Value {
  readonly kind: "local" | "constant" | "operation" | "memory" | "choose";
  readonly type: Type;
  /** Of an operation or a load: the opcode; of a local: its number. */
  readonly code: number;
  readonly constant: number | bigint;
  readonly a: Value | undefined;
  readonly b: Value | undefined;
  readonly c: Value | undefined;
}

export const make = (
  kind: Value["kind"],
  type: Type,
  code: number,
  constant: number | bigint,
  a?: Value,
  b?: Value,
  c?: Value,
): Value => ({ kind, type, code, constant, a, b, c });
export const localOf = (type: Type, local: number): Value => make("local", type, local, 0);
export const constantOf = (n: number | bigint): Value => make("constant", I64, 0, n);
export const operation = (type: Type, code: number, a: Value, b?: Value): Value =>
  make("operation", type, code, 0, a, b);

export const ZERO = constantOf(0);
export const SIGN = constantOf(-(1n << 63n));
export const MAGNITUDE = constantOf((1n << 63n) - 1n);
export const BOX = constantOf(-0x1_0000_0000);

// Opcodes. WebAssembly Core Specification 2.0, 5.4.
export const I64_EQZ = 0x50;
export const I64_EQ = 0x51;
export const I64_NE = 0x52;
export const I32_WRAP = 0xa7;
export const I64_EXTEND_I32_U = 0xad;
export const I64_EXTEND32_S = 0xc4;
export const I64_ADD = 0x7c;
export const I64_SUB = 0x7d;
export const I64_MUL = 0x7e;
export const I64_AND = 0x83;
export const I64_OR = 0x84;
export const I64_XOR = 0x85;
export const I64_SHL = 0x86;
export const I64_SHR_U = 0x88;
export const I64_OF_F64 = 0xbd;
export const F64_OF_I64 = 0xbf;
export const I32_OF_F32 = 0xbc;
export const F32_OF_I32 = 0xbe;
export const F64_COPYSIGN = 0xa6;
export const F64_NEG = 0x9a;
