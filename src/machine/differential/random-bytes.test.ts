// Random bytes as code, over the border of two pages, entered anywhere: the interpreter and the reference must agree on
// every register, and no input may make the machine throw. AIRSIDE_SEED and AIRSIDE_CASES repeat or lengthen a run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Hart } from "../hart.ts";
import { PageTable, PTE_R, PTE_V, PTE_W, PTE_X } from "../page-table.ts";
import { PAGE_SIZE, Ram } from "../ram.ts";
import { Random } from "./random-program.ts";

const seed = Number(process.env.AIRSIDE_SEED ?? 1);
const cases = Number(process.env.AIRSIDE_CASES ?? 3000);

const CODE = 0x10000;
const DATA = 0x40000;

class Machine {
  readonly ram = new Ram({ maximum: 4 << 20 });
  readonly hart = new Hart(this.ram);
  readonly table = PageTable.create(this.ram)!;
  readonly context = Context.create(this.ram)!;
  readonly code = [this.ram.allocFrame(), this.ram.allocFrame()] as const;
  readonly data = [this.ram.allocFrame(), this.ram.allocFrame()] as const;

  constructor(engine: "translator" | "interpreter" | "recording" | "reference") {
    this.hart.engine = engine === "recording" ? "translator" : engine;
    if (engine === "translator") this.hart.translateEagerly();
    if (engine === "recording") this.hart.record({ counts: true, calls: true });
    this.hart.readTime = () => this.hart.retiredNow;
    this.code.forEach((frame, i) => {
      this.table.set(CODE + i * PAGE_SIZE, frame | PTE_V | PTE_R | PTE_X);
    });
    this.data.forEach((frame, i) => {
      this.table.set(DATA + i * PAGE_SIZE, frame | PTE_V | PTE_R | PTE_W);
    });
  }

  run(bytes: Uint8Array, x: readonly bigint[], pc: number, slices: readonly number[]): string {
    const { ram, context, hart } = this;
    this.code.forEach((frame, i) => {
      ram.u8.set(bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE), frame);
      ram.codeWritten(frame);
    });
    for (const frame of this.data) ram.u8.fill(0, frame, frame + PAGE_SIZE);
    x.forEach((value, i) => {
      context.setX(i, value);
      context.setF(i, value);
    });
    context.fcsr = 0;
    context.clearReservation();
    context.pc = pc;
    const out: string[] = [];
    for (const fuel of slices) {
      const exit = hart.run(context, this.table, fuel);
      const fault = exit === 4 ? ` ${hart.faultAddressBits.toString(16)} ${hart.faultAccess} ${hart.faultKind}` : "";
      out.push(`exit ${exit} after ${hart.retired} at ${context.pcBits.toString(16)}${fault}`);
      // what a kernel would do: skip it
      if (exit !== 5) context.pcBits += 2n;
    }
    for (let i = 0; i < 32; i++) out.push(`x${i} ${context.x(i).toString(16)} f${i} ${context.f(i).toString(16)}`);
    out.push(`fcsr ${context.fcsr}`);
    for (const frame of this.data) out.push(Buffer.from(ram.u8.subarray(frame, frame + PAGE_SIZE)).toString("base64"));
    return out.join("\n");
  }
}

for (const engine of ["interpreter", "translator", "recording"] as const) {
  test(`random bytes run alike on the ${engine} and the reference`, () => runAlike(engine));
}

function runAlike(engine: "interpreter" | "translator" | "recording"): void {
  const random = new Random(seed);
  const machines = [new Machine(engine), new Machine("reference")] as const;
  const bytes = new Uint8Array(2 * PAGE_SIZE);
  let instructions = 0;
  for (let i = 0; i < cases; i++) {
    if (i % 16 === 0) for (let k = 0; k < bytes.length; k++) bytes[k] = random.next();
    const x = Array.from({ length: 32 }, (_, n) => {
      if (n === 0) return 0n;
      if (random.chance(60)) return BigInt(DATA + random.below(2 * PAGE_SIZE));
      return random.chance(50)
        ? BigInt(CODE + random.below(2 * PAGE_SIZE))
        : random.bits64() >> BigInt(random.below(64));
    });
    const near = random.chance(30) ? PAGE_SIZE - 2 * random.below(8) : 2 * random.below(PAGE_SIZE);
    const slices = Array.from({ length: 12 }, () => 1 + random.below(20));
    const [a, b] = machines.map((machine) => machine.run(bytes, x, CODE + near, slices)) as [string, string];
    instructions += machines[0].hart.retired;
    if (a !== b) assert.fail(`case ${i}, seed ${seed}\n${diff(a, b)}`);
  }
  assert.ok(instructions > 0);
}

function diff(a: string, b: string): string {
  const other = b.split("\n");
  return a
    .split("\n")
    .flatMap((line, i) => (line === other[i] ? [] : [`interpreter ${line}\nreference   ${other[i]}`]))
    .slice(0, 20)
    .join("\n");
}
