// A region to WebAssembly: one function whose locals are the registers that it uses, with the control flow of its tree
// of dominators (Ramsey, "Beyond Relooper"). How it is entered and left: interpreter/enter.ts.
//
// Registers that are read before they are written are loaded where it is entered; those that may be dirty are stored
// where it is left and before calls. The calls of the guest are WebAssembly's: behind one the registers are in the
// register file, so that whoever does not come back to the expected place just returns, too.
import { FILE_JUMPS, OFFSET_F, OFFSET_X } from "../context.ts";
import { ENTER_PARAMETERS, ENTER_RESULTS } from "../interpreter/enter.ts";
import { MEMORY_PAGES } from "../interpreter/layout.ts";
import { floatNumber } from "../interpreter/plan.ts";
import type { Row } from "../isa/row.ts";
import { JUMP_FOLD, JUMP_MASK, JUMP_SHIFT } from "../jumps.ts";
import { Body, F64, I32, I64, ModuleBuilder } from "../wasm/encoder.ts";
import { TranslatorEmitter } from "./emitter.ts";
import { type Flow, flowOf } from "./flow.ts";
import { type Node, OUTSIDE, type Registers } from "./node.ts";
import { operandsOf, writesF, writesX } from "./operands.ts";
import type { Instruction, Region } from "./region.ts";
import { CSR_TIME, type Surroundings, scratchOf } from "./surroundings.ts";

const isFloatArithmetic = (row: Row): boolean => (row.match & 0x7f) >= 0x43 && (row.match & 0x7f) <= 0x53;
const AWAY = 4;

/** rdtime: csrrs of x0, which writes nothing. */
const isReadTime = (row: Row, word: number): boolean =>
  row.name === "csrrs" && word >>> 20 === CSR_TIME && ((word >>> 15) & 31) === 0;

/** Whether the translator does an instruction that is no control flow. */
export function supported(row: Row, word: number, fusedMadd: boolean): boolean {
  if (row.shape === "csr") return (word >>> 20 >= 1 && word >>> 20 <= 3) || isReadTime(row, word);
  if (row.shape === "none") return row.name === "fence";
  if (!isFloatArithmetic(row)) return true;
  if (row.shape === "R4" && !fusedMadd) return false;
  if (row.name.startsWith("fclass")) return false;
  const rounds = (row.mask & 0x7000) === 0;
  const mode = rounds ? (word >>> 12) & 7 : 0;
  if (mode === AWAY || floatNumber(row, word) < 0) return false;
  // Conversions to integers know every other mode, what rounds else only to nearest.
  return mode === 0 || mode === 7 || /^fcvt\.[wl]u?\./.test(row.name);
}

export interface Settings {
  /** The hart's register file. */
  readonly file: number;
  readonly fusedMadd: boolean;
}

const OUT = "out";
const UNREACHABLE = 0x00;
const RETURN = 0x0f;
const IF = 0x04;
const I32_EQZ = 0x45;
const I32_LT_U = 0x49;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I32_AND = 0x71;
const I32_OR = 0x72;
const I32_SHL = 0x74;
const I32_LOAD = 0x28;
const I64_LOAD = 0x29;
const F64_LOAD = 0x2b;
const I64_STORE = 0x37;
const F64_STORE = 0x39;
const I64_NE = 0x52;
const I64_ADD = 0x7c;
const I64_OR = 0x84;
const I64_EXTEND_I32_S = 0xac;
const I32_WRAP = 0xa7;

/** A module with one function, exported as `enter`. */
export function translate(region: Region, settings: Settings): Uint8Array {
  const module = new ModuleBuilder();
  const touch = module.import("touch", [I64, I32], [I32]);
  const beside = module.import("beside", [I64, I32], [I32]);
  const slowFloat = module.import("slowFloat", [I32, I64, I64, I64], [I64]);
  const counter = module.import("counter", [I32], [F64]);
  module.importTable();
  const type = module.type(ENTER_PARAMETERS, ENTER_RESULTS);
  const index = module.declare(ENTER_PARAMETERS, ENTER_RESULTS, "enter");
  module.define(index, new RegionFunction(region, settings, { touch, slowFloat, beside, counter, type }).body);
  return module.finish(MEMORY_PAGES);
}

