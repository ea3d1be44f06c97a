// A hart: a register file in RAM, the generated interpreter over it, and the reference for what that leaves over.
// The kernel runs a context on it until a trap; it knows nothing of tasks.
import {
  type Context,
  FILE_DECODED,
  FILE_FAULT,
  FILE_FAULT_ACCESS,
  FILE_FAULT_KIND,
  FILE_FILLS,
  FILE_FUEL,
  FILE_JUMPS,
  FILE_LEFT,
  FILE_LEFT_AT,
  FILE_LOOKED_UP,
  FILE_ROOT,
  FILE_SIZE,
  FILE_STEPPED,
  FILE_STEPS,
  FILE_STEPS_AT,
  FILE_TLB,
  LEFT_RING,
  LEFT_SHIFT,
  MOST_FILLED,
  STEPS_RING,
  STEPS_SHIFT,
} from "./context.ts";
import { generateFloat } from "./interpreter/float-module.ts";
import { generate, type Imports } from "./interpreter/generate.ts";
import type { Instruments } from "./interpreter/instruments.ts";
import { HEADER_FRAME } from "./interpreter/layout.ts";
import { Predecoder, prepareBlock } from "./interpreter/predecode.ts";
import { type Prepared, prepared as preparedModules } from "./interpreter/prepared.ts";
import { relaxedMaddIsFused } from "./interpreter/probe.ts";
import { JUMPS_SIZE } from "./jumps.ts";
import { type PageTable, PTE_V, PTE_X } from "./page-table.ts";
import type { Ram } from "./ram.ts";
import { LOG_CAPACITY, Recording } from "./recording.ts";
import { Reference } from "./reference.ts";
import { Translator } from "./translator/translator.ts";
import { type Access, CONTINUE, EXIT_FENCE_I, EXIT_TIMER } from "./trap.ts";

export { Context } from "./context.ts";
export * from "./trap.ts";

const CSR_TIME = 0xc01;
const FUEL_MAX = 0x7fffffff;

/** Instructions between two looks at where the program is: more while they find it in translated code. */
const FIRST_STRIDE = 20_000;
const MOST_STRIDE = 320_000;
/** Runs between two system calls that are shorter are not worth a translation: they do not count. */
const SHORT = 1000;
/** What it weighs to come so often to a place that is not translated, in FIRST_STRIDEs. */
const LEFT_WEIGHT = 4;
/** Fuel that a translation may leave: less than its longest path. */
const LONGEST_PATH = 4096;

export class Hart {
  /** Instructions retired in the last run. An instruction that traps is not retired. */
  retired = 0;
  /** The sum over all runs: what instret and cycle read. */
  retiredTotal = 0;
  /** How often the interpreter left an instruction to the reference, which is some hundred times slower. */
  fallbacks = 0;
  /** What the CSR time reads, in ticks; the kernel puts its clock here. */
  readTime: () => number = () => Math.floor(this.retiredNow / 100);
  /** "translator": the interpreter, and WebAssembly for what is hot; "interpreter" alone; or, for tests and for finding faults, "reference": the same behaviour, a thousand times slower. */
  engine: "translator" | "interpreter" | "reference" = "translator";

