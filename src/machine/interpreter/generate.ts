// Generates the interpreter: one WebAssembly module whose function `run` is a loop around a br_table over predecoded
// records (layout.ts), a handler per operation (plan.ts) made from the rows' meanings (operations.ts).
// Locals of the loop: ptr (the current record), fuel, base (the block of code), bias (pc − ptr/4), va, entry.
import {
  FILE_FAULT,
  FILE_FAULT_ACCESS,
  FILE_FAULT_KIND,
  FILE_FUEL,
  FILE_JUMPS,
  FILE_LEFT,
  FILE_LEFT_AT,
  FILE_LOOKED_UP,
  FILE_RECORD,
  FILE_STEPPED,
  FILE_STEPS,
  FILE_STEPS_AT,
  LEFT_RING,
  LEFT_SHIFT,
  OFFSET_PC,
  STEPS_RING,
  STEPS_SHIFT,
} from "../context.ts";
import { JUMP_FOLD, JUMP_MASK, JUMP_SHIFT } from "../jumps.ts";
import { TLB_EXECUTE } from "../page-table.ts";
import {
  ACCESS_EXECUTE,
  ACCESS_READ,
  ACCESS_WRITE,
  type Access,
  EXIT_ECALL,
  EXIT_FAULT,
  EXIT_TIMER,
  FAULT_PAGE,
  FAULT_RANGE,
} from "../trap.ts";
import { Body, type Code, F64, I32, I64, ModuleBuilder, op } from "../wasm/encoder.ts";
import { defineDecode } from "./decode.ts";
import { DEPTH, defineBeside, defineSlowFloat, defineTouch, ENTER_PARAMETERS, ENTER_RESULTS } from "./enter.ts";
import { countRare, countRow, type Instruments, logTransfer } from "./instruments.ts";
import {
  BLOCK_BYTES,
  HEADER_ORIGINALS,
  MEMORY_PAGES,
  OP_DECODE,
  OP_ECALL,
  OP_FIRST_ROW,
  OP_FLOAT,
  OP_NOP2,
  OP_NOP4,
  OP_PAGE_END,
  OP_RARE,
  OP_REFERENCE,
  OP_STRADDLE,
  OP_TRANSLATED,
  RECORD,
  SLOT_STRADDLE,
  SLOTS,
} from "./layout.ts";
import { Emitter, type Frame, test } from "./operations.ts";
import { type HotOperation, hotOperations, OP_FIRST_PAIR, type Pair, pairs } from "./plan.ts";
import { defineRare } from "./rare.ts";
import { defineFetch, defineRefill, FILLED, REFUSED } from "./refill.ts";
import { tlbEntry, tlbPart } from "./tlb.ts";

const { i32, i64 } = op;

/** Functions of the hart that the module calls, all of them seldom. */
export interface Imports {
  /** Makes the record of an instruction, of 2 or 4 bytes, at `entry` of the predecoder's tables. */
  encode(entry: number, word: number, length: number): void;
  /** The block of code for a frame, or 0. */
  makeBlock(frame: number): number;
  /** A frame with code got a writable translation. */
  suspect(frame: number): void;
  /** Fills the straddle slot for the instruction at pc; false when its second half can't be fetched. */
  straddle(base: number): number;
  /** The reference executes the instruction at pc. */
  step(): number;
  /** What a CSR of Zicntr reads. */
  counter(csr: number): number;
  /** Puts the floating-point module's function in the table. */
  loadFloat(): void;
  /** Puts the translation that begins at pc, an OP_TRANSLATED of the block, in the table of jumps; 0 when it does not fit here. */
  link(block: number, slot: number): number;
}

/** The module for the hart whose register file is at `file`, in a memory of any size. With instruments it notes what they
 *  ask for, and enters no translations. */