class RegionFunction {
  readonly body = new Body(3);
  private readonly file: number;
  private readonly flow: Flow;
  private readonly nodes: readonly Node[];
  private readonly entry: number;
  private readonly type: number;
  private readonly beside: number;
  private readonly emitter: TranslatorEmitter;
  // parameters
  private readonly pc = 0;
  private readonly fuel = 1;
  private readonly depth = 2;
  private readonly base = this.body.local(I64);
  /** Where it is left: placeOf(). */
  private readonly place = this.body.local(I32);
  /** Which registers are stored then. */
  private readonly maskX = this.body.local(I32);
  private readonly maskF = this.body.local(I32);
  private readonly plain = this.body.local(I32);
  private readonly scratch = scratchOf(this.body);
  private readonly xs: number[] = [];
  private readonly fs: number[] = [];
  // where the emission is
  private node!: Node;
  private readonly dirty: Registers = { x: 0, f: 0 };
  private done = 0;
  private instruction!: Instruction;

  constructor(
    region: Region,
    settings: Settings,
    imports: { touch: number; slowFloat: number; beside: number; counter: number; type: number },
  ) {
    const { body } = this;
    this.file = settings.file;
    this.type = imports.type;
    this.beside = imports.beside;
    this.flow = flowOf(region, () => body.local(I32));
    this.nodes = this.flow.nodes;
    this.entry = region.blocks[0]!.start;
    const at: Surroundings = {
      ...{ body, file: this.file, base: this.base, plain: this.plain, scratch: this.scratch },
      ...{ touch: imports.touch, slowFloat: imports.slowFloat, counter: imports.counter },
      x: (register) => (this.xs[register] ??= body.local(I64)),
      f: (register) => (this.fs[register] ??= body.local(F64)),
      step: () => this.step(),
      fuel: () => {
        body.get(this.fuel);
        body.i32(this.node.block.instructions.length - this.done - 1);
        body.byte(I32_ADD);
      },
    };
    this.x = at.x;
    this.f = at.f;
    this.emitter = new TranslatorEmitter(at);
    this.emit();
  }
  private readonly x: (register: number) => number;
  private readonly f: (register: number) => number;

  private emit(): void {
    const { body } = this;
    const first = this.nodes[0]!;
    this.whenFuelIsShort(first.path, () => {
      body.get(this.pc);
      body.i64(1);
      body.byte(I64_OR);
      body.get(this.fuel);
      body.byte(RETURN);
    });
    body.get(this.pc);
    body.i64(-this.entry);
    body.byte(I64_ADD);
    body.set(this.base);
    this.load(first.live);
    if (this.flow.float) this.emitter.refreshPlain();
    body.open(OUT, 0x02);
    this.tree(0);
    body.byte(UNREACHABLE);
    body.close();
    this.out();
  }

  // ---- structure -------------------------------------------------------------------------------------------------

  /** A node and what it dominates. */
  private tree(index: number): void {
    const node = this.nodes[index]!;
    const merges = node.dominated.filter((child) => this.nodes[child]!.merge);
    if (!node.header) {
      this.within(index, merges, merges.length - 1);
      return;
    }
    this.body.open(loopLabel(index), 0x03);
    this.within(index, merges, merges.length - 1);
    this.body.close();
  }

  /** The node's code inside a block for each merge below it, the last in order outermost. */
  private within(index: number, merges: readonly number[], last: number): void {
    if (last < 0) {
      this.code(index);
      return;
    }
    const merge = merges[last]!;
    this.body.open(merge, 0x02);
    this.within(index, merges, last - 1);
    this.body.close();
    this.tree(merge);
  }

