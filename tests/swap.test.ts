// Machines with less memory than their programs want.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, describe, test } from "node:test";
import { build } from "./guest/build.ts";
import { GuestMachine } from "./guest/machine.ts";

const missing = spawnSync("riscv64-linux-gnu-gcc", ["--version"], { stdio: "ignore" }).error !== undefined;

describe("memory under pressure", { skip: missing ? "needs riscv64-linux-gnu-gcc" : false }, () => {
  const wanted = ["memory/random-swap", "memory/madvise-reclaim"];
  before(() => build(({ name }) => wanted.includes(name)));

  for (const seed of ["1", "2"]) {
    test(`swapping never changes a page, seed ${seed}; no frame and no slot is left behind`, async () => {
      const machine = new GuestMachine(6 << 20, 32 << 20);
      const { kernel } = machine;
      await machine.run("memory/madvise-reclaim");
      kernel.vfs.reclaim.dropAll();
      const free = kernel.ram.freeFrames;
      const outcome = await machine.run("memory/random-swap", [seed]);
      assert.deepEqual(outcome, { stdout: "0 wrong\n", status: "exited 0" });
      assert.ok(kernel.swap.out > 1000, `${kernel.swap.out} pages went to swap`);
      assert.equal(kernel.swap.free, kernel.swap.total);
      assert.equal(kernel.swap.cachedPages, 0);
      assert.equal(kernel.oopses, 0);
      kernel.vfs.reclaim.dropAll();
      assert.ok(kernel.ram.freeFrames >= free - 2, `${free - kernel.ram.freeFrames} frames are gone`);
      machine.stop();
    });
  }
});
