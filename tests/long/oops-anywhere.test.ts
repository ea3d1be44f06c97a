// An exception in the middle of whatever the kernel does: each method of what it is made of throws once, somewhere in a
// run of a shell script. Afterwards the machine has panicked, or it works: it does not hang, and it does not leak tasks.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { boot, type Machine } from "../../src/index.ts";
import { AddressSpace } from "../../src/kernel/mm/address-space.ts";
import { VmaList } from "../../src/kernel/mm/vma-list.ts";
import { Pipe } from "../../src/kernel/pipe/pipe.ts";
import { RunQueue } from "../../src/kernel/sched/runqueue.ts";
import { Timers } from "../../src/kernel/sched/timers.ts";
import { WaitQueue } from "../../src/kernel/sched/wait-queue.ts";
import { PendingSignals } from "../../src/kernel/signal/pending.ts";
import { FdTable } from "../../src/kernel/task/fd-table.ts";
import { TaskTable } from "../../src/kernel/task/table.ts";
import { Dentry } from "../../src/kernel/vfs/dentry.ts";
import { File } from "../../src/kernel/vfs/file.ts";
import { PageCache } from "../../src/kernel/vfs/page-cache.ts";

const SCRIPT = `
mkdir /tmp/a; cd /tmp/a; mkfifo f; echo one > x; cat x | tr a-z A-Z | cat > y; ln x z; mv y w; ln -s w s; cat s; rm z
(sleep 0.01; echo two > f) & cat f; wait; dd if=/dev/zero of=big bs=1k count=64 2>&-; cp big other; rm big
sleep 10 & kill $!; wait; trap 'echo caught' USR1; kill -USR1 $$; ls -l / > list; (exec cat list) | head -1; cd /; rm -r /tmp/a
`;

type Methods = Record<string, unknown>;

/** Every method of these classes; those that the script calls are made to throw. */
const targets = [
  AddressSpace,
  VmaList,
  Pipe,
  RunQueue,
  Timers,
  WaitQueue,
  PendingSignals,
  FdTable,
  TaskTable,
  Dentry,
  File,
  PageCache,
].flatMap(({ name, prototype }) =>
  Object.getOwnPropertyNames(prototype)
    .filter(
      (key) => key !== "constructor" && typeof Object.getOwnPropertyDescriptor(prototype, key)?.value === "function",
    )
    .map((key) => ({ name: `${name}.${key}`, prototype: prototype as unknown as Methods, key })),
);

/** The method throws at its `nth` call from now on. The result puts it back, and says how often it was called. */
function breakAt(prototype: Methods, key: string, nth: number): () => number {
  const whole = prototype[key] as (...args: unknown[]) => unknown;
  let calls = 0;
  prototype[key] = function (this: unknown, ...args: unknown[]) {
    if (++calls === nth) throw new Error(`injected into ${key}`);
    return whole.apply(this, args);
  };
  return () => {
    prototype[key] = whole;
    return calls;
  };
}

const silent = async (): Promise<Machine> => {
  const machine = await boot({ image: "busybox", memory: "64m", keepTranslations: false });
  machine.kernel.log.onConsole = undefined;
  return machine;
};

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), milliseconds);
  });
  const result = await Promise.race([promise, late]);
  clearTimeout(timer);
  return result;
}

/** How often the script calls each method. */
async function usual(): Promise<ReadonlyMap<string, number>> {
  const machine = await silent();
  const undo = targets.map(({ name, prototype, key }) => ({ name, restore: breakAt(prototype, key, 0) }));
  await machine.exec(["sh", "-c", SCRIPT]);
  const calls = new Map(undo.map(({ name, restore }) => [name, restore()]));
  await machine.shutdown();
  return calls;
}
const calledUsually = await usual();
const unused = targets.filter(({ name }) => calledUsually.get(name) === 0).map(({ name }) => name);

describe("an exception anywhere", () => {
  const outcomes = { panicked: 0, survived: 0 };
  test("the script calls most methods", (context) => {
    context.diagnostic(`it has no use for ${unused.join(", ")}`);
    assert.ok(unused.length < targets.length / 3, `${unused.length} of ${targets.length} are not called`);
  });
  for (const { name, prototype, key } of targets) {
    const calls = calledUsually.get(name)!;
    if (calls === 0) continue;
    test(name, async () => {
      for (const part of [0, 0.5]) {
        const machine = await silent();
        const { kernel } = machine;
        const restore = breakAt(prototype, key, 1 + Math.floor(calls * part));
        // What the program does that lost its kernel halfway is not looked at: only that it ends, or can be ended.
        const child = await machine.spawn(["sh", "-c", SCRIPT], { stdin: "null" }).catch((error: Error) => error);
        if (!(child instanceof Error)) {
          if ((await within(child.exited, 1500)) === "late") child.kill(9);
          assert.notEqual(await within(child.exited, 3000), "late", "it can be killed");
        }
        restore();
        if (kernel.ended) {
          assert.equal(kernel.ended.how, "panic");
          outcomes.panicked++;
        } else {
          const said = await within(machine.exec(["sh", "-c", "echo on | cat; ls /proc/1 > /dev/null"]), 5000);
          assert.equal(said === "late" ? said : said.stdout, "on\n");
          outcomes.survived++;
        }
        await within(machine.shutdown(), 2000);
      }
    });
  }
  test("is survived more often than not", (context) => {
    context.diagnostic(`${outcomes.survived} survived, ${outcomes.panicked} panicked`);
    assert.ok(outcomes.survived > outcomes.panicked);
  });
});
