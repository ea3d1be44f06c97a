// What is translated together: the blocks of one code page that are reached from a hot place by branches, jumps and
// returns from calls, in the order of their addresses. Leaving the page, calling, and what the translator does not do
// leave the region.
import { expand } from "../isa/compressed.ts";
import { immediateOf, rowOf } from "../isa/index.ts";
import type { Row } from "../isa/row.ts";
import { PAGE_SIZE, type Ram } from "../ram.ts";

/** One instruction: where it lies in the page, and what it is. */
export interface Instruction {
  readonly offset: number;
  readonly length: 2 | 4;
  readonly word: number;
  readonly row: Row;
  readonly immediate: number;
}

/** How a block ends. */
export type End =
  /** Goes on to the next instruction (a branch's target begins there). */
  | { kind: "next" }
  | { kind: "branch"; target: number }
  | { kind: "jump"; target: number }
  /** jalr. */
  | { kind: "indirect" }
  /** The interpreter executes the instruction at this offset, or goes on there. */
  | { kind: "leave"; offset: number };

export interface Block {
  readonly start: number;
  readonly instructions: Instruction[];
  end: End;
}

export interface Region {
  /** By address. */
  readonly blocks: readonly Block[];
  /** Offsets at which it is entered from outside: the start, returns from calls, what follows an instruction left out. */
  readonly entries: ReadonlySet<number>;
}

/** Instructions in a region, at most. */
const LIMIT = 400;
const LEFT_OUT = new Set(["ecall", "ebreak", "fence.i"]);

/** The instruction at an offset of the frame; undefined where it straddles the page or means nothing. */
function instructionAt(ram: Ram, frame: number, offset: number): Instruction | undefined {
  const low = ram.u16[(frame + offset) >>> 1]!;
  const short = (low & 3) !== 3;
  if (!short && offset + 4 > PAGE_SIZE) return undefined;
  const word = short ? expand(low) : (low | (ram.u16[(frame + offset + 2) >>> 1]! << 16)) >>> 0;
  const row = rowOf(word);
  return row ? { offset, length: short ? 2 : 4, word, row, immediate: immediateOf(row, word) } : undefined;
}

const rdOf = (word: number): number => (word >>> 7) & 31;

/** `supported` says of rows that are neither control flow nor left out whether the translator does them; `executed` of
 *  offsets whether they were. The region stays in `window`. */
export function findRegion(
  ram: Ram,
  frame: number,
  start: number,
  supported: (row: Row, word: number) => boolean,
  executed: (offset: number) => boolean,
  window: readonly [low: number, high: number] = [0, PAGE_SIZE],
): Region | undefined {
  const inPage = (offset: number): boolean => offset >= window[0] && offset < window[1];
  const known = new Map<number, Instruction>();
  const leaders = new Set<number>([start]);
  const entries = new Set<number>([start]);
  const ends = new Map<number, End>();
  const work = [start];
  let count = 0;
  let searched = false;
  for (;;) {
    const from = work.pop();
    if (from === undefined) {
      // A jump through a table: its targets are among what has been executed and is reached by nothing else.
      if (searched || ![...ends].some(([offset, end]) => end.kind === "indirect" && isTableJump(known.get(offset)!)))
        break;
      searched = true;
      for (const offset of unreached(ram, frame, executed)) {
        if (known.has(offset) || !inPage(offset)) continue;
        leaders.add(offset);
        entries.add(offset);
        work.push(offset);
      }
      continue;
    }
    let offset = from;
    while (!known.has(offset) && !ends.has(offset)) {
      const instruction = count < LIMIT && inPage(offset) ? instructionAt(ram, frame, offset) : undefined;
      if (!instruction) {
        ends.set(offset, { kind: "leave", offset });
        break;
      }
      const { row, word, length, immediate } = instruction;
      const next = offset + length;
      const opcode = word & 0x7f;
      const lead = (target: number): void => {
        leaders.add(target);
        work.push(target);
      };
      if (opcode === 0x63) {
        count++;
        known.set(offset, instruction);
        ends.set(offset, { kind: "branch", target: offset + immediate });
        if (inPage(offset + immediate)) lead(offset + immediate);
        lead(next);
        break;
      }
      if (opcode === 0x6f || opcode === 0x67) {
        count++;
        known.set(offset, instruction);
        const call = rdOf(word) !== 0;
        const target = offset + immediate;
        ends.set(offset, opcode === 0x6f ? { kind: "jump", target } : { kind: "indirect" });
        if (opcode === 0x6f && inPage(target)) {
          lead(target);
          // What is called from here is called from elsewhere too.
          if (call) entries.add(target);
        }
        if (call && inPage(next)) {
          entries.add(next);
          lead(next);
        }
        break;
      }
      if (LEFT_OUT.has(row.name) || !supported(row, word)) {
        ends.set(offset, { kind: "leave", offset });
        if (inPage(next) && row.name !== "ebreak") {
          entries.add(next);
          lead(next);
        }
        break;
      }
      count++;
      known.set(offset, instruction);
      offset = next;
    }
  }
  return cut(known, leaders, ends, entries, start);
}

/** jr of another register than the link registers. Unprivileged ISA 2.5.1, table 3 */
function isTableJump({ word }: Instruction): boolean {
  const rs1 = (word >>> 15) & 31;
  return rdOf(word) === 0 && rs1 !== 1 && rs1 !== 5;
}

/** Places that were executed and that no instruction before them runs into. */
function unreached(ram: Ram, frame: number, executed: (offset: number) => boolean): number[] {
  const found: number[] = [];
  let runsOn = false;
  for (let offset = 0; offset < PAGE_SIZE; ) {
    if (!executed(offset)) {
      runsOn = false;
      offset += 2;
      continue;
    }
    if (!runsOn) found.push(offset);
    const instruction = instructionAt(ram, frame, offset);
    const opcode = (instruction?.word ?? 0) & 0x7f;
    runsOn = opcode !== 0x67 && !(opcode === 0x6f && rdOf(instruction!.word) === 0);
    offset += instruction?.length ?? 2;
  }
  return found;
}

/** Cuts what was found into blocks at the leaders. */
function cut(
  known: ReadonlyMap<number, Instruction>,
  leaders: ReadonlySet<number>,
  ends: ReadonlyMap<number, End>,
  entries: Set<number>,
  start: number,
): Region | undefined {
  const blocks: Block[] = [];
  for (const leader of [...leaders].sort((a, b) => a - b)) {
    const block: Block = { start: leader, instructions: [], end: { kind: "next" } };
    let offset = leader;
    for (;;) {
      const instruction = known.get(offset);
      const end = ends.get(offset);
      if (instruction) block.instructions.push(instruction);
      if (end) {
        block.end = end;
        break;
      }
      if (!instruction) {
        block.end = { kind: "leave", offset };
        break;
      }
      offset += instruction.length;
      if (leaders.has(offset)) break;
    }
    blocks.push(block);
  }
  // A place at which nothing can be done is none to enter at.
  const empty = new Set(blocks.filter((block) => block.instructions.length === 0).map((block) => block.start));
  for (const offset of empty) entries.delete(offset);
  if (!entries.has(start)) return undefined;
  return { blocks, entries };
}