  private code(index: number): void {
    const { body } = this;
    const node = this.nodes[index]!;
    const { block } = node;
    this.node = node;
    this.dirty.x = node.dirty.x;
    this.dirty.f = node.dirty.f;
    this.done = 0;
    this.emitter.begin();
    if (node.header) this.whenFuelIsShort(node.path, () => this.leave(block.start, true));
    const count = block.instructions.length;
    if (count > 0) {
      body.get(this.fuel);
      body.i32(count);
      body.byte(I32_SUB);
      body.set(this.fuel);
    }
    const { kind } = block.end;
    const straight = kind === "next" || kind === "leave" ? count : count - 1;
    for (let i = 0; i < straight; i++) this.straight(block.instructions[i]!);
    this.end(index);
  }

  private straight(instruction: Instruction): void {
    const { row, word } = instruction;
    this.instruction = instruction;
    // A call whose stub follows only leaves its link.
    this.emitter.run(instruction, this.flow.checks.get(instruction));
    this.note(row, word);
    this.done++;
  }

  private note(row: Row, word: number): void {
    const operands = operandsOf(row);
    this.dirty.x |= writesX(operands, word);
    this.dirty.f |= writesF(operands, word);
  }

  private end(index: number): void {
    const { body, node } = this;
    const { end, instructions } = node.block;
    if (end.kind === "leave") {
      this.leave(end.at, true);
      return;
    }
    if (end.kind === "next") {
      this.goTo(index, node.next, end.next);
      return;
    }
    const last = instructions.at(-1)!;
    this.instruction = last;
    this.emitter.run(last);
    this.note(last.row, last.word);
    this.done++;
    switch (end.kind) {
      case "branch":
        this.branch(index, end.target, end.next);
        return;
      case "jump":
        if (node.next === OUTSIDE) {
          // As far away as a jump reaches, which is more than leave() has room for; and another function, mostly.
          this.store(this.dirty);
          this.address(end.target);
          body.set(this.scratch.va);
          this.transfer();
        } else this.goTo(index, node.next, end.target);
        return;
      case "call":
        this.call(index, end.target, end.next);
        return;
      case "return":
        this.store(this.dirty);
        body.get(this.scratch.va);
        body.get(this.fuel);
        body.byte(RETURN);
        return;
      default:
        this.store(this.dirty);
        this.transfer();
    }
  }

  private branch(index: number, target: number, next: number): void {
    const { body, node } = this;
    const taken = this.emitter.taken!;
    const direct = this.labelOf(index, node.taken);
    if (direct !== undefined) {
      this.emitter.condition(taken);
      body.brWhen(direct);
      this.goTo(index, node.next, next);
      return;
    }
    const through = this.labelOf(index, node.next);
    if (through !== undefined) {
      this.emitter.condition(taken);
      body.byte(I32_EQZ);
      body.brWhen(through);
      this.goTo(index, node.taken, target);
      return;
    }
    this.emitter.condition(taken);
    if (node.next === OUTSIDE && node.taken !== OUTSIDE) {
      body.byte(I32_EQZ);
      body.open("", IF);
      this.leave(next, false);
      body.close();
      this.goTo(index, node.taken, target);
      return;
    }
    const dirty = { ...this.dirty };
    body.open("", IF);
    this.goTo(index, node.taken, target);
    body.close();
    this.node = node;
    this.dirty.x = dirty.x;
    this.dirty.f = dirty.f;
    this.done = node.block.instructions.length;
    this.goTo(index, node.next, next);
  }

  /** The label by which a node is reached, if it has one. */
  private labelOf(from: number, to: number): string | number | undefined {
    if (to === OUTSIDE) return undefined;
    if (to <= from) return loopLabel(to);
    return this.nodes[to]!.merge ? to : undefined;
  }

