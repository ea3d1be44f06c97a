// A region to WebAssembly: one function whose locals are the x-registers that the region uses. Control flow is
// structured where the code is: blocks lie in the order of their addresses, forward branches leave nested blocks,
// loops that are entered only at their head are loops; everything else goes through one dispatch at the top.
// How it is entered and left: interpreter/enter.ts.
import { FILE_FUEL, OFFSET_PC, OFFSET_X } from "../context.ts";
import { CHAIN_PARAMETERS, ENTER_PARAMETERS, LEFT, STEP } from "../interpreter/enter.ts";
import { RECORD } from "../interpreter/layout.ts";
import { type Frame, test } from "../interpreter/operations.ts";
import { floatNumber, rareNumber } from "../interpreter/plan.ts";
import { FILLED } from "../interpreter/refill.ts";
import type { Row } from "../isa/row.ts";
import { Body, I32, I64, ModuleBuilder, op } from "../wasm/encoder.ts";
import { TranslatorEmitter } from "./emitter.ts";
import { operandsOf } from "./operands.ts";
import type { Block, Instruction, Region } from "./region.ts";

const { i32, i64 } = op;

const isFloatArithmetic = (row: Row): boolean => (row.match & 0x7f) >= 0x43 && (row.match & 0x7f) <= 0x53;

/** How an instruction is done: by code of its own, or by one of the interpreter's functions on its record. */
function wayOf(row: Row, word: number): "code" | "rare" | "float" | "nothing" | undefined {
  if (row.name === "fence") return "nothing";
  if (isFloatArithmetic(row)) return floatNumber(row, word) >= 0 ? "float" : undefined;
  if (row.shape === "csr" || row.shape === "amo") return rareNumber(row, word) >= 0 ? "rare" : undefined;
  return row.shape === "none" ? undefined : "code";
}

export const supported = (row: Row, word: number): boolean => wayOf(row, word) !== undefined;

export interface Translation {
  readonly bytes: Uint8Array;
  /** Offsets in the page that `entry` names, by its value; undefined where nothing can be done, which is none to enter at. */
  readonly entries: readonly (number | undefined)[];
}

/** Where a translation stands. */
export interface Place {
  /** The hart's register file. */
  readonly file: number;
  /** The page's block of records, which must hold the region's instructions. */
  readonly records: number;
  /** The page's table of entries, and the function's index in it: an indirect jump looks there whether it stays. */
  readonly entries: number;
  readonly index: number;
}

export function translate(region: Region, place: Place, maximumPages: number): Translation {
  return new Translator(region, place).finish(maximumPages);
}

/** A loop that becomes one: blocks [head, end). */
interface Loop {
  readonly head: number;
  readonly end: number;
}

class Translator {
  private readonly region: Region;
  private readonly blocks: readonly Block[];
  private readonly file: number;
  private readonly place: Place;
  private readonly module = new ModuleBuilder();
  private readonly body = new Body(4);
  private readonly tlb = 0;
  private readonly page = 1;
  private readonly entry = 2;
  private readonly fuel = 3;
  private readonly va = this.body.local(I64);
  private readonly slot = this.body.local(I32);
  /** Where it leaves: offset in the page or, when `wild` is set, the address in va. */
  private readonly offset = this.body.local(I32);
  private readonly wild = this.body.local(I32);
  private readonly result = this.body.local(I32);
  private readonly refill: number;
  private readonly rare: number;
  private readonly chain: number;
  private readonly floatType: number;
  private readonly enter: number;
  private readonly xs = new Map<number, number>();
  private readonly written = new Set<number>();
  private readonly indexAt = new Map<number, number>();
  private readonly loops = new Map<number, Loop>();
  private readonly entries: number[];

  constructor(region: Region, place: Place) {
    this.region = region;
    this.blocks = region.blocks;
    this.file = place.file;
    this.place = place;
    this.refill = this.module.import("refill", [I64, I32, I32], [I32]);
    this.rare = this.module.import("rare", [I32, I32], [I32]);
    this.chain = this.module.import("chain", CHAIN_PARAMETERS, [I32]);
    this.module.importTable();
    this.floatType = this.module.type([I32], [I32]);
    this.enter = this.module.declare(ENTER_PARAMETERS, [I32], "enter");
    for (const [i, block] of this.blocks.entries()) this.indexAt.set(block.start, i);
    this.collectRegisters();
    this.entries = this.shape();
  }

