// Random instructions, run natively by a program that steps over its own faults: each fault must come as a signal, and
// the kernel must go on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bootWith, compile } from "./machine.ts";

const INSTRUCTIONS = Number(process.env.AIRSIDE_FUZZ_INSTRUCTIONS ?? 10_000_000);
const FIRST_SEED = Number(process.env.AIRSIDE_FUZZ_SEED ?? 1);

test(`${INSTRUCTIONS} random instructions meet no kernel exception`, async () => {
  const image = compile("instructions");
  let run = 0;
  for (let seed = FIRST_SEED; run < INSTRUCTIONS; seed++) {
    const { machine, oopses } = bootWith(image);
    const child = await machine.spawn(["/program"], { stdout: "null", stderr: "null" });
    child.stdin.end(`${seed * 7919 + 1} 20\n`);
    const timeout = setTimeout(() => child.kill(9), 5000);
    await child.exited;
    clearTimeout(timeout);
    run += machine.kernel.hart.retiredTotal;
    assert.deepEqual(
      oopses().map((record) => record.text),
      [],
      `seed ${seed}`,
    );
    const after = await machine.exec(["/program"], { input: "1 0\n" });
    assert.ok(after.code === 0 || after.signal !== undefined, "the machine still runs programs");
    await machine.shutdown();
  }
});
