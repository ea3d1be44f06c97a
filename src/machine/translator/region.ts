// What is translated together: the blocks that are reached from an entry by branches and jumps and behind the calls that
// return, over as many pages as that takes. It has the shape of a function, or of what is left of one when it is entered
// in the middle. Offsets are distances in bytes from the page of the entry, so that a region is the same wherever its
// pages are mapped.
import { expand } from "../isa/compressed.ts";
import { immediateOf, rowOf } from "../isa/index.ts";
import type { Row } from "../isa/row.ts";

/** One instruction: where it lies, and what it is. */
export interface Instruction {
  readonly offset: number;
  readonly length: 2 | 4;
  readonly word: number;
  readonly row: Row;
  readonly immediate: number;
  /** Its access is not to be checked together with others: they lie on two pages. */
  readonly apart: boolean;
}

/** How a block ends. Offsets that are no block's start lie outside the region. */
export type End =
  | { readonly kind: "next"; readonly next: number }
  | { readonly kind: "branch"; readonly target: number; readonly next: number }
  | { readonly kind: "jump"; readonly target: number }
  /** `target` undefined: jalr. */
  | { readonly kind: "call"; readonly target: number | undefined; readonly next: number }
  | { readonly kind: "return" }
  /** jalr that is neither. */
  | { readonly kind: "indirect" }
  /** The interpreter executes the instruction at this offset. */
  | { readonly kind: "leave"; readonly at: number };

export interface Block {
  readonly start: number;
  readonly instructions: readonly Instruction[];
  readonly end: End;
}

export interface Region {
  /** The entry's block is the first. */
  readonly blocks: readonly Block[];
  /** Pages that its instructions lie on, counted from the entry's. */
  readonly pages: readonly number[];
}

/** Code as the address space has it, by offsets from the page of the entry. */
export interface CodeView {
  /** 16 bits, or -1 where there is no code. */
  half(offset: number): number;
  /** What has never been executed is left out. */
  executed(offset: number): boolean;
  /** Where accesses were found to lie on two pages when they are checked together. */
  apart(offset: number): boolean;
}

/** Says of rows that are no control flow whether the translator does them. */
export type Supported = (row: Row, word: number) => boolean;

/** Bytes from the entry, so that an offset fits where translate.ts keeps it. */
const FARTHEST = 1 << 19;
const INTERPRETED = new Set(["ecall", "ebreak", "fence.i"]);
const BRANCH = 0x63;
const JAL = 0x6f;
const JALR = 0x67;
const AUIPC = 0x17;
const RA = 1;
/** The alternate link register. Unprivileged ISA 2.5.1, table 3 */
const T0 = 5;

const rdOf = (word: number): number => (word >>> 7) & 31;
const rs1Of = (word: number): number => (word >>> 15) & 31;
const isLink = (register: number): boolean => register === RA || register === T0;

function instructionAt(view: CodeView, offset: number): Instruction | undefined {
  const low = view.half(offset);
  if (low < 0) return undefined;
  const short = (low & 3) !== 3;
  const high = short ? 0 : view.half(offset + 2);
  if (high < 0) return undefined;
  const word = short ? expand(low) : (low | (high << 16)) >>> 0;
  const row = rowOf(word);
  if (!row) return undefined;
  return { offset, length: short ? 2 : 4, word, row, immediate: immediateOf(row, word), apart: view.apart(offset) };
}

/** At most about `limit` instructions; undefined when not even the first can be done. */
export function grow(view: CodeView, entry: number, limit: number, supported: Supported): Region | undefined {
  return new Growth(view, limit, supported).from(entry);
}

class Growth {
  private readonly view: CodeView;
  private readonly limit: number;
  private readonly supported: Supported;
  private readonly known = new Map<number, Instruction>();
  private readonly leaders = new Set<number>();
  /** By the offset of the instruction that ends a block, or at which it is left. */
  private readonly ends = new Map<number, End>();
  /** A call's stub, which is done in the caller: by the call's offset. */
  private readonly stubs = new Map<number, readonly Instruction[]>();
  private readonly work: number[] = [];

  constructor(view: CodeView, limit: number, supported: Supported) {
    this.view = view;
    this.limit = limit;
    this.supported = supported;
  }

  from(entry: number): Region | undefined {
    this.leaders.add(entry);
    this.work.push(entry);
    // First come, first served: what is near the entry.
    for (let i = 0; i < this.work.length; i++) this.walk(this.work[i]!);
    return this.cut(entry);
  }