export function generate(file: number, codeTable: number, instruments?: Instruments): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const encode = module.import("encode", [I32, I32, I32], []);
  const makeBlock = module.import("makeBlock", [I32], [I32]);
  const suspect = module.import("suspect", [I32], []);
  const straddle = module.import("straddle", [I32], [I32]);
  const step = module.import("step", [], [I32]);
  const counter = module.import("counter", [I32], [F64]);
  const loadFloat = module.import("loadFloat", [], []);
  const link = module.import("link", [I32, I32], [I32]);
  module.importTable();
  const refill = module.declare([I64, I32], [I32], "refill");
  const fetch = module.declare([I64, I32], [I32]);
  const rare = module.declare([I32], [I32], "rare");
  const decode = module.declare([I32, I32], [], "decode");
  const touch = module.declare([I64, I32], [I32], "touch");
  const beside = module.declare([I64, I32], [I32], "beside");
  defineBeside(module, beside);
  const slowFloat = module.declare([I32, I64, I64, I64], [I64], "slowFloat");
  const run = module.declare([I32], [I32], "run");
  defineDecode(module, decode, file, encode);
  defineRefill(module, refill, file, codeTable, suspect);
  defineFetch(module, fetch, file, codeTable, makeBlock);
  defineRare(module, rare, file, refill, counter);
  const floatType = module.type([I32], [I32]);
  const enterType = module.type(ENTER_PARAMETERS, ENTER_RESULTS);
  defineTouch(module, touch, refill);
  defineSlowFloat(module, slowFloat, file, file + FILE_RECORD, floatType);
  const stub = module.declare([I32], [I32], "floatStub");
  const stubBody = new Body(1);
  stubBody.emit(op.call(loadFloat), op.callIndirect(floatType, i32.const(0), op.get(0)));
  module.define(stub, stubBody);
  module.define(
    run,
    new RunFunction(
      file,
      { decode, straddle, step, refill, fetch, rare, link, beside, floatType, enterType },
      instruments,
    ).body,
  );
  return module.finish(MEMORY_PAGES);
}

interface Calls {
  readonly decode: number;
  readonly straddle: number;
  readonly step: number;
  readonly refill: number;
  readonly fetch: number;
  readonly rare: number;
  readonly link: number;
  readonly beside: number;
  readonly floatType: number;
  readonly enterType: number;
}

class RunFunction {
  readonly body = new Body(1);
  readonly #file: number;
  readonly #calls: Calls;
  readonly #instruments: Instruments | undefined;
  readonly #fuel = 0;
  readonly #ptr = this.body.local(I32);
  readonly #base = this.body.local(I32);
  readonly #bias = this.body.local(I64);
  readonly #va = this.body.local(I64);
  readonly #entry = this.body.local(I32);
  readonly #result = this.body.local(I32);
  /** The operation of the record at ptr. */
  readonly #operation = this.body.local(I32);
  /** Nonzero: the instruction at pc is done here even if a translation begins there. */
  readonly #plainly = this.body.local(I32);
  readonly #frame: Frame;

