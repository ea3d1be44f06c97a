import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boot, type Machine } from "../../../../index.ts";

let machine: Machine;
before(async () => {
  machine = await boot({ image: "debian", memory: "128m" });
});
after(() => machine.shutdown());

test("/proc/PID/wchan and stack name where a task waits, as Linux does", async () => {
  const sleeper = await machine.spawn(["sleep", "1000"]);
  const reader = await machine.spawn(["sh", "-c", "sleep 1000 | cat"]);
  await machine.exec(["sleep", "0.2"]);
  const cat = [...machine.kernel.tasks.all].find(({ comm }) => comm === "cat")!;
  const shell = `for p in ${sleeper.pid} ${reader.pid} ${cat.tid}; do cat /proc/$p/wchan; echo; done`;
  const { stdout } = await machine.exec(["sh", "-c", `${shell}; cat /proc/${sleeper.pid}/stack; cat /proc/self/wchan`]);
  assert.equal(
    String(stdout),
    "hrtimer_nanosleep\ndo_wait\npipe_read\n" +
      "[<0>] hrtimer_nanosleep\n[<0>] __riscv_sys_clock_nanosleep\n[<0>] do_trap_ecall_u\n0",
  );
  sleeper.kill(9);
  reader.kill(9);
});
