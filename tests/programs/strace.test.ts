// The gate is seen alike from both sides: lines of Debian's own strace, which runs inside through ptrace(2), and of ours.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build as buildGuest } from "../guest/build.ts";
import { build, comparable, guestPrograms, programs } from "../strace/lines.ts";
import { type Tracing, tracing } from "../strace/trace.ts";

/** The same programs with more flags. */
const flagged = (
  [
    ["-yy", "sockets events descriptors open-close unix memory directory"],
    ["-y", "names poll read-write"],
    ["-v", "clocks directory exec ids poll signals ioctls"],
    ["-x", "sockets read-write unix"],
    ["-xx -s 5", "read-write xattr"],
    ["-Z", "names stat process"],
    ["-z", "names sched"],
    ["-e status=failed,unfinished", "descriptors"],
    ["-e trace=%file,%process", "names process"],
    ["-e trace=!%desc,/^get", "names ids"],
    ["-e trace=/^(open|read)", "open-close read-write"],
    ["-e signal=SIGUSR1,CHLD", "signals"],
    ["-e raw=fchmodat,read", "names read-write"],
    ["-e inject=%file:error=EIO:when=2..8+3", "names"],
    ["-e inject=read:retval=7 -e inject=close:error=EINTR:signal=SIGURG", "read-write open-close"],
    ["-e read=3 -e write=3", "read-write"],
    ["-P file", "open-close stat"],
    ["-n -a 60", "names"],
  ] as const
).flatMap(([flags, names]) =>
  programs()
    .filter(({ name }) => names.split(" ").includes(name))
    .map((program) => ({ ...program, flags: [...program.flags, ...flags.split(" ")] })),
);

const all = [...programs(), ...guestPrograms(), ...flagged];
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
    assert.ok(theirs.length > 1, "Debian's strace has written next to nothing");
    assert.deepEqual(ours, theirs);
  });
}