  constructor(file: number, calls: Calls, instruments: Instruments | undefined) {
    this.#file = file;
    this.#calls = calls;
    this.#instruments = instruments;
    const body = this.body;
    this.#frame = {
      body,
      file,
      ptr: this.#ptr,
      va: this.#va,
      entry: this.#entry,
      within: body.local(I64),
      pc: this.#pc(),
      miss: (write, condition) => body.brIf(write ? "missWrite" : "missRead", condition),
    };
    body.emit(op.set(this.#va, i64.load(i32.const(0), file + OFFSET_PC)));
    body.block("exit", () => body.loop("lookup", () => this.#lookup()));
    body.emit(i32.store(i32.const(0), file + FILE_FUEL, op.get(this.#fuel)), op.get(this.#result));
  }

  #pc(): Code {
    return i64.add(op.get(this.#bias), i64.extend_i32_u(i32.shr_u(op.get(this.#ptr), i32.const(2))));
  }

  #storePc(): void {
    this.body.emit(i64.store(i32.const(0), this.#file + OFFSET_PC, this.#pc()));
  }

  #refuel(): void {
    this.body.emit(op.set(this.#fuel, i32.add(op.get(this.#fuel), i32.const(1))));
  }

  #advance(bytes: number): void {
    this.body.emit(op.set(this.#ptr, i32.add(op.get(this.#ptr), i32.const(bytes * 4))));
  }

  #exit(code: number): void {
    this.body.emit(op.set(this.#result, i32.const(code)));
    this.body.br("exit");
  }

  /** The target is the address in va: finds its record. */
  #lookup(): void {
    const { body } = this;
    const va = op.get(this.#va);
    const offset = i32.wrap(va);
    const entry = op.get(this.#entry);
    body.emit(i64.store(i32.const(0), this.#file + FILE_LOOKED_UP, va));
    const part = tlbPart(TLB_EXECUTE, this.#file);
    body.emit(op.set(this.#entry, tlbEntry(TLB_EXECUTE, va)));
    body.when(i64.ne(i64.load(entry, part), i64.and(va, i64.const(-4096))), () => {
      body.emit(op.set(this.#result, op.call(this.#calls.fetch, va, entry)));
      body.when(i32.ne(op.get(this.#result), i32.const(FILLED)), () => {
        body.emit(i64.store(i32.const(0), this.#file + OFFSET_PC, va));
        body.when(i32.eqz(op.get(this.#fuel)), () => this.#exit(EXIT_TIMER));
        body.when(i32.eq(op.get(this.#result), i32.const(REFUSED)), () => this.#fault(ACCESS_EXECUTE));
        // No memory for records: the reference executes it.
        body.emit(op.set(this.#fuel, i32.sub(op.get(this.#fuel), i32.const(1))));
        this.#step();
      });
    });
    body.emit(op.set(this.#base, i32.load(entry, part + 8)));
    body.emit(op.set(this.#ptr, i32.add(op.get(this.#base), i32.shl(i32.and(offset, i32.const(0xfff)), i32.const(2)))));
    body.emit(op.set(this.#bias, i64.sub(va, i64.extend_i32_u(i32.shr_u(op.get(this.#ptr), i32.const(2))))));
    // That holds for no other instruction than this.
    const translated = i32.eq(i32.load8_u(op.get(this.#ptr), 0), i32.const(OP_TRANSLATED));
    body.when(op.get(this.#plainly), () => body.emit(op.set(this.#plainly, translated)));
    body.loop("resume", () => this.#resume());
  }

  /** The loop, and behind it what happens outside it, where a call's spills cost nothing inside. */
  #resume(): void {
    const { body } = this;
    body.block("timer", () => {
      body.block("reference", () => {
        // Rare operations are four bytes long; when the function answers 0, the reference must do it.
        body.block("rare", () => {
          body.block("float", () => {
            body.block("missWrite", () => {
              body.block("missRead", () => body.loop("next", () => this.#dispatch()));
              this.#refill(ACCESS_READ);
            });
            this.#refill(ACCESS_WRITE);
          });
          const done = op.callIndirect(this.#calls.floatType, i32.const(0), op.get(this.#ptr));
          body.brIf("reference", i32.eqz(done));
          this.#advance(4);
          body.br("resume");
        });
        body.emit(i32.store(i32.const(0), this.#file + FILE_FUEL, op.get(this.#fuel))); // for instret
        body.brIf("reference", i32.eqz(op.call(this.#calls.rare, op.get(this.#ptr))));
        if (this.#instruments?.counts) countRare(body, this.#file, this.#ptr);
        this.#advance(4);
        body.br("resume");
      });
      this.#storePc();
      this.#step();
    });
    this.#storePc();
    this.#exit(EXIT_TIMER);
  }

  /** The reference executes the instruction at pc, for which the fuel is paid; then on from where that leads. */
  #step(): void {
    const { body } = this;
    body.emit(i32.store(i32.const(0), this.#file + FILE_FUEL, op.get(this.#fuel)));
    body.emit(op.set(this.#result, op.call(this.#calls.step)));
    body.when(op.get(this.#result), () => {
      this.#refuel();
      body.br("exit");
    });
    body.emit(op.set(this.#va, i64.load(i32.const(0), this.#file + OFFSET_PC)));
    body.br("lookup");
  }

  /** After a miss: tries again when the page table permits; what lies on two pages is the reference's. */
  #refill(access: typeof ACCESS_READ | typeof ACCESS_WRITE): void {
    const { body } = this;
    const [va, entry] = [op.get(this.#va), op.get(this.#entry)];
    body.emit(op.set(this.#entry, op.call(this.#calls.refill, va, i32.const(access))));
    body.when(i32.eq(entry, i32.const(FILLED)), () => {
      this.#refuel();
      body.br("resume");
    });
    body.when(i32.eq(entry, i32.const(REFUSED)), () => {
      this.#storePc();
      this.#refuel();
      this.#fault(access);
    });
    body.br("reference");
  }

  /** The access to the address in va is refused; pc is stored. */
  #fault(access: Access): void {
    const { body } = this;
    const va = op.get(this.#va);
    const none = i32.const(0);
    const kind = op.select(
      i32.const(FAULT_RANGE),
      i32.const(FAULT_PAGE),
      i64.ne(i64.shr_u(va, i64.const(38)), i64.const(0)),
    );
    body.emit(i64.store(none, this.#file + FILE_FAULT, va));
    body.emit(i32.store(none, this.#file + FILE_FAULT_ACCESS, i32.const(access)));
    body.emit(i32.store(none, this.#file + FILE_FAULT_KIND, kind));
    this.#exit(EXIT_FAULT);
  }

  #dispatch(): void {
    const { body } = this;
    const special: Record<number, () => void> = {
      [OP_DECODE]: () => {
        body.emit(op.call(this.#calls.decode, op.get(this.#ptr), op.get(this.#base)));
        this.#refuel();
        body.br("next");
      },
      [OP_PAGE_END]: () => {
        body.emit(op.set(this.#va, this.#pc()));
        this.#refuel();
        body.br("lookup");
      },
      [OP_STRADDLE]: () => this.#straddle(),
      [OP_ECALL]: () => {
        this.#storePc();
        this.#refuel();
        this.#exit(EXIT_ECALL);
      },
      [OP_TRANSLATED]: () => this.#translated(),
      [OP_NOP2]: () => {
        this.#advance(2);
        body.br("next");
      },
      [OP_NOP4]: () => {
        this.#advance(4);
        body.br("next");
      },
    };
    const elsewhere: Record<number, string> = { [OP_REFERENCE]: "reference", [OP_RARE]: "rare", [OP_FLOAT]: "float" };
    const labels: string[] = [];
    const handlers: (() => void)[] = [];
    for (let i = 0; i < OP_FIRST_ROW; i++) {
      const handler = special[i];
      labels.push(elsewhere[i] ?? `h${i}`);
      if (handler) handlers[i] = handler;
    }
    hotOperations.forEach((hot, i) => {
      labels.push(`h${OP_FIRST_ROW + i}`);
      handlers[OP_FIRST_ROW + i] = () => {
        this.#row(hot);
        body.br("next");
      };
    });
    pairs.forEach((pair, i) => {
      labels.push(`h${OP_FIRST_PAIR + i}`);
      handlers[OP_FIRST_PAIR + i] = () => this.#pair(pair);
    });
    labels.push("reference");
    const nest = (i: number): void => {
      if (i < 0) {
        body.brTable(op.get(this.#operation), labels);
        return;
      }
      const handler = handlers[i];
      if (!handler) {
        nest(i - 1);
        return;
      }
      body.block(`h${i}`, () => nest(i - 1));
      handler();
    };
    body.brIf("timer", i32.eqz(op.get(this.#fuel)));
    body.emit(op.set(this.#fuel, i32.sub(op.get(this.#fuel), i32.const(1))));
    body.emit(op.set(this.#operation, i32.load8_u(op.get(this.#ptr), 0)));
    body.loop("redo", () => nest(handlers.length - 1));
  }

  /** Enters the translation that begins here; then on from where it left. */
  #translated(): void {
    const { body } = this;
    const none = i32.const(0);
    const slot = i32.shr_u(i32.sub(op.get(this.#ptr), op.get(this.#base)), i32.const(3));
    const original = (): void => {
      const originals = i32.load(op.get(this.#base), HEADER_ORIGINALS);
      body.emit(op.set(this.#operation, i32.load8_u(i32.add(originals, slot), 0)));
      body.br("redo");
    };
    if (this.#instruments) {
      original();
      return;
    }
    body.when(op.get(this.#plainly), () => {
      body.emit(op.set(this.#plainly, none));
      original();
    });
    const va = op.get(this.#va);
    body.emit(op.set(this.#va, this.#pc()));
    this.#jump(() => {
      this.#storePc();
      body.when(i32.eqz(op.call(this.#calls.link, op.get(this.#base), slot)), original);
    });
    this.#refuel();
    body.loop("enter", () => {
      const index = i32.load(op.get(this.#entry), 8);
      body.emit(op.callIndirect(this.#calls.enterType, index, va, op.get(this.#fuel), i32.const(DEPTH)));
      body.set(this.#fuel);
      body.set(this.#va);
      body.emit(op.set(this.#plainly, i32.and(i32.wrap(va), i32.const(1))));
      body.when(op.get(this.#plainly), () => {
        body.emit(op.set(this.#va, i64.and(va, i64.const(-2))));
        body.emit(i32.store(none, this.#file + FILE_STEPPED, op.get(this.#fuel)));
        this.#note(FILE_STEPS, FILE_STEPS_AT, STEPS_SHIFT, STEPS_RING);
        body.br("lookup");
      });
      // Behind a call that another translation made, maybe.
      this.#jump(() => {
        this.#note(FILE_LEFT, FILE_LEFT_AT, LEFT_SHIFT, LEFT_RING);
        body.br("lookup");
      });
      body.br("enter");
    });
  }

  /** Finds va's entry in the table of jumps. */
  #jump(otherwise: () => void): void {
    const { body } = this;
    const va = op.get(this.#va);
    const folded = i32.xor(i32.wrap(va), i32.shr_u(i32.wrap(va), i32.const(JUMP_FOLD)));
    const hash = i32.and(i32.shl(folded, i32.const(JUMP_SHIFT)), i32.const(JUMP_MASK));
    body.emit(op.set(this.#entry, i32.add(hash, i32.load(i32.const(0), this.#file + FILE_JUMPS))));
    body.when(i64.ne(i64.load(op.get(this.#entry), 0), va), () => {
      body.emit(op.set(this.#result, op.call(this.#calls.beside, va, op.get(this.#entry))));
      body.when(op.get(this.#result), () => body.emit(op.set(this.#entry, op.get(this.#result))), otherwise);
    });
  }

  /** Counts, and puts va into the ring at times. */
  #note(count: number, ring: number, shift: number, places: number): void {
    const { body } = this;
    const none = i32.const(0);
    body.emit(op.set(this.#entry, i32.load(none, this.#file + count)));
    const place = i32.and(i32.shr_u(op.get(this.#entry), i32.const(shift - 3)), i32.const((places - 1) << 3));
    body.emit(i64.store(place, this.#file + ring, op.get(this.#va)));
    body.emit(i32.store(none, this.#file + count, i32.add(op.get(this.#entry), i32.const(1))));
  }

  /** Puts the instruction in the block's straddle slot, where every branch leaves the block and the end is near. */
  #straddle(): void {
    const { body } = this;
    this.#storePc();
    body.brIf("reference", i32.eqz(op.call(this.#calls.straddle, op.get(this.#base))));
    this.#refuel();
    body.emit(op.set(this.#ptr, i32.add(op.get(this.#base), i32.const(SLOT_STRADDLE * RECORD))));
    body.emit(op.set(this.#bias, i64.sub(op.get(this.#bias), i64.const((SLOT_STRADDLE - (SLOTS - 1)) * 2))));
    body.emit(op.set(this.#base, i32.add(op.get(this.#base), i32.const(0x80000000))));
    body.br("next");
  }

  #row({ row, length, hasRd }: HotOperation): void {
    const { body } = this;
    const emitter = new Emitter(this.#frame, length, hasRd);
    row.meaning(emitter);
    if (this.#instruments?.counts) countRow(body, this.#file, row);
    if (emitter.target && !emitter.taken) {
      if (this.#instruments?.calls) {
        const direct = emitter.target.relative === true;
        const target = direct ? this.#target() : op.get(this.#va);
        logTransfer(body, {
          ...{ file: this.#file, fuel: this.#fuel, ptr: this.#ptr, pc: this.#pc() },
          ...{ target, length, hasRd, direct },
        });
      }
      if (emitter.target.relative && hasRd)
        body.emit(i64.store(i32.const(0), this.#file + FILE_LOOKED_UP, this.#target()));
      if (emitter.target.relative) this.#jumpRelative();
      else body.br("lookup");
      return;
    }
    if (emitter.taken) body.when(test(emitter.taken), () => this.#jumpRelative());
    this.#advance(length);
  }

  /** Both, one after the other: exactly what two dispatches would do. */
  #pair({ first, second }: Pair): void {
    this.#row(first);
    this.body.brIf("timer", i32.eqz(op.get(this.#fuel)));
    this.body.emit(op.set(this.#fuel, i32.sub(op.get(this.#fuel), i32.const(1))));
    this.#row(second);
    this.body.br("next");
  }

  /** pc and what the immediate says, which is four times the distance. */
  #target(): Code {
    return i64.add(this.#pc(), i64.extend_i32_s(i32.shr_s(i32.load(op.get(this.#ptr), 4), i32.const(2))));
  }

  /** To the record that the immediate points at, or out of the block. */
  #jumpRelative(): void {
    const { body } = this;
    const imm = i32.load(op.get(this.#ptr), 4);
    const target = op.get(this.#entry);
    body.emit(op.set(this.#entry, i32.add(op.get(this.#ptr), imm)));
    body.when(i32.ge_u(i32.sub(target, op.get(this.#base)), i32.const(BLOCK_BYTES)), () => {
      body.emit(op.set(this.#va, this.#target()));
      body.br("lookup");
    });
    body.emit(op.set(this.#ptr, target));
    body.br("next");
  }
}