  finish(maximumPages: number): Translation {
    const { body } = this;
    for (const [register, local] of this.xs) {
      body.emit(op.set(local, i64.load(i32.const(0), this.file + OFFSET_X + 8 * register)));
    }
    body.block("leave", () => {
      body.loop("again", () => this.range(0, this.blocks.length, true));
    });
    for (const register of this.written) {
      body.emit(i64.store(i32.const(0), this.file + OFFSET_X + 8 * register, op.get(this.xs.get(register)!)));
    }
    const pc = i64.add(op.get(this.page), i64.extend_i32_s(op.get(this.offset)));
    body.when(i32.eqz(op.get(this.wild)), () => body.emit(op.set(this.va, pc)));
    body.when(i32.eq(op.get(this.result), i32.const(LEFT)), () =>
      body.emit(op.returnCall(this.chain, op.get(this.tlb), op.get(this.va), op.get(this.fuel))),
    );
    body.emit(i64.store(i32.const(0), this.file + OFFSET_PC, op.get(this.va)));
    body.emit(i32.store(i32.const(0), this.file + FILE_FUEL, op.get(this.fuel)), op.get(this.result));
    this.module.define(this.enter, body);
    const useful = (offset: number): boolean => this.blocks[this.indexAt.get(offset)!]!.instructions.length > 0;
    const entries = this.entries.map((offset) => (useful(offset) ? offset : undefined));
    return { bytes: this.module.finish(maximumPages), entries };
  }

  private collectRegisters(): void {
    for (const block of this.blocks) {
      for (const { row, word } of block.instructions) {
        const { rs1, rs2, rd } = operandsOf(row);
        const use = (register: number): void => {
          if (register !== 0 && !this.xs.has(register)) this.xs.set(register, this.body.local(I64));
        };
        if (rs1) use((word >>> 15) & 31);
        if (rs2) use((word >>> 20) & 31);
        const target = (word >>> 7) & 31;
        if (rd && target !== 0) {
          use(target);
          this.written.add(target);
        }
      }
    }
  }

  /** Finds the loops, and the places that the dispatch must lead to. */
  private shape(): number[] {
    const { blocks } = this;
    const forced = new Set([...this.region.entries].map((offset) => this.indexAt.get(offset)!));
    /** By target, the last block that jumps back to it; and all edges. */
    const back = new Map<number, number>();
    const edges: [from: number, to: number][] = [];
    for (const [i, block] of blocks.entries()) {
      for (const to of this.successors(block, i)) {
        edges.push([i, to]);
        if (to <= i) back.set(to, Math.max(back.get(to) ?? 0, i));
      }
    }
    // From the outermost on: a loop must lie within those around it, be entered at its head, and hold no place that the
    // dispatch leads to. What is no loop is such a place itself, so the choice is made again until nothing changes.
    const refused = new Set<number>();
    let accepted: Loop[] = [];
    for (let before = -1; before !== refused.size; ) {
      before = refused.size;
      accepted = [];
      for (const [head, last] of [...back].sort((x, y) => x[0] - y[0] || y[1] - x[1])) {
        const end = last + 1;
        const inside = (i: number): boolean => i >= head && i < end;
        const places = [...forced, ...refused];
        const fits =
          !refused.has(head) &&
          !accepted.some((loop) => head < loop.end && end > loop.end) &&
          !places.some((i) => inside(i) && i !== head) &&
          !edges.some(([from, to]) => !inside(from) && inside(to) && to !== head);
        if (fits) accepted.push({ head, end });
        else refused.add(head);
      }
    }
    for (const loop of accepted) this.loops.set(loop.head, loop);
    const within = (i: number): boolean => accepted.some((loop) => i > loop.head && i < loop.end);
    const dispatched = new Set<number>(forced);
    for (const head of back.keys()) if (!this.loops.has(head)) dispatched.add(head);
    for (const { head } of accepted) if (!within(head)) dispatched.add(head);
    return [...dispatched].sort((a, b) => a - b).map((i) => blocks[i]!.start);
  }

