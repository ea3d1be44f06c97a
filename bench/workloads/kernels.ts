// Small C programs of our own (bench/kernels), freestanding, one source and the same flags for both processors.
import { join } from "node:path";
import { compile, ownCommand, root } from "../sides.ts";
import { wholeProcess } from "../timed.ts";
import { compileForV86, runOnV86 } from "../v86/peer.ts";
import type { Workload } from "../workload.ts";

/** How often each runs its loop: some 100 to 200 ms native, and at most 1.5 s under qemu. */
const KERNELS: Record<string, readonly [rounds: number, about: string]> = {
  sieve: [6, "sieve of Eratosthenes: strided stores"],
  quicksort: [3, "a million numbers: branches that can't be foretold"],
  list: [1, "a linked list: loads that wait for each other"],
  matrix: [10, "product of matrices, double precision"],
  nbody: [16, "five bodies: double precision, square roots"],
  mandelbrot: [40, "double precision in a short loop"],
  stencil: [6, "single precision over a grid"],
  sha256: [16, "rotations and additions"],
  crc32: [10, "bytes through a table"],
  compress: [20, "LZ77 and back: byte streams, branches"],
  search: [12, "bytes compared one by one"],
  copy: [80, "a megabyte, eight bytes at a time"],
  hash: [16, "a hash table of 4 MiB"],
  trees: [40, "binary trees made, walked and let go"],
  fib: [12, "recursion: calls and returns"],
  queens: [80, "recursion and bit operations"],
  divide: [20, "64-bit multiplication and division"],
  calls: [8, "calls through pointers"],
  bytecode: [12, "a stack machine in a switch"],
};
const folder = join(root, "bench/kernels");
export const FLAGS = [
  "-fno-tree-loop-distribute-patterns",
  "-nostdlib",
  "-ffreestanding",
  "-fno-stack-protector",
  "-fno-math-errno",
];

export const kernels = (quick: boolean): Workload[] =>
  Object.entries(KERNELS).map(([name, [rounds, about]]) => {
    const args = [String(quick ? Math.ceil(rounds / 4) : rounds)];
    return {
      name,
      group: "kernels",
      unit: "ms",
      about,
      onV86: true,
      prepare: () => compile(`kernels/${name}`, FLAGS),
      run: (side) =>
        side.kind === "v86" ? runOnV86(name, args) : wholeProcess(ownCommand(side, `kernels/${name}`, args)),
    };
  });

/** v86's machine boots once, with all of them in it. */
export function compileKernelsForV86(): void {
  for (const name of Object.keys(KERNELS)) compileForV86(join(folder, `${name}.c`), name, FLAGS);
}
