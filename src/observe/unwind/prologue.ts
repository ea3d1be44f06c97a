// Frame rules read from a function's own beginning: how far it moved the stack pointer and where it saved its registers.
// Right for code that does so once, before its first jump or call, as compilers and JITs do. Unprivileged ISA 2.4, 26 (compressed)
import type { Rules } from "./cfi.ts";

const SP = 2;
/** Instructions that are looked at: a prologue is at the start. */
const LONGEST = 64;

const signed = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits);

/** The rules at `pc` of the function that begins at `start`; undefined when it has moved no stack pointer. */
export function rulesOfPrologue(
  half: (address: number) => number | undefined,
  start: number,
  pc: number,
): Rules | undefined {
  let moved = 0;
  const saved = new Map<number, number>();
  let at = start;
  for (let i = 0; i < LONGEST && at < pc; i++) {
    const low = half(at);
    if (low === undefined) return undefined;
    if ((low & 3) === 3) {
      const high = half(at + 2);
      if (high === undefined) return undefined;
      const word = (low | (high << 16)) >>> 0;
      // addi sp, sp, imm
      if ((word & 0xfffff) === 0x10113) moved += signed(word >>> 20, 12);
      // sd register, offset(sp)
      else if ((word & 0xff07f) === 0x13023) {
        saved.set((word >>> 20) & 31, moved + signed(((word >>> 25) << 5) | ((word >>> 7) & 31), 12));
      } else if ((word & 0x7f) === 0x67 || (word & 0x7f) === 0x6f) break;
      at += 4;
      continue;
    }
    // c.addi sp, imm
    if ((low & 0xef83) === 0x0101) moved += signed(((low >>> 7) & 32) | ((low >>> 2) & 31), 6);
    // c.addi16sp
    else if ((low & 0xef83) === 0x6101) {
      const high = ((low >>> 3) & 0x200) | ((low << 4) & 0x180) | ((low << 1) & 0x40);
      moved += signed(high | ((low << 3) & 0x20) | ((low >>> 2) & 0x10), 10);
    }
    // c.sdsp register, offset(sp)
    else if ((low & 0xe003) === 0xe002)
      saved.set((low >>> 2) & 31, moved + (((low >>> 7) & 0x38) | ((low >>> 1) & 0x1c0)));
    // c.j, c.jr
    else if ((low & 0xe003) === 0xa001 || (low & 0xf07f) === 0x8002) break;
    at += 2;
  }
  if (moved >= 0) return undefined;
  return { cfaRegister: SP, cfaOffset: -moved, saved };
}