  private lead(offset: number): void {
    if (this.leaders.has(offset) || Math.abs(offset) > FARTHEST || !this.view.executed(offset)) return;
    if (this.known.size >= this.limit && !this.known.has(offset)) return;
    this.leaders.add(offset);
    this.work.push(offset);
  }

  private walk(offset: number): void {
    let before: Instruction | undefined;
    while (!this.known.has(offset) && !this.ends.has(offset)) {
      if (this.known.size >= this.limit) {
        this.ends.set(offset, { kind: "next", next: offset });
        return;
      }
      const instruction = instructionAt(this.view, offset);
      if (!instruction) {
        // What can't be fetched, or means nothing.
        this.ends.set(offset, { kind: "leave", at: offset });
        return;
      }
      const end = this.endOf(instruction, before);
      if (end) {
        if (end.kind !== "leave") this.known.set(offset, instruction);
        this.ends.set(offset, end);
        if (end.kind === "branch") {
          this.lead(end.next);
          this.lead(end.target);
        } else if (end.kind === "jump") this.lead(end.target);
        else if (end.kind === "call") this.lead(end.next);
        return;
      }
      this.known.set(offset, instruction);
      before = instruction;
      offset += instruction.length;
    }
  }

  /** Undefined for what goes on to the next instruction. */
  private endOf(instruction: Instruction, before: Instruction | undefined): End | undefined {
    const { offset, length, word, row, immediate } = instruction;
    const next = offset + length;
    switch (word & 0x7f) {
      case BRANCH:
        return { kind: "branch", target: offset + immediate, next };
      case JAL: {
        const target = offset + immediate;
        if (!isLink(rdOf(word))) return { kind: "jump", target };
        const stub = this.stubAt(target);
        if (!stub) return { kind: "call", target, next };
        this.stubs.set(offset, stub);
        return { kind: "call", target: undefined, next };
      }
      case JALR: {
        const rd = rdOf(word);
        if (isLink(rd)) {
          const near = before && (before.word & 0x7f) === AUIPC && rdOf(before.word) === rs1Of(word);
          return { kind: "call", target: near ? (before.offset + before.immediate + immediate) & -2 : undefined, next };
        }
        return rd === 0 && isLink(rs1Of(word)) && immediate === 0 ? { kind: "return" } : { kind: "indirect" };
      }
    }
    if (INTERPRETED.has(row.name) || !this.supported(row, word)) return { kind: "leave", at: offset };
    return undefined;
  }

  /** A procedure linkage table's entry: auipc, load, jalr t1. psABI, "Procedure Linkage Table" */
  private stubAt(target: number): readonly Instruction[] | undefined {
    if (!this.view.executed(target)) return undefined;
    const first = instructionAt(this.view, target);
    if (!first || (first.word & 0x7f) !== AUIPC || first.length !== 4) return undefined;
    const second = instructionAt(this.view, target + 4);
    if (second?.row.name !== "ld" || rs1Of(second.word) !== rdOf(first.word)) return undefined;
    const third = instructionAt(this.view, target + 8);
    if (third?.row.name !== "jalr" || rs1Of(third.word) !== rdOf(second.word)) return undefined;
    return isLink(rdOf(third.word)) || rdOf(third.word) === 0 ? undefined : [first, second, third];
  }

  /** Cuts what was found into blocks at the leaders. */
  private cut(entry: number): Region | undefined {
    const blocks: Block[] = [];
    const pages = new Set<number>();
    const lieOn = ({ offset, length }: Instruction): void => {
      pages.add(offset >> 12);
      pages.add((offset + length - 1) >> 12);
    };
    for (const start of this.leaders) {
      const instructions: Instruction[] = [];
      let end: End | undefined;
      for (let offset = start; !end; ) {
        const instruction = this.known.get(offset);
        end = this.ends.get(offset);
        if (!instruction) {
          end ??= { kind: "leave", at: offset };
          break;
        }
        instructions.push(instruction);
        lieOn(instruction);
        for (const stub of this.stubs.get(offset) ?? []) {
          instructions.push(stub);
          lieOn(stub);
        }
        offset += instruction.length;
        if (!end && this.leaders.has(offset)) end = { kind: "next", next: offset };
      }
      // Where the limit was reached nothing begins.
      if (instructions.length > 0 || end.kind === "leave") blocks.push({ start, instructions, end });
    }
    if (blocks[0]?.start !== entry || blocks[0].instructions.length === 0) return undefined;
    return { blocks, pages: [...pages] };
  }
}
