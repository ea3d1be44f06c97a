// Debian's own strace and gdb inside: what ptrace(2), /proc/PID/mem and core files are for.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sh, testMachine } from "./machine.ts";

const source = `
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
volatile int counter;
struct point { int x, y; double z; } origin = {1, 2, 3.5};
static pthread_barrier_t barrier;
int leaf(int n) { counter += n; return n * 2; }
int middle(int n) { int r = leaf(n) + 1; return r; }
void *worker(void *p) { pthread_barrier_wait(&barrier); return p; }
int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  int sum = 0;
  for (int i = 0; i < 5; i++) sum += middle(i);
  if (!strcmp(what, "threads")) {
    pthread_t t[2];
    pthread_barrier_init(&barrier, 0, 3);
    for (int i = 0; i < 2; i++) pthread_create(&t[i], 0, worker, 0);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 2; i++) pthread_join(t[i], 0);
  }
  if (!strcmp(what, "sleep")) for (;;) usleep(400000);
  if (!strcmp(what, "fork") && fork() == 0) { middle(7); _exit(4); }
  if (!strcmp(what, "crash")) *(volatile int *)16 = sum;
  printf("sum %d counter %d\\n", sum, counter);
  return 0;
}`;

const machine = await testMachine();
const folder = mkdtempSync(join(tmpdir(), "airside-tracers-"));
writeFileSync(join(folder, "t.c"), source);
execFileSync("riscv64-linux-gnu-gcc", ["-g", "-O0", "-pthread", "-o", "t", "t.c"], { cwd: folder });
machine.fs.write("/root/t", readFileSync(join(folder, "t")), 0o755);
machine.fs.write("/root/t.c", source);
rmSync(folder, { recursive: true });

/** What gdb says to a list of commands. */
const gdb = (commands: readonly string[], args: string): Promise<string> =>
  sh(
    machine,
    `gdb -q -batch -ex "set debuginfod enabled off" ${commands.map((each) => `-ex '${each}'`).join(" ")} ${args} 2>&1`,
  );

/** Each of the patterns, in this order. */
function inOrder(text: string, patterns: readonly RegExp[]): void {
  let rest = text;
  for (const pattern of patterns) {
    const found = pattern.exec(rest);
    assert.ok(found, `${pattern} in\n${text}`);
    rest = rest.slice(found.index + found[0].length);
  }
}

