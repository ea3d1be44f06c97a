// All rows, numbered, and the way from an instruction word to its row. Compressed words go through compressed.ts first.
import { atomic } from "./atomic.ts";
import { base } from "./base.ts";
import { csr } from "./csr.ts";
import { float } from "./float.ts";
import { multiply } from "./multiply.ts";
import type { Row } from "./row.ts";

export type { Operations, Row } from "./row.ts";

export const rows: readonly Row[] = [...base, ...multiply, ...atomic, ...csr, ...float].map((draft, index) => ({
  ...draft,
  index,
}));

/** What /proc/cpuinfo and hwprobe may claim. */
export const extensions = ["i", "m", "a", "f", "d", "c", "zicntr", "zicsr", "zifencei"] as const;

/** Candidates by opcode bits 6..2 and funct3; looked for when first asked. */
const candidates = new Array<readonly Row[] | undefined>(256).fill(undefined);

function candidatesOf(key: number): readonly Row[] {
  const word = ((key >>> 3) << 2) | 3 | ((key & 7) << 12);
  const found = rows.filter((r) => {
    const mask = r.mask & 0x707f;
    return (word & mask) === (r.match & mask);
  });
  candidates[key] = found;
  return found;
}

/** The row of a 32-bit word, or undefined when it is illegal. */
export function rowOf(word: number): Row | undefined {
  const key = ((word >>> 2) & 31) * 8 + ((word >>> 12) & 7);
  for (const r of candidates[key] ?? candidatesOf(key)) {
    if ((word & r.mask) >>> 0 === r.match) return roundingIsLegal(r, word) ? r : undefined;
  }
  return undefined;
}

/** 21.2: rounding modes 5 and 6 in the word are reserved; 7 is dynamic. */
function roundingIsLegal(r: Row, word: number): boolean {
  const opcode = word & 0x7f;
  if (opcode !== 0x53 && (opcode < 0x43 || opcode > 0x4f)) return true;
  if ((r.mask & 0x7000) !== 0) return true;
  const mode = (word >>> 12) & 7;
  return mode !== 5 && mode !== 6;
}

/** The immediate of a word, sign-extended, by the row's shape. Unprivileged ISA 2.3. */
export function immediateOf(r: Row, word: number): number {
  switch (r.shape) {
    case "I":
      return word >> 20;
    case "S":
      return ((word >> 25) << 5) | ((word >>> 7) & 31);
    case "B":
      return (
        ((word >> 31) << 12) | (((word >>> 7) & 1) << 11) | (((word >>> 25) & 63) << 5) | (((word >>> 8) & 15) << 1)
      );
    case "U":
      return word & 0xfffff000;
    case "J":
      return (
        ((word >> 31) << 20) |
        (((word >>> 12) & 255) << 12) |
        (((word >>> 20) & 1) << 11) |
        (((word >>> 21) & 1023) << 1)
      );
    case "shift":
      return (word >>> 20) & 63;
    case "shiftw":
      return (word >>> 20) & 31;
    case "csr":
      return word >>> 20;
    default:
      return 0;
  }
}
