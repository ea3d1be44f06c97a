// Which accesses of a block are checked together.
import { operandsOf, writesX } from "./operands.ts";
import type { Instruction } from "./region.ts";

/** Accesses of a block whose addresses differ by constants: one page, looked up once. */
export interface Group {
  /** The smallest offset, and how many bytes from there on are accessed. */
  readonly low: number;
  readonly span: number;
  /** One of them stores. Who may write may read. */
  readonly write: boolean;
  /** The local of the physical address at the smallest offset, once it is known. */
  readonly physical: number;
  known: boolean;
}

/** Bytes that a group of accesses spans at most: it should seldom lie on two pages. */
const MOST_SPAN = 256;
const LOAD = 0x03;
const LOAD_FP = 0x07;
const STORE = 0x23;
const STORE_FP = 0x27;

/** Which accesses of a block go through the same base, that does not change between them. */
export function groupsOf(instructions: readonly Instruction[], local: () => number): Map<Instruction, Group> {
  const groups = new Map<Instruction, Group>();
  const open = new Map<number, Instruction[]>();
  const close = (register: number): void => {
    const members = open.get(register) ?? [];
    open.delete(register);
    if (members.length < 2) return;
    const low = Math.min(...members.map((member) => member.immediate));
    const high = Math.max(...members.map((member) => member.immediate + (1 << ((member.word >>> 12) & 3))));
    const write = members.some(({ word }) => (word & 0x7f) === STORE || (word & 0x7f) === STORE_FP);
    const group: Group = { low, span: high - low, write, physical: local(), known: false };
    for (const member of members) groups.set(member, group);
  };
  for (const instruction of instructions) {
    const { word, row, immediate } = instruction;
    const opcode = word & 0x7f;
    if (opcode === LOAD || opcode === LOAD_FP || opcode === STORE || opcode === STORE_FP) {
      const base = (word >>> 15) & 31;
      const members = open.get(base) ?? [];
      const offsets = [...members.map((member) => member.immediate), immediate];
      if (Math.max(...offsets) - Math.min(...offsets) > MOST_SPAN - 8) close(base);
      const present = open.get(base);
      if (present) present.push(instruction);
      else open.set(base, [instruction]);
    }
    const written = writesX(operandsOf(row), word);
    if (written !== 0) close(31 - Math.clz32(written));
  }
  for (const register of [...open.keys()]) close(register);
  return groups;
}
