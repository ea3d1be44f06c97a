// The gate is seen alike from both sides: lines of Debian's own strace, which runs inside through ptrace(2), and of ours.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build as buildGuest } from "../guest/build.ts";
import { build, comparable, guestPrograms, programs } from "../strace/lines.ts";
import { type Tracing, tracing } from "../strace/trace.ts";

const all = [...programs(), ...guestPrograms()];
let machine: Tracing;
before(async () => {
  build("riscv64");
  await buildGuest(({ name }) => guestPrograms().some((program) => program.name === name));
  machine = await tracing("debian-test");
});
after(() => machine.stop());

for (const program of all) {
  test(`strace ${[...program.flags, program.name].join(" ")}: the lines are Debian's strace's`, async () => {
    const theirs = comparable(await machine.debianTrace(program), program);
    const ours = comparable(await machine.trace(program), program);
    assert.ok(theirs.length > 2, "Debian's strace has written next to nothing");
    assert.deepEqual(ours, theirs);
  });
}