  /** What the present run began with. */
  #fuel = 0;
  readonly #ram: Ram;
  readonly #file: number;
  readonly #reference: Reference;
  readonly #predecoder: Predecoder;
  readonly #fusedMadd: boolean | undefined;
  /** A table of jumps in which nothing is found. */
  readonly #noJumps: number;
  readonly #run: (fuel: number) => number;
  /** Functions that the interpreter calls, and its table: for a second one, with instruments. */
  #imports!: Record<string, WebAssembly.Memory | WebAssembly.Table | ((...given: never[]) => unknown)>;
  #recording: { readonly recording: Recording; readonly run: (fuel: number) => number } | undefined;
  #translator: Translator | undefined;
  /** Instructions between two samples of pc: more when they find nothing new. */
  #stride = FIRST_STRIDE;
  #leastStride = FIRST_STRIDE;
  /** What is left of the stride: runs may be shorter than that, between two system calls. */
  #ahead = FIRST_STRIDE;
  #eager = false;
  /** What FILE_LEFT and FILE_STEPS were at the last sample, by their rings' steps. */
  #left = 0;
  #steps = 0;
  #context: Context | undefined;
  #table: PageTable | undefined;
  readonly #evict = (): void => {
    const context = this.#context;
    this.#context = undefined;
    context?.save();
  };

  /** `fusedMadd`: whether the host's relaxed_madd is fused, for tests; else it is found out. */
  constructor(ram: Ram, options: { fusedMadd?: boolean } = {}) {
    this.#ram = ram;
    this.#fusedMadd = options.fusedMadd;
    this.#file = FILE_SIZE * ++ram.harts;
    this.#reference = new Reference(ram, this.#file, {
      instret: () => this.retiredNow,
      time: () => this.readTime(),
    });
    this.#predecoder = new Predecoder(ram);
    this.#noJumps = ram.allocRaw(JUMPS_SIZE);
    ram.u8.fill(0xff, this.#noJumps, this.#noJumps + JUMPS_SIZE);
    ram.u32[(this.#file + FILE_DECODED) >>> 2] = this.#predecoder.tables;
    ram.u32[(this.#file + FILE_FILLS) >>> 2] = MOST_FILLED + 1;
    this.#run = this.#instantiate();
  }

  /** For tests: translates at once whatever is met, and looks every so many instructions. */
  translateEagerly(stride = 7): void {
    this.#eager = true;
    this.#leastStride = this.#stride = this.#ahead = stride;
    this.#translator!.threshold = 1;
    this.#translator!.eager = true;
  }

  /** Regions translated so far. */
  get translations(): number {
    return this.#translator?.count ?? 0;
  }

  /** Bytes of WebAssembly that are in use. */
  get translatedBytes(): number {
    return this.#translator!.bytes;
  }
  /** So many, at most: where more would be, all of them go, and what is hot is translated again. */
  limitTranslations(bytes: number): void {
    this.#translator!.mostBytes = bytes;
  }

  /** Translations that an earlier hart kept; false when they are of no use to this one, which is no error. */
  useTranslations(bytes: Uint8Array): boolean {
    return this.#translator!.use(bytes);
  }

  /** The translations worth keeping, those of useTranslations() among them; undefined when nothing is new. */
  keepTranslations(): Uint8Array | undefined {
    return this.#translator!.keep();
  }

  /** From now on an interpreter with instruments executes, and nothing that is translated. A run is at most as many
   *  instructions as the log holds. Throws a RangeError when somebody records already, or memory does not suffice. */
  record(instruments: Instruments): Recording {
    if (this.#recording) throw new RangeError("the machine is being recorded already");
    const recording = new Recording(this.#ram, this.#file, instruments);
    const bytes = generate(this.#file, this.#ram.codeTable, instruments);
    const step = (): number => {
      this.fallbacks++;
      const exit = this.#reference.step();
      if (exit === CONTINUE) recording.countReference(this.#reference.instruction);
      return exit;
    };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { ...this.#imports, step } });
    this.#recording = { recording, run: instance.exports.run as (fuel: number) => number };
    return recording;
  }
  stopRecording(): void {
    this.#recording?.recording.free();
    this.#recording = undefined;
  }

  /** Runs until a trap; at most `fuel` instructions, and never more than 2^31 − 1. Answers an EXIT_ code. */
  run(context: Context, table: PageTable, fuel: number): number {
    const ram = this.#ram;
    fuel = fuel < 1 ? 0 : fuel < FUEL_MAX ? Math.floor(fuel) : FUEL_MAX;
    if (this.#context !== context) {
      this.#evict();
      context.load(this.#file, this.#evict);
      this.#context = context;
    }
    if (this.#table !== table) {
      if (this.#table) this.#table.tlb = 0;
      this.#table = table;
      this.#reference.table = table;
      ram.u32[(this.#file + FILE_ROOT) >>> 2] = table.root;
      ram.u32[(this.#file + FILE_JUMPS) >>> 2] = table.jumps || this.#noJumps;
    }
    const recorded = this.#recording;
    if (recorded && fuel > LOG_CAPACITY) fuel = LOG_CAPACITY;
    this.#fuel = fuel;
    let left = fuel;
    let exit: number;
    if (this.#eager && !recorded) this.#sample(context, table, FUEL_MAX);
    for (;;) {
      table.activate(this.#file + FILE_TLB);
      if (this.engine === "reference") [exit, left] = this.#runReference(left);
      else {
        ram.u32[(this.#file + FILE_STEPPED) >>> 2] = FUEL_MAX;
        const sampled = this.engine === "translator" && !recorded;
        const part = sampled ? Math.min(left, this.#ahead) : left;
        this.#fuel = part;
        exit = recorded ? recorded.run(part) : this.#run(part);
        const over = ram.i32[(this.#file + FILE_FUEL) >>> 2]!;
        left -= part - over;
        this.retiredTotal += part - over;
        if (sampled && (part - over >= SHORT || part < SHORT)) this.#ahead -= part - over;
        if (sampled && this.#ahead <= 0) {
          if (exit === EXIT_TIMER) this.#sample(context, table, part);
          this.#ahead = this.#stride;
          if (exit === EXIT_TIMER && left > 0) continue;
        }
      }
      if (exit !== EXIT_FENCE_I) break;
      // fence.i retires: what was decoded and may have been written since is decoded again.
      ram.fenceCode();
      context.pc += 4;
      left--;
      if (this.engine !== "reference") this.retiredTotal++;
    }
    this.retired = fuel - left;
    if (this.engine === "reference") this.retiredTotal += this.retired;
    return exit;
  }

  /** While an instruction executes (in readTime): all that retired before it. */
  get retiredNow(): number {
    return this.retiredTotal + this.#fuel - this.#ram.i32[(this.#file + FILE_FUEL) >>> 2]! - 1;
  }

  get faultAddress(): number {
    const at = (this.#file + FILE_FAULT) >>> 2;
    return this.#ram.u32[at + 1]! * 0x1_0000_0000 + this.#ram.u32[at]!;
  }
  /** All 64 bits of it. */
  get faultAddressBits(): bigint {
    return this.#ram.u64[(this.#file + FILE_FAULT) >>> 3]!;
  }
  get faultAccess(): Access {
    return this.#ram.u32[(this.#file + FILE_FAULT_ACCESS) >>> 2]! as Access;
  }
  get faultKind(): number {
    return this.#ram.u32[(this.#file + FILE_FAULT_KIND) >>> 2]!;
  }
  /** After EXIT_ILLEGAL: the instruction, 16 or 32 bits. */
  get illegalInstruction(): number {
    return this.#reference.instruction;
  }

  /** For riscv_flush_icache(2) and its like: code written before is seen after, in every address space. */
  flushCode(_table?: PageTable, _start?: number, _end?: number): void {
    this.#ram.fenceCode();
  }

  #runReference(fuel: number): [exit: number, left: number] {
    for (let left = fuel; left > 0; left--) {
      this.#ram.i32[(this.#file + FILE_FUEL) >>> 2] = left - 1;
      const exit = this.#reference.step();
      if (exit !== CONTINUE) return [exit, left];
    }
    return [EXIT_TIMER, 0];
  }

  #instantiate(): (fuel: number) => number {
    const ram = this.#ram;
    const prepared: Prepared | undefined = preparedModules;
    const beforehand = prepared?.file === this.#file && prepared.codeTable === ram.codeTable ? prepared : undefined;
    const fused = (): boolean => this.#fusedMadd ?? relaxedMaddIsFused();
    const imports: Imports = {
      encode: (entry, word, length) => this.#predecoder.encode(entry >>> 0, word >>> 0, length),
      makeBlock: (frame) => this.#makeBlock(frame >>> 0),
      suspect: (pte) => ram.suspect(pte >>> 0),
      straddle: (block) => this.#straddle(block >>> 0),
      step: () => {
        this.fallbacks++;
        return this.#reference.step();
      },
      link: (block, slot) => this.#link(block >>> 0, slot),
      counter: (csr) => (csr === CSR_TIME ? this.readTime() : this.retiredNow),
      loadFloat: () => {
        const bytes = beforehand?.float(fused()) ?? generateFloat(this.#file, fused());
        const module = new WebAssembly.Module(bytes);
        table.set(0, new WebAssembly.Instance(module, { m: { memory: ram.memory } }).exports.float);
      },
    };
    const table = new WebAssembly.Table({ element: "anyfunc", initial: 1 });
    const bytes = beforehand?.interpreter() ?? generate(this.#file, ram.codeTable);
    this.#imports = { memory: ram.memory, table, ...imports };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: this.#imports });
    table.set(0, instance.exports.floatStub);
    const { touch, slowFloat, beside, decode } = instance.exports;
    this.#translator = new Translator({
      ram,
      file: this.#file,
      table,
      imports: { touch, slowFloat, beside, counter: imports.counter },
      fusedMadd: fused,
      decode: decode as (record: number, block: number) => void,
    });
    return instance.exports.run as (fuel: number) => number;
  }

  /** Looks where the program is: what it comes to again and again is translated. `part`: the fuel of the run that ends here. */
  #sample(context: Context, table: PageTable, part: number): void {
    const { u32 } = this.#ram;
    const file = this.#file >>> 2;
    const pc = context.pc;
    this.#sampleLeft(table);
    const last = file + (FILE_LOOKED_UP >>> 2);
    const lookedUp = u32[last + 1]! * 0x1_0000_0000 + u32[last]!;
    if (u32[file + (FILE_STEPPED >>> 2)]! < Math.min(LONGEST_PATH, part >>> 1)) {
      this.#stride = Math.min(this.#stride * 2, MOST_STRIDE);
      return;
    }
    if (this.#eager && this.#frameOf(table, pc) !== 0) this.#makeBlock(this.#frameOf(table, pc));
    this.#translator!.sample(table, pc, lookedUp, Math.max(1, Math.round(this.#stride / FIRST_STRIDE)));
    // The end of a stride that system calls cut may be too short for translated code to be entered at all.
    if (part < 2 * LONGEST_PATH && !this.#eager) return;
    this.#stride = Math.max(this.#stride >>> 1, this.#leastStride);
  }

  /** Where translated code left for places that are not translated, and for instructions that it did not do. */
  #sampleLeft(table: PageTable): void {
    const { u32 } = this.#ram;
    const translator = this.#translator!;
    const left = u32[(this.#file + FILE_LEFT) >>> 2]! >>> LEFT_SHIFT;
    for (let i = Math.max(this.#left, left - LEFT_RING); i < left; i++)
      translator.heat(table, this.#noted(FILE_LEFT_AT, i & (LEFT_RING - 1)), LEFT_WEIGHT);
    this.#left = left;
    const steps = u32[(this.#file + FILE_STEPS) >>> 2]! >>> STEPS_SHIFT;
    for (let i = Math.max(this.#steps, steps - STEPS_RING); i < steps; i++)
      translator.stepped(table, this.#noted(FILE_STEPS_AT, i & (STEPS_RING - 1)), this.retiredTotal);
    this.#steps = steps;
  }

  #noted(ring: number, place: number): number {
    const { u32 } = this.#ram;
    const at = (this.#file + ring + 8 * place) >>> 2;
    return u32[at + 1]! * 0x1_0000_0000 + u32[at]!;
  }

  #frameOf(table: PageTable, pc: number): number {
    const pte = table.get(pc);
    return (pte & PTE_X) === 0 ? 0 : (pte & ~0xfff) >>> 0;
  }

  #link(block: number, slot: number): number {
    const table = this.#table!;
    if (table.jumps === 0) {
      if (table.makeJumps() === 0) return 0;
      this.#ram.u32[(this.#file + FILE_JUMPS) >>> 2] = table.jumps;
      // The interpreter looked for the entry in the empty table: next time it finds it.
      this.#translator!.link(table, this.#context!.pc, block, slot);
      return 0;
    }
    return this.#translator!.link(table, this.#context!.pc, block, slot) ? 1 : 0;
  }

  #makeBlock(frame: number): number {
    const ram = this.#ram;
    const epoch = ram.codeEpoch;
    const block = ram.codeBlock(frame, (at, address) => prepareBlock(ram, at, address));
    if (ram.codeEpoch !== epoch) this.#table?.activate(this.#file + FILE_TLB);
    return block;
  }

  /** 1 when the straddling instruction is in the block's slot. */
  #straddle(block: number): number {
    const ram = this.#ram;
    const frame = ram.u32[(block + HEADER_FRAME) >>> 2]!;
    const pc = this.#context!.pc;
    const pte = this.#table!.get(pc + 2);
    if ((pte & (PTE_V | PTE_X)) !== (PTE_V | PTE_X)) return 0;
    const low = ram.u16[(frame + 4094) >>> 1]!;
    const high = ram.u16[(pte & ~0xfff) >>> 1]!;
    this.#predecoder.decodeStraddle(block, (low | (high << 16)) >>> 0);
    return 1;
  }
}
