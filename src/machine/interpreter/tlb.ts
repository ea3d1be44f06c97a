// Where an address has its entry in the software TLB (page-table.ts): WebAssembly for it.
import type { TlbPart } from "../page-table.ts";
import { type Code, op } from "../wasm/encoder.ts";

const { i32 } = op;

/** The entry's address, but for the part's own offset, which goes into the access. `va` pushes an i64. */
export function tlbEntry(part: TlbPart, va: Code, tlb: Code): Code {
  return i32.add(i32.and(i32.shr_u(i32.wrap(va), i32.const(8)), i32.const((part.entries - 1) << 4)), tlb);
}