  private goTo(from: number, to: number, offset: number): void {
    if (to === OUTSIDE) {
      this.leave(offset, false);
      return;
    }
    const label = this.labelOf(from, to);
    if (label !== undefined) this.body.br(label);
    else this.tree(to);
  }

  // ---- calls and jumps -------------------------------------------------------------------------------------------

  /** The target is known by its offset, or in va. */
  private call(index: number, target: number | undefined, next: number): void {
    const { body, node, scratch } = this;
    this.store(this.dirty);
    if (target !== undefined) {
      this.address(target);
      body.set(scratch.va);
    }
    body.get(this.depth);
    body.byte(I32_EQZ);
    body.unlikely();
    this.giveBack();
    body.close();
    this.lookup();
    body.get(scratch.va);
    body.get(this.fuel);
    body.get(this.depth);
    body.i32(1);
    body.byte(I32_SUB);
    body.get(scratch.entry);
    body.access(I32_LOAD, 8);
    body.byte(0x11); // call_indirect
    body.unsigned(this.type);
    body.byte(0);
    body.set(this.fuel);
    body.tee(scratch.va);
    this.address(next);
    body.byte(I64_NE);
    const continuation = node.next === OUTSIDE ? undefined : this.nodes[node.next]!;
    if (continuation && !continuation.header) {
      this.fuelIsShort(continuation.path);
      body.byte(I32_OR);
    }
    if (continuation)
      each(node.verify, (register) => {
        body.i32(0);
        body.access(I64_LOAD, this.file + OFFSET_X + 8 * register);
        body.get(this.x(register));
        body.byte(I64_NE);
        body.byte(I32_OR);
      });
    body.unlikely();
    this.giveBack();
    body.close();
    if (!continuation) {
      this.transfer();
      return;
    }
    this.load({ x: continuation.live.x & ~node.verify, f: continuation.live.f });
    if (this.flow.float) this.emitter.refreshPlain();
    this.goTo(index, node.next, next);
  }

  /** Returns with the pc in va; everything is stored. */
  private giveBack(): void {
    const { body } = this;
    body.get(this.scratch.va);
    body.get(this.fuel);
    body.byte(RETURN);
  }

  /** On at the pc in va; everything is stored. */
  private transfer(): void {
    const { body, scratch } = this;
    this.lookup();
    body.get(scratch.va);
    body.get(this.fuel);
    body.get(this.depth);
    body.get(scratch.entry);
    body.access(I32_LOAD, 8);
    body.byte(0x13); // return_call_indirect
    body.unsigned(this.type);
    body.byte(0);
  }

  /** Finds the entry for the pc in va; returns when there is none. Everything is stored. */
  private lookup(): void {
    const { body, scratch } = this;
    body.get(scratch.va);
    body.byte(I32_WRAP);
    body.get(scratch.va);
    body.byte(I32_WRAP);
    body.i32(JUMP_FOLD);
    body.byte(0x76); // shr_u
    body.byte(0x73); // xor
    body.i32(JUMP_SHIFT);
    body.byte(I32_SHL);
    body.i32(JUMP_MASK);
    body.byte(I32_AND);
    body.i32(0);
    body.access(I32_LOAD, this.file + FILE_JUMPS);
    body.byte(I32_ADD);
    body.tee(scratch.entry);
    body.access(I64_LOAD, 0);
    body.get(scratch.va);
    body.byte(I64_NE);
    body.unlikely();
    body.get(scratch.va);
    body.get(scratch.entry);
    body.call(this.beside);
    body.tee(scratch.entry);
    body.byte(I32_EQZ);
    body.open("", IF);
    this.giveBack();
    body.close();
    body.close();
  }

  private address(offset: number): void {
    const { body } = this;
    body.get(this.base);
    body.i64(offset);
    body.byte(I64_ADD);
  }

  // ---- registers and fuel ----------------------------------------------------------------------------------------

