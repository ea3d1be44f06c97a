// Programs of random-flow.ts in slices of random fuel: translator, interpreter and reference have the same state and the
// same count at every cut. Between slices the kernel's part is played: faults are skipped or their page is mapped, code
// pages go, come back in another frame, or are rewritten. AIRSIDE_SEED and AIRSIDE_CASES repeat or lengthen a run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, EXIT_FAULT, EXIT_TIMER, Hart } from "../hart.ts";
import { PageTable, PTE_R, PTE_V, PTE_W, PTE_X } from "../page-table.ts";
import { Ram } from "../ram.ts";
import * as flow from "./random-flow.ts";
import { Random } from "./random-program.ts";

const seed = Number(process.env.AIRSIDE_SEED ?? 1);
const cases = Number(process.env.AIRSIDE_CASES ?? 120);
/** Starts of each program, with other registers. */
const STARTS = 6;
const SLICES = 24;
const { CODE_ADDRESS, CODE_PAGES, DATA_ADDRESS, DATA_PAGES, PAGE, TABLE_ADDRESS } = flow;
const RX = PTE_V | PTE_R | PTE_X;
const RW = PTE_V | PTE_R | PTE_W;

class Machine {
  readonly ram = new Ram({ maximum: 4 << 20 });
  readonly hart = new Hart(this.ram);
  readonly table = PageTable.create(this.ram)!;
  readonly context = Context.create(this.ram)!;
  /** Two frames for each page of code: the program can move from one to the other. What lies side by side for the
   *  program does not in memory. */
  readonly code = Array.from({ length: 2 * CODE_PAGES }, () => this.ram.allocFrame()).reverse();
  readonly data = Array.from({ length: DATA_PAGES + 1 }, () => this.ram.allocFrame()).reverse();
  readonly addresses = this.ram.allocFrame();

  constructor(engine: "translator" | "interpreter" | "reference", stride?: number) {
    this.hart.engine = engine;
    if (engine === "translator") this.hart.translateEagerly(stride);
    this.hart.readTime = () => this.hart.retiredNow;
    this.table.set(TABLE_ADDRESS, this.addresses | PTE_V | PTE_R);
  }

  load(program: flow.FlowProgram): void {
    for (const half of [0, CODE_PAGES]) this.write(program.code, half);
    this.ram.u8.set(program.table, this.addresses);
  }

  write(code: Uint8Array, half: number): void {
    for (let i = 0; i < CODE_PAGES; i++) {
      const frame = this.code[half + i]!;
      this.ram.u8.set(code.subarray(i * PAGE, (i + 1) * PAGE), frame);
      this.ram.codeWritten(frame);
    }
  }

  start(state: flow.FlowState): void {
    const { ram, table, context } = this;
    for (let i = 0; i < CODE_PAGES; i++) this.mapCode(i, 0);
    for (const frame of this.data) ram.u8.fill(0x5a, frame, frame + PAGE);
    for (let i = 0; i < DATA_PAGES; i++) table.set(DATA_ADDRESS + i * PAGE, this.data[i]! | RW);
    table.clearRange(DATA_ADDRESS + DATA_PAGES * PAGE, DATA_ADDRESS + (DATA_PAGES + 1) * PAGE);
    state.x.forEach((value, i) => {
      context.setX(i, value);
      context.setF(i, state.f[i]!);
    });
    context.fcsr = state.fcsr;
    context.clearReservation();
    context.pc = state.pc;
  }

  mapCode(page: number, half: number, flags = RX): void {
    this.table.set(CODE_ADDRESS + page * PAGE, this.code[half + page]! | flags);
  }

  slice(fuel: number): string {
    const { hart, context } = this;
    const exit = hart.run(context, this.table, fuel);
    const fault =
      exit === EXIT_FAULT ? `${hart.faultAddressBits.toString(16)} ${hart.faultAccess} ${hart.faultKind}` : "";
    return `exit ${exit} after ${hart.retired} at ${context.pcBits.toString(16)} ${fault}`;
  }

