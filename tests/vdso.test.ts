// The vDSO as programs find it: static ones through the auxiliary vector, dynamic ones through the linker.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { boot } from "../src/index.ts";

const source = `
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int main(void) {
  static const int clocks[] = {0, 1, 4, 5, 6, 7};
  for (int i = 0; i < 6; i++) {
    struct timespec ours, kernels;
    clock_gettime(clocks[i], &ours);
    syscall(SYS_clock_gettime, clocks[i], &kernels);
    double later = kernels.tv_sec - ours.tv_sec + (kernels.tv_nsec - ours.tv_nsec) / 1e9;
    printf("%d %s\\n", clocks[i], later > -0.01 && later < 1 ? "agrees" : "differs");
  }
  struct timespec t;
  for (int i = 0; i < 1000; i++) clock_gettime(CLOCK_MONOTONIC, &t);
  return 0;
}`;

test("clock_gettime is answered without a crossing, and as the system call answers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "airside-vdso-"));
  writeFileSync(join(folder, "a.c"), source);
  const machine = await boot({ image: "debian", memory: "256m" });
  let crossings = 0;
  machine.kernel.trace.listen({
    syscallEnter: (_task, row) => {
      if (row?.name === "clock_gettime") crossings++;
    },
  });
  for (const flags of [["-static"], []]) {
    execFileSync("riscv64-linux-gnu-gcc", ["-O1", ...flags, "-o", join(folder, "a"), join(folder, "a.c")]);
    machine.fs.write("/root/a", readFileSync(join(folder, "a")), 0o755);
    crossings = 0;
    const { stdout } = await machine.exec(["/root/a"]);
    assert.equal(stdout, [0, 1, 4, 5, 6, 7].map((clock) => `${clock} agrees\n`).join(""));
    assert.equal(crossings, 6);
  }
  await machine.shutdown();
  rmSync(folder, { recursive: true });
});
