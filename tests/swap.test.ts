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

  for (const seed of ["1"]) {
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

  test("without swap the largest process is killed; the log says so in Linux's words, and all it had is free", async () => {
    const machine = new GuestMachine(6 << 20, 0);
    const { kernel } = machine;
    const killed: string[] = [];
    kernel.trace.listen({ oomKill: ({ leader }) => killed.push(leader.comm) });
    await machine.run("memory/madvise-reclaim");
    kernel.vfs.reclaim.dropAll();
    const free = kernel.ram.freeFrames;
    const outcome = await machine.run("memory/random-swap");
    assert.equal(outcome.status, "killed by 9");
    assert.deepEqual(killed, ["random-swap"]);
    const log = kernel.log.records.map(({ text }) => text);
    const place = (pattern: RegExp): number => log.findIndex((line) => pattern.test(line));
    const order = [
      /^random-swap invoked oom-killer: gfp_mask=0x140dca\(.*\), order=0, oom_score_adj=0$/,
      /^CPU: 0 UID: 0 PID: \d+ Comm: random-swap /,
      /^Mem-Info:$/,
      /^Tasks state \(memory values in pages\):$/,
      /^\[ +\d+\] +0 +\d+ +\d+ +\d+ +\d+ +\d+ +\d+ +\d+ +0 +0 random-swap$/,
      /^oom-kill:constraint=CONSTRAINT_NONE,nodemask=\(null\),cpuset=\/,mems_allowed=0,global_oom,task_memcg=\/,task=random-swap,pid=\d+,uid=0$/,
      /^Out of memory: Killed process \d+ \(random-swap\) total-vm:\d+kB, anon-rss:\d+kB, file-rss:\d+kB, shmem-rss:\d+kB, UID:0 pgtables:\d+kB oom_score_adj:0$/,
    ].map(place);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
      log.join("\n"),
    );
    assert.ok(order[0]! >= 0, log.join("\n"));
    kernel.vfs.reclaim.dropAll();
    assert.ok(kernel.ram.freeFrames >= free - 2, `${free - kernel.ram.freeFrames} frames are gone`);
    machine.stop();
  });
});