  /** What differs from another machine. */
  differences(other: Machine): string[] {
    const out: string[] = [];
    const [a, b] = [this.context, other.context];
    for (let i = 0; i < 32; i++) {
      if (a.x(i) !== b.x(i)) out.push(`x${i}: ${a.x(i).toString(16)} ${b.x(i).toString(16)}`);
      if (a.f(i) !== b.f(i)) out.push(`f${i}: ${a.f(i).toString(16)} ${b.f(i).toString(16)}`);
    }
    if (a.fcsr !== b.fcsr) out.push(`fcsr: ${a.fcsr} ${b.fcsr}`);
    this.data.forEach((frame, i) => {
      const mine = this.ram.u8.subarray(frame, frame + PAGE);
      const theirs = other.ram.u8.subarray(other.data[i]!, other.data[i]! + PAGE);
      if (Buffer.compare(mine, theirs) !== 0) out.push(`data page ${i}`);
    });
    return out;
  }
}

test("random control flow, cut anywhere: translator, interpreter and reference agree at every cut", () => {
  // Two translators: one that is stopped often and so has translated everything, one that runs long.
  const machines = [
    new Machine("reference"),
    new Machine("interpreter"),
    new Machine("translator"),
    new Machine("translator", 1000),
  ] as const;
  const [reference, ...others] = machines;
  let retired = 0;
  for (let n = 0; n < cases; n++) {
    const r = new Random(seed * 1_000_003 + n);
    const program = flow.randomFlow(r);
    for (const machine of machines) machine.load(program);
    for (let start = 0; start < STARTS; start++) {
      const state = flow.randomFlowState(r, program);
      for (const machine of machines) machine.start(state);
      const disturbs = r.chance(40);
      for (let cut = 0; cut < SLICES; cut++) {
        const fuel = r.chance(60) ? 1 + r.below(40) : r.below(400);
        const [said, ...sayings] = machines.map((machine) => machine.slice(fuel)) as [string, ...string[]];
        const where = `case ${n}, start ${start}, cut ${cut}, fuel ${fuel}, seed ${seed}`;
        for (const [i, saying] of sayings.entries()) assert.equal(saying, said, `${others[i]!.hart.engine}: ${where}`);
        for (const other of others)
          assert.deepEqual(other.differences(reference), [], `${other.hart.engine}, reference: ${where}`);
        retired += reference.hart.retired;
        const event = said.startsWith(`exit ${EXIT_TIMER} `) ? 0 : 1 + r.below(3);
        if (event !== 0) {
          const to = r.pick(program.starts);
          for (const machine of machines) resume(machine, event, CODE_ADDRESS + to);
        }
        if (disturbs && r.chance(20)) disturb(r, machines, program);
      }
    }
  }
  const { translations } = others[1]!.hart;
  assert.ok(translations > 2 * cases, `${translations} translations`);
  assert.ok(retired > 500 * cases, `${retired} instructions`);
});

/** After a trap: the missing page is there, the instruction is skipped, or it goes on elsewhere. */
function resume({ context, table, data }: Machine, event: number, elsewhere: number): void {
  const behind = DATA_ADDRESS + DATA_PAGES * PAGE;
  if (event === 1 && table.get(behind) === 0) table.set(behind, data[DATA_PAGES]! | RW);
  else if (event <= 2 && table.get(context.pc) !== 0) context.pc += 4;
  else context.pc = elsewhere;
}

/** What a kernel may do to code between two runs. */
function disturb(r: Random, machines: readonly Machine[], program: flow.FlowProgram): void {
  const page = r.below(CODE_PAGES);
  const half = r.chance(50) ? 0 : CODE_PAGES;
  switch (r.below(5)) {
    case 0:
      for (const { table } of machines) table.clearRange(CODE_ADDRESS + page * PAGE, CODE_ADDRESS + (page + 1) * PAGE);
      return;
    case 1:
      for (const machine of machines) machine.mapCode(page, half, PTE_V | PTE_R);
      return;
    case 2: {
      // the other frames hold another version of the program
      const changed = program.code.slice();
      for (let i = 0; i < 6; i++) {
        const at = r.pick(program.starts);
        new DataView(changed.buffer).setUint32(at, ((1 + r.below(9)) << 20) | 0x50513, true); // addi a0, a0, n
      }
      for (const machine of machines) machine.write(changed, CODE_PAGES);
      return;
    }
    default:
      for (const machine of machines) machine.mapCode(page, half);
  }
}
