// A bare machine that runs one program of random-program.ts and answers its final state, for either engine.
import { Context, Hart } from "../hart.ts";
import { PageTable, PTE_R, PTE_V, PTE_W, PTE_X } from "../page-table.ts";
import { Ram } from "../ram.ts";
import { CODE_ADDRESS, DATA_ADDRESS, DATA_BYTES, type Program } from "./random-program.ts";

export interface FinalState {
  readonly exit: number;
  readonly pc: bigint;
  readonly x: bigint[];
  readonly f: bigint[];
  readonly fcsr: number;
  readonly data: Uint8Array;
  readonly fault: bigint;
  readonly faultAccess: number;
  readonly faultKind: number;
  readonly retired: number;
}

const ALL = PTE_V | PTE_R | PTE_W | PTE_X;

export class BareMachine {
  readonly ram = new Ram({ maximum: 4 << 20 });
  readonly hart: Hart;
  readonly table = PageTable.create(this.ram)!;
  readonly context = Context.create(this.ram)!;
  readonly #code = this.ram.allocFrame();
  readonly #data = [this.ram.allocFrame(), this.ram.allocFrame()] as const;

  constructor(engine: "translator" | "interpreter" | "reference", options: { fusedMadd?: boolean } = {}) {
    this.hart = new Hart(this.ram, options);
    this.hart.engine = engine;
    if (engine === "translator") this.hart.translateEagerly();
    this.table.set(CODE_ADDRESS, this.#code | ALL);
    this.table.set(DATA_ADDRESS, this.#data[0] | ALL);
    this.table.set(DATA_ADDRESS + 4096, this.#data[1] | ALL);
  }

  run(program: Program, fuel = 1000): FinalState {
    const { ram, context, hart } = this;
    const half = DATA_BYTES / 2;
    ram.u8.set(program.code, this.#code);
    ram.codeWritten(this.#code);
    ram.u8.set(program.data.subarray(0, half), this.#data[0] + 4096 - half);
    ram.u8.set(program.data.subarray(half), this.#data[1]);
    context.pc = CODE_ADDRESS;
    for (let i = 0; i < 32; i++) {
      context.setX(i, program.x[i]!);
      context.setF(i, program.f[i]!);
    }
    context.fcsr = program.fcsr;
    context.clearReservation();
    const exit = hart.run(context, this.table, fuel);
    const data = new Uint8Array(DATA_BYTES);
    data.set(ram.u8.subarray(this.#data[0] + 4096 - half, this.#data[0] + 4096));
    data.set(ram.u8.subarray(this.#data[1], this.#data[1] + half), half);
    return {
      exit,
      pc: context.pcBits,
      x: Array.from({ length: 32 }, (_, i) => context.x(i)),
      f: Array.from({ length: 32 }, (_, i) => context.f(i)),
      fcsr: context.fcsr,
      data,
      fault: hart.faultAddressBits,
      faultAccess: hart.faultAccess,
      faultKind: hart.faultKind,
      retired: hart.retired,
    };
  }
}
