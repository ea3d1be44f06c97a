// Where an address has its entry in the software TLB (page-table.ts): WebAssembly for it.
import { FILE_TLB } from "../context.ts";
import type { TlbPart } from "../page-table.ts";
import { type Code, op } from "../wasm/encoder.ts";

const { i32 } = op;

/** The entry's place in its part. `va` pushes an i64. */
export function tlbEntry(part: TlbPart, va: Code): Code {
  return i32.and(i32.shr_u(i32.wrap(va), i32.const(8)), i32.const((part.entries - 1) << 4));
}

/** Where a part begins: what is to be added to an entry's place. `file`: the hart's. */
export const tlbPart = (part: TlbPart, file: number): number => file + FILE_TLB + part.at;
