// Every program under tests/guest, compiled twice: run by this machine's own Linux and by Airside, the same output and
// the same end from both. Linux is the judge; a program prints nothing that may differ from one Linux to the next.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { LIMITED } from "../src/kernel/namespace/ucounts.ts";
import { FIRST_USER_NAMESPACE } from "../src/kernel/namespace/user.ts";
import { binary, build, checksItself, isBare, launcher, type Program, programs } from "./guest/build.ts";
import { GuestMachine } from "./guest/machine.ts";
import { type Outcome, runHost } from "./guest/outcome.ts";

/** What is known to differ, and why. */
const known: Record<string, string> = {};

/** Programs that this machine can't judge, and why not. */
const unjudged: Record<string, string> = {};
if (existsSync("/proc/sys/kernel/core_pattern") && readFileSync("/proc/sys/kernel/core_pattern", "utf8") !== "core\n")
  unjudged["ptrace/core"] = "kernel.core_pattern is not core";
if (!existsSync("/proc/mounts") || !/ cgroup2 rw/.test(readFileSync("/proc/mounts", "utf8"))) {
  for (const { name, family } of programs()) if (family === "cgroup") unjudged[name] = "no cgroup2 is mounted";
}

/** What the bare programs print: there is no host to ask. */
const bare: Record<string, Outcome> = {
  data: { stdout: "0 15 two\n", status: "exited 0" },
  exit: { stdout: "", status: "exited 7" },
  fault: { stdout: "signal 11\nsignal 4\n", status: "exited 0" },
  fork: { stdout: "child\nreaped\nstatus 1280 memory 1\n-10\n", status: "exited 0" },
  hello: { stdout: "hello\n", status: "exited 42" },
  mmap: { stdout: "mapped\n045\n0-22-12\n81923\n", status: "exited 0" },
  pipe: { stdout: "0\n48 0\n", status: "exited 0" },
  signal: { stdout: "00\ncaught 10\n", status: "exited 0" },
  spin: { stdout: "both ran\n", status: "exited 0" },
  stack: { stdout: "argc 3\nargv x\nargv y\nargv ended\nauxv good\n", status: "exited 0" },
};

/** What a program that checks its own claims prints but "yes": nothing. */
const held = { claims: [""], status: "exited 0" };

/** A program's claim: the first line of its text. */
const claim = (program: Program) =>
  /^\/\/ (?!build:)(.*)$/m.exec(program.text)?.[1]?.replace(/\.$/, "") ?? program.name;

const missing = ["gcc", "riscv64-linux-gnu-gcc"].filter(
  (compiler) => spawnSync(compiler, ["--version"], { stdio: "ignore" }).error !== undefined,
);
const root = process.getuid?.() === 0;
const skip = missing.length
  ? `needs ${missing.join(" and ")}`
  : root
    ? false
    : "the programs change users: they need root on this machine";

describe("guest programs do what they do on Linux", { skip }, () => {
  let machine: GuestMachine;
  before(async () => {
    await build();
    machine = new GuestMachine();
  });
  const run = async (program: Program): Promise<Outcome> => {
    const { kernel } = machine;
    const oopses = kernel.oopses;
    const outcome = await machine.run(program.name, isBare(program) ? ["x", "y"] : []);
    if (outcome.status === "timed out") {
      machine.stop();
      machine = new GuestMachine();
    }
    assert.equal(kernel.oopses, oopses, "no exception in the kernel");
    return outcome;
  };
  for (const program of programs()) {
    const [family, name] = program.name.split("/") as [string, string];
    const todo = known[program.name];
    const reason = unjudged[program.name];
    test(`${program.name}: ${claim(program)}`, reason ? { skip: reason } : todo ? { todo } : {}, async () => {
      if (family === "bare") {
        assert.deepEqual(await run(program), bare[name]);
        return;
      }
      if (checksItself(program)) {
        const { stdout, status } = await run(program);
        assert.deepEqual({ claims: stdout.split("\n").filter((line) => !line.endsWith(": yes")), status }, held);
        return;
      }
      // A program of a busy machine may miss its moment: it has three tries.
      for (let tries = 1; ; tries++) {
        const [linux, airside] = await Promise.all([runHost(launcher, [binary("host", program.name)]), run(program)]);
        if (tries < 3 && (linux.stdout !== airside.stdout || linux.status !== airside.status)) continue;
        assert.equal(airside.stdout, linux.stdout);
        assert.equal(airside.status, linux.status);
        return;
      }
    });
  }

  test("what a program used is free when it has ended: frames, tasks, namespaces", async () => {
    const names = ["process/fork-many", "threads/mutexes", "memory/cow", "pipes/epoll", "sockets/tcp", "files/rename"];
    names.push("namespaces/joining", "namespaces/mounts", "namespaces/pid", "namespaces/time");
    const { kernel } = machine;
    const chosen = programs().filter(({ name }) => names.includes(name));
    // The first time fills caches, such as that of the programs' own pages.
    for (const program of chosen) await run(program);
    const frames = kernel.ram.freeFrames;
    for (const program of chosen) await run(program);
    assert.equal(kernel.tasks.taskCount, 1);
    for (const kind of LIMITED) {
      for (const uid of [0, 1000])
        assert.equal(kernel.ucounts.count(FIRST_USER_NAMESPACE, uid, kind), 0, `${kind} of ${uid}`);
    }
    assert.ok(frames - kernel.ram.freeFrames <= 4, `${frames - kernel.ram.freeFrames} frames are lost`);
  });
});