  private successors(block: Block, index: number): number[] {
    const { end } = block;
    const found: number[] = [];
    if (end.kind === "next" || end.kind === "branch") {
      const next = this.nextOf(block);
      const i = this.indexAt.get(next);
      if (i !== undefined && i !== index) found.push(i);
      else if (i === index) found.push(i);
    }
    if (end.kind === "branch" || end.kind === "jump") {
      const i = this.indexAt.get(end.target);
      if (i !== undefined) found.push(i);
    }
    return found;
  }

  private nextOf(block: Block): number {
    const last = block.instructions.at(-1);
    return last ? last.offset + last.length : block.start;
  }

  /** Blocks [low, high) in order; with `dispatch`, entered through the table. */
  private range(low: number, high: number, dispatch: boolean): void {
    const { body } = this;
    const units: { first: number; end: number; loop: boolean }[] = [];
    for (let i = low; i < high; ) {
      const loop = this.loops.get(i);
      // The head of the loop that is being emitted is a plain block inside it.
      const isLoop = loop !== undefined && !(i === low && this.open.has(i));
      const end = isLoop ? loop.end : i + 1;
      units.push({ first: i, end, loop: isLoop });
      i = end;
    }
    const nest = (u: number): void => {
      if (u < 0) {
        if (dispatch) this.dispatch();
        return;
      }
      const unit = units[u]!;
      body.block(`to ${unit.first}`, () => nest(u - 1));
      if (!unit.loop) this.block(unit.first);
      else {
        body.loop(`head ${unit.first}`, () => {
          this.open.add(unit.first);
          this.range(unit.first, unit.end, false);
          this.open.delete(unit.first);
        });
      }
    };
    nest(units.length - 1);
  }
  private readonly open = new Set<number>();

  private dispatch(): void {
    const labels = this.entries.map((offset) => `to ${this.indexAt.get(offset)!}`);
    if (labels.length === 1) this.body.br(labels[0]!);
    else this.body.brTable(op.get(this.entry), labels);
  }

  private block(index: number): void {
    const { body } = this;
    const block = this.blocks[index]!;
    const count = block.instructions.length;
    if (count > 0) {
      body.when(i32.lt_u(op.get(this.fuel), i32.const(count)), () => this.leave(block.start, STEP, 0));
      body.emit(op.set(this.fuel, i32.sub(op.get(this.fuel), i32.const(count))));
    }
    const { end } = block;
    const control = end.kind === "branch" || end.kind === "jump" || end.kind === "indirect";
    const plain = control ? block.instructions.slice(0, -1) : block.instructions;
    for (const [i, instruction] of plain.entries()) this.instruction(instruction, count - i);
    if (end.kind === "leave") this.leave(end.offset, LEFT, 0);
    else if (end.kind === "next") this.goTo(this.nextOf(block), index, true);
    else this.control(block, index);
  }

  private frame(refund: number, offset: number): Frame {
    const { body } = this;
    return {
      body,
      file: this.file,
      ptr: this.slot,
      tlb: this.tlb,
      va: this.va,
      entry: this.slot,
      pc: i64.const(0),
      miss: (write, condition) =>
        body.when(condition, () => {
          // An aligned address in the same page: whether this one is aligned is no question any more.
          const aligned = i64.and(op.get(this.va), i64.const(-8));
          const filled = op.call(this.refill, aligned, i32.const(write ? 1 : 0), op.get(this.tlb));
          body.when(i32.ne(filled, i32.const(FILLED)), () => this.leave(offset, STEP, refund));
        }),
    };
  }
  private readonly registers = {
    x: (register: number): number | undefined => this.xs.get(register),
    page: this.page,
  };

