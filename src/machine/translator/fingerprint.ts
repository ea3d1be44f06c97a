// What tells one state of the translator from another: a hash of what it makes of every row, a loop, calls and jumps.
// Translations are kept for those alone that would make the same; nobody has to remember to count a version up.
import { rows } from "../isa/index.ts";
import { hashOf } from "./kept.ts";
import { grow } from "./region.ts";
import { type Settings, supported, translate } from "./translate.ts";

const FIELDS = (5 << 7) | (6 << 15) | (7 << 20) | (3 << 27);
const CONTROL = new Set([0x63, 0x6f, 0x67]);
/** fcsr's, then a loop back to the start, both kinds of call, and three ways out behind branches. */
const CSRS = [1, 2, 3].map((csr) => (csr << 20) | (6 << 15) | (1 << 12) | (5 << 7) | 0x73);
const ends = (length: number): number[] => [
  branchBack(length), // beq t1, t2, start
  0x008000ef, // jal ra, 8
  0x000380e7, // jalr ra, t2
  0x00731463, // bne t1, t2, 8
  0x00038067, // jr t2
  0x00731463, // bne t1, t2, 8
  0x00008067, // ret
  0x0000106f, // j 4096
];

function branchBack(bytes: number): number {
  const at = -bytes;
  const high = ((at >> 12) & 1) << 31;
  return (
    high | (((at >> 5) & 63) << 25) | (7 << 20) | (6 << 15) | (((at >> 1) & 15) << 8) | (((at >> 11) & 1) << 7) | 0x63
  );
}

const known = new Map<string, number>();

export function fingerprint(settings: Settings): number {
  const key = `${settings.file} ${settings.fusedMadd}`;
  const hash = known.get(key) ?? compute(settings);
  known.set(key, hash);
  return hash;
}

function compute(settings: Settings): number {
  const straight = rows
    .filter((row) => !CONTROL.has(row.match & 0x7f))
    .map((row) => ({ row, word: (row.match | (FIELDS & ~row.mask)) >>> 0 }))
    .filter(({ row, word }) => row.shape !== "csr" && supported(row, word, settings.fusedMadd))
    .map(({ word }) => word);
  const words = [...straight, ...CSRS];
  const code = new Uint16Array(Uint32Array.from([...words, ...ends(4 * words.length)]).buffer);
  const view = {
    half: (offset: number) => code[offset >> 1] ?? -1,
    executed: (offset: number) => offset < code.length * 2,
    apart: () => false,
  };
  const region = grow(view, 0, code.length, (row, word) => supported(row, word, settings.fusedMadd));
  if (!region) throw new Error("the translator does not know its own rows");
  const module = translate(region, settings);
  const padded = new Uint32Array(Math.ceil(module.length / 4));
  new Uint8Array(padded.buffer).set(module);
  return hashOf(padded);
}
