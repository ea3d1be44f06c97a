// The interpreter's speed on compiled C (bench/kernels, gcc -O2), with qemu-riscv64's time for the same file beside it.
// node bench/interpreter.ts [KERNEL…]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Context, EXIT_ECALL, EXIT_TIMER, Hart } from "../src/machine/hart.ts";
import { PageTable, PTE_R, PTE_V, PTE_W, PTE_X } from "../src/machine/page-table.ts";
import { PAGE_SIZE, Ram } from "../src/machine/ram.ts";

const folder = join(import.meta.dirname, "kernels");
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".c"))
  .map((name) => name.slice(0, -2));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : names;
const scratch = mkdtempSync(join(tmpdir(), "airside-bench-"));
const SLICE = 1_000_000;

function compile(name: string): string {
  const elf = join(scratch, name);
  const flags = [
    "-O2",
    "-fno-tree-loop-distribute-patterns",
    "-static",
    "-nostdlib",
    "-ffreestanding",
    "-fno-math-errno",
    "-Wl,--no-relax",
    "-march=rv64gc",
  ];
  const result = spawnSync("riscv64-linux-gnu-gcc", [...flags, join(folder, `${name}.c`), "-o", elf], {
    stdio: "inherit",
  });
  if (result.status !== 0) process.exit(1);
  return elf;
}

function load(ram: Ram, table: PageTable, elf: Buffer): number {
  const headers = Number(elf.readBigUInt64LE(32));
  for (let i = 0; i < elf.readUInt16LE(56); i++) {
    const at = headers + i * 56;
    if (elf.readUInt32LE(at) !== 1) continue;
    const field = (offset: number) => Number(elf.readBigUInt64LE(at + offset));
    const [offset, va, size, memory] = [field(8), field(16), field(32), field(40)];
    for (let page = va - (va % PAGE_SIZE); page < va + memory; page += PAGE_SIZE) {
      if (table.get(page) === 0) table.set(page, ram.allocFrame() | PTE_V | PTE_R | PTE_W | PTE_X);
    }
    for (let i = 0; i < size; i++) ram.u8[(table.get(va + i) & ~4095) + ((va + i) & 4095)] = elf[offset + i]!;
  }
  return Number(elf.readBigUInt64LE(24));
}

function ours(path: string) {
  const ram = new Ram({ maximum: 256 << 20 });
  const before = performance.now();
  const hart = new Hart(ram);
  const made = performance.now() - before;
  const table = PageTable.create(ram)!;
  const context = Context.create(ram)!;
  context.pc = load(ram, table, readFileSync(path));
  const top = 0x3f_0000_0000;
  for (let i = 1; i <= 64; i++) table.set(top - i * PAGE_SIZE, ram.allocFrame() | PTE_V | PTE_R | PTE_W);
  context.setXn(2, top - 64);
  let instructions = 0;
  let exit: number;
  const rates: number[] = [];
  const start = performance.now();
  do {
    const began = performance.now();
    exit = hart.run(context, table, SLICE);
    instructions += hart.retired;
    rates.push(hart.retired / (performance.now() - began) / 1000);
  } while (exit === EXIT_TIMER);
  rates.sort((a, b) => b - a);
  const undisturbed = rates[Math.floor(rates.length / 10)]!;
  const ms = performance.now() - start;
  if (exit !== EXIT_ECALL) throw new Error(`${path}: exit ${exit} at ${context.pc.toString(16)}`);
  return { ms, instructions, undisturbed, made, status: context.xn(10) };
}

function qemu(path: string) {
  const start = performance.now();
  const { status } = spawnSync("qemu-riscv64-static", [path]);
  return { ms: performance.now() - start, status };
}

console.log(`${cpus()[0]?.model}, Node ${process.version}; slices of ${SLICE} instructions; a cold start each`);
console.log("peak: the fastest tenth of the slices, which other work on the machine did not disturb");
console.log("kernel      instructions      ms    MIPS    peak   qemu ms   ours/qemu");
let product = 1;
let peaks = 1;
const made: number[] = [];
for (const name of wanted) {
  const elf = compile(name);
  const us = ours(elf);
  const them = qemu(elf);
  if (us.status !== them.status) console.log(`${name}: status ${us.status}, qemu's ${them.status}`);
  made.push(us.made);
  peaks *= us.undisturbed;
  product *= us.instructions / us.ms / 1000;
  console.log(
    name.padEnd(11),
    String(us.instructions).padStart(12),
    us.ms.toFixed(0).padStart(7),
    (us.instructions / us.ms / 1000).toFixed(0).padStart(7),
    us.undisturbed.toFixed(0).padStart(7),
    them.ms.toFixed(0).padStart(9),
    (us.ms / them.ms).toFixed(2).padStart(11),
  );
}
const mean = (x: number) => (x ** (1 / wanted.length)).toFixed(0);
console.log(`geometric mean: ${mean(product)} MIPS, peak ${mean(peaks)}`);
console.log(`a hart made in ${made[0]!.toFixed(1)} ms cold, ${Math.min(...made).toFixed(1)} warm`);
rmSync(scratch, { recursive: true });