  /** `refund`: the instructions of the block that are not done when this one does not come to pass. */
  private instruction(instruction: Instruction, refund: number): void {
    const { row, word, offset } = instruction;
    const way = wayOf(row, word);
    if (way === "nothing") return;
    if (way === "code") {
      const refuse = (): void => this.leave(offset, STEP, refund);
      row.meaning(new TranslatorEmitter(this.frame(refund, offset), instruction, this.registers, refuse));
      return;
    }
    // One of the interpreter's functions works on the register file: operands go there, the result comes back.
    const { body } = this;
    const { rs1, rs2, rd } = operandsOf(row);
    const sources = new Set<number>();
    if (rs1) sources.add((word >>> 15) & 31);
    if (rs2) sources.add((word >>> 20) & 31);
    sources.delete(0);
    for (const register of sources) {
      body.emit(i64.store(i32.const(0), this.file + OFFSET_X + 8 * register, op.get(this.xs.get(register)!)));
    }
    if (row.shape === "csr") {
      // The counters are made from the fuel as it is behind this instruction.
      const left = i32.add(op.get(this.fuel), i32.const(refund - 1));
      body.emit(i32.store(i32.const(0), this.file + FILE_FUEL, left));
    }
    const record = i32.const(this.place.records + (offset >>> 1) * RECORD);
    const done =
      way === "float"
        ? op.callIndirect(this.floatType, i32.const(0), record)
        : op.call(this.rare, record, op.get(this.tlb));
    body.when(i32.eqz(done), () => this.leave(offset, STEP, refund));
    const target = (word >>> 7) & 31;
    if (rd && target !== 0) {
      body.emit(op.set(this.xs.get(target)!, i64.load(i32.const(0), this.file + OFFSET_X + 8 * target)));
    }
  }

  private control(block: Block, index: number): void {
    const { body } = this;
    const instruction = block.instructions.at(-1)!;
    // Control flow touches no memory: nothing is refused.
    const emitter = new TranslatorEmitter(
      this.frame(1, instruction.offset),
      instruction,
      this.registers,
      () => undefined,
    );
    const { end } = block;
    instruction.row.meaning(emitter);
    if (end.kind === "branch") {
      const target = this.indexAt.get(end.target);
      const taken = test(emitter.taken!);
      // A branch that ends in one br needs no if.
      const label = target === undefined ? undefined : this.labelOf(target, index);
      if (label) body.brIf(label, taken);
      else body.when(taken, () => this.goTo(end.target, index, false));
      this.goTo(this.nextOf(block), index, true);
    } else if (end.kind === "jump") {
      this.goTo(end.target, index, false);
    } else {
      // jalr: the target is in va. It may be a place at which this very function is entered.
      const distance = i64.sub(op.get(this.va), op.get(this.page));
      body.when(i64.lt_u(distance, i64.const(4096)), () => {
        const word = i32.shl(i32.wrap(distance), i32.const(1));
        body.emit(op.set(this.slot, i32.load(i32.and(word, i32.const(0x1ffc)), this.place.entries)));
        body.when(i32.eq(i32.shr_u(op.get(this.slot), i32.const(8)), i32.const(this.place.index)), () => {
          body.emit(op.set(this.entry, i32.and(op.get(this.slot), i32.const(255))));
          body.br("again");
        });
      });
      body.emit(op.set(this.wild, i32.const(1)), op.set(this.result, i32.const(LEFT)));
      body.br("leave");
    }
  }

  /** The label by which a block is reached directly from another, if there is one. */
  private labelOf(to: number, from: number): string | undefined {
    if (to > from) return `to ${to}`;
    return this.open.has(to) ? `head ${to}` : undefined;
  }

  /** On to an offset of the page; `falls`: it is what the next code in line belongs to, if it is in the region. */
  private goTo(offset: number, from: number, falls: boolean): void {
    const { body } = this;
    const to = this.indexAt.get(offset);
    if (to === undefined) {
      this.leave(offset, LEFT, 0);
      return;
    }
    if (falls && to === from + 1) {
      // The next block's code follows, unless a loop ends in between: then its end is where it begins.
      return;
    }
    const label = this.labelOf(to, from);
    if (label) {
      body.br(label);
      return;
    }
    body.emit(op.set(this.entry, i32.const(this.entries.indexOf(offset))));
    body.br("again");
  }

  private leave(offset: number, result: number, refund: number): void {
    const { body } = this;
    body.emit(op.set(this.offset, i32.const(offset)), op.set(this.result, i32.const(result)));
    if (refund > 0) body.emit(op.set(this.fuel, i32.add(op.get(this.fuel), i32.const(refund))));
    body.br("leave");
  }
}