  private load({ x, f }: Registers): void {
    const { body } = this;
    each(x, (register) => {
      body.i32(0);
      body.access(I64_LOAD, this.file + OFFSET_X + 8 * register);
      body.set(this.x(register));
    });
    each(f, (register) => {
      body.i32(0);
      body.access(F64_LOAD, this.file + OFFSET_F + 8 * register);
      body.set(this.f(register));
    });
  }

  private storeX(register: number): void {
    const { body } = this;
    body.i32(0);
    body.get(this.x(register));
    body.access(I64_STORE, this.file + OFFSET_X + 8 * register);
  }

  private storeF(register: number): void {
    const { body } = this;
    body.i32(0);
    body.get(this.f(register));
    body.access(F64_STORE, this.file + OFFSET_F + 8 * register);
  }

  private store({ x, f }: Registers): void {
    each(x, (register) => this.storeX(register));
    each(f, (register) => this.storeF(register));
  }

  private fuelIsShort(path: number): void {
    const { body } = this;
    body.get(this.fuel);
    body.i32(path);
    body.byte(I32_LT_U);
  }

  private whenFuelIsShort(path: number, then: () => void): void {
    this.fuelIsShort(path);
    this.body.unlikely();
    then();
    this.body.close();
  }

  // ---- the way out -----------------------------------------------------------------------------------------------

  /** The interpreter does the present instruction. */
  private step(): void {
    this.leave(this.instruction.offset, true, this.node.block.instructions.length - this.done);
  }

  /** `undone`: what of the block has been paid for and is not executed. */
  private leave(offset: number, step: boolean, undone = 0): void {
    const { body } = this;
    body.i32(placeOf(offset, step, undone));
    body.set(this.place);
    if (this.flow.dirty.x !== 0) {
      body.i32(this.dirty.x);
      body.set(this.maskX);
    }
    if (this.flow.dirty.f !== 0) {
      body.i32(this.dirty.f);
      body.set(this.maskF);
    }
    body.br(OUT);
  }

  private out(): void {
    const { body } = this;
    const { x, f } = this.flow.dirty;
    const when = (mask: number, register: number, store: () => void): void => {
      body.get(mask);
      body.i32(1 << register);
      body.byte(I32_AND);
      body.open("", IF);
      store();
      body.close();
    };
    each(x, (register) => when(this.maskX, register, () => this.storeX(register)));
    each(f, (register) => when(this.maskF, register, () => this.storeF(register)));
    body.get(this.fuel);
    body.get(this.place);
    body.i32(1);
    body.byte(0x76); // shr_u
    body.i32(MOST_UNDONE);
    body.byte(I32_AND);
    body.byte(I32_ADD);
    body.set(this.fuel);
    body.get(this.base);
    body.get(this.place);
    body.i32(OFFSET_SHIFT);
    body.byte(0x75); // shr_s
    body.byte(I64_EXTEND_I32_S);
    body.byte(I64_ADD);
    body.set(this.scratch.va);
    body.get(this.place);
    body.i32(1);
    body.byte(I32_AND);
    body.open("", IF);
    body.get(this.scratch.va);
    body.i64(1);
    body.byte(I64_OR);
    body.get(this.fuel);
    body.byte(RETURN);
    body.close();
    this.transfer();
  }
}

/** The offset from base, the instructions of the block that are not executed, and whether the interpreter must execute
 *  the one there. */
const OFFSET_SHIFT = 11;
const MOST_UNDONE = 1023;
const placeOf = (offset: number, step: boolean, undone: number): number =>
  (offset << OFFSET_SHIFT) | (undone << 1) | (step ? 1 : 0);

const loopLabel = (index: number): string => `loop ${index}`;

function each(mask: number, visit: (register: number) => void): void {
  for (let register = 0; register < 32; register++) if ((mask >>> register) & 1) visit(register);
}