test("strace -f: a pipeline, its processes, signals and ends", async () => {
  const log = await sh(machine, "strace -f -o log sh -c 'echo hi | cat; exit 3'; test $? = 3 && cat log");
  inOrder(log, [
    /^\d+ +execve\("\/usr\/bin\/sh", \["sh", "-c", "echo hi \| cat; exit 3"\], 0x\w+ \/\* \d+ vars \*\/\) = 0$/m,
    /pipe2\(\[3, 4\], 0\) += 0$/m,
    /^\d+ +clone\(child_stack=NULL, flags=CLONE_CHILD_CLEARTID\|CLONE_CHILD_SETTID\|SIGCHLD/m,
    /exit_group\(3\) += \?$/m,
    /\+\+\+ exited with 3 \+\+\+\n$/,
  ]);
  assert.match(log, /write\(1, "hi\\n", 3\) += 3$/m);
  assert.match(log, /read\(0, "hi\\n", \d+\) += 3$/m);
  assert.match(log, /--- SIGCHLD \{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=\d+, si_uid=0, si_status=0,/);
  assert.equal(log.match(/\+\+\+ exited with/g)?.length, 3);
});

test("strace -c counts; -e inject= changes answers, adds signals and delays", async () => {
  const table = await sh(machine, "strace -f -c sh -c 'ls / | wc -l' 2>&1 >/dev/null");
  inOrder(table, [/% time +seconds/, / +3 +execve$/m, /total/]);
  const injected = await sh(
    machine,
    "strace -e trace=openat -e inject=openat:error=ENOENT:when=3+ cat /etc/hostname 2>&1; " +
      "strace -e trace=geteuid -e inject=geteuid:retval=42 id -u 2>&1; " +
      "strace -e trace=write -e inject=write:signal=SIGTERM echo hi 2>&1; " +
      "strace -e trace=write -e inject=write:delay_exit=20000 echo late 2>&1",
  );
  inOrder(injected, [
    /openat\(AT_FDCWD, "\/etc\/hostname", O_RDONLY\) = -1 ENOENT \(No such file or directory\) \(INJECTED\)/,
    /^geteuid\(\) += 42 \(INJECTED\)$/m,
    /^42$/m,
    /^--- SIGTERM \{si_signo=SIGTERM/m,
    /\+\+\+ killed by SIGTERM \+\+\+/,
    /= 5 \(DELAYED\)/,
  ]);
});

test("strace -p attaches to a running process and leaves it as it was", async () => {
  const out = await sh(
    machine,
    `./t sleep & p=$!; sleep 0.1; strace -o log -p $p & s=$!; sleep 0.5
grep Tracer /proc/$p/status; kill -INT $s; wait $s; grep -E 'Tracer|State' /proc/$p/status; tail -3 log; kill $p`,
  );
  inOrder(out, [/TracerPid:\t[1-9]/, /State:\tS/, /TracerPid:\t0/, /clock_nanosleep\(/, /<detached \.\.\.>/]);
});

test("gdb: breakpoints, stacks, variables, steps, watchpoints, calls", async () => {
  const out = await gdb(
    ["break leaf", "run", "bt", "p origin", "finish", "next", "step", "delete", "watch counter", "c", "delete"].concat(
      "call leaf(21)",
      "set var counter = 100",
      "c",
    ),
    "./t",
  );
  inOrder(out, [
    /Breakpoint 1, leaf \(n=0\) at .*t\.c:/,
    /#0 +leaf \(n=0\)/,
    /#1 +0x\w+ in middle \(n=0\)/,
    /#2 +0x\w+ in main \(argc=1/,
    /= \{x = 1, y = 2, z = 3\.5\}/,
    /Value returned is \$\d+ = 0/,
    /Watchpoint 2: counter/,
    /Old value = \d+\nNew value = \d+/,
    /= 42/,
    /sum 25 counter 1\d\d/,
    /exited normally/,
  ]);
});

test("gdb: threads", async () => {
  const out = await gdb(["break worker", "run", "c", "info threads", "delete", "c"], "--args ./t threads");
  inOrder(out, [
    /Breakpoint 1, worker/,
    /Breakpoint 1, worker/,
    /LWP \d+.*\n.*LWP \d+.*\n.*LWP \d+/,
    /exited normally/,
  ]);
});

test("gdb: follows a child", async () => {
  const commands = ["set follow-fork-mode child", "break middle if n == 7", "run", "bt 1", "c"];
  inOrder(await gdb(commands, "--args ./t fork"), [/fork to child process/, /middle \(n=7\)/, /exited with code 04/]);
});

test("gdb: attaches, changes a variable, detaches; the process goes on", async () => {
  const out = await sh(
    machine,
    `./t sleep & p=$!; sleep 0.1
gdb -q -batch -ex bt -ex 'set var counter = 500' -p $p 2>&1
grep -E 'State|Tracer' /proc/$p/status
gdb -q -batch -ex 'p counter' -p $p 2>&1; kill $p`,
  );
  inOrder(out, [/in main \(argc=2/, /detached/, /State:\tS/, /TracerPid:\t0/, /\$1 = 500/]);
});

test("a crash leaves a core file that gdb opens", async () => {
  const out = await sh(
    machine,
    `cd /tmp; ulimit -c unlimited; /root/t crash; echo "status $?"
gdb -q -batch -ex bt -ex 'p origin' -ex 'p counter' -ex 'p $_siginfo._sifields._sigfault' /root/t core 2>&1
ulimit -c 0; rm core; /root/t crash; ls core 2>&1; true`,
  );
  inOrder(out, [
    /status 139/,
    /Core was generated by `\/root\/t crash'/,
    /terminated with signal SIGSEGV/,
    /in main \(argc=2/,
    /= \{x = 1, y = 2, z = 3\.5\}/,
    /= 10/,
    /si_addr = 0x10/,
    /cannot access 'core'/,
  ]);
});

test("kernel.core_pattern names the file, or a program that reads it", async () => {
  const out = await sh(
    machine,
    `cd /tmp; ulimit -c unlimited; echo '/tmp/%e-%s-%p' > /proc/sys/kernel/core_pattern; /root/t crash; ls /tmp | grep t-11
printf 'exec > /tmp/said; echo $*; head -c 4 | tail -c 3' > /tmp/reader
echo '|/bin/sh /tmp/reader %s %e' > /proc/sys/kernel/core_pattern
ulimit -c 0; /root/t crash; sleep 0.3; cat /tmp/said; echo core > /proc/sys/kernel/core_pattern`,
  );
  inOrder(out, [/^t-11-\d+$/m, /^11 t\nELF/m]);
});
