// What the fuzzers boot: a kernel on an empty tmpfs, with one program in it, and a watch on kernel exceptions.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Machine } from "../../src/embed/machine.ts";
import { nodeHost } from "../../src/hosts/node/host.ts";
import { bootKernel } from "../../src/kernel/boot.ts";
import { tmpfs } from "../../src/kernel/fs/tmpfs/tmpfs.ts";
import type { LogRecord } from "../../src/kernel/log.ts";

const built = mkdtempSync(join(tmpdir(), "airside-fuzz-"));

/** Compiles tests/long/guest/NAME.c for riscv64. */
export function compile(name: string, ...flags: string[]): Uint8Array {
  const out = join(built, name);
  execFileSync("riscv64-linux-gnu-gcc", [
    "-O1",
    "-static",
    ...flags,
    "-o",
    out,
    join(import.meta.dirname, "guest", `${name}.c`),
  ]);
  return readFileSync(out);
}

/** A fresh machine with the program as /program, and what its kernel logged of exceptions. */
export function bootWith(program: Uint8Array, memory = 64 << 20): { machine: Machine; oopses: () => LogRecord[] } {
  const kernel = bootKernel({
    host: nodeHost,
    memory,
    hostname: "fuzz",
    root: (made) => tmpfs.mount(made, { source: "tmpfs", flags: 0, data: "" }),
  });
  const machine = new Machine(kernel, { onShutdown: () => undefined });
  machine.fs.write("/program", program, 0o755);
  return {
    machine,
    oopses: () => (kernel.oopses > 0 ? kernel.log.records.filter((record) => record.priority === 0) : []),
  };
}

/** A small generator of random numbers with a seed: xorshift32. */
export function generator(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
