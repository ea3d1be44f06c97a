// The magic request: what an operator may ask of a kernel that does little else any more, by a letter written to
// /proc/sysrq-trigger. Linux: Documentation/admin-guide/sysrq.rst
import type { Errno } from "../abi/errno.ts";
import { SIGKILL, SIGTERM } from "../abi/signal.ts";
import { toText } from "../lib/byte-string.ts";
import { endMachine } from "./crash/ended.ts";
import { panic } from "./crash/panic.ts";
import { placeOf } from "./crash/report.ts";
import { callText, crossingText, registerLines, whoLine } from "./crash/show.ts";
import type { Kernel } from "./kernel.ts";
import { memoryState } from "./mm/memory-state.ts";
import { outOfMemory } from "./mm/oom.ts";
import { SCHED_OTHER } from "./sched/entity.ts";
import { isRealTime } from "./sched/runqueue.ts";
import { sendToGroup } from "./signal/send.ts";
import type { Task } from "./task/task.ts";

interface Request {
  /** As the help lists it. */
  readonly help: string;
  /** As it is announced. */
  readonly action: string;
  readonly handle: (kernel: Kernel) => void;
}

const signalAll = (kernel: Kernel, signal: number): void => {
  for (const group of [...kernel.tasks.allGroups]) {
    if (group !== kernel.tasks.init && !group.zombie) sendToGroup(group, { signal, code: 0 });
  }
};

/** "task:cat  state:S  pid:7 …", the call it waits in, and where its program is. */
function showTasks(kernel: Kernel, which: (task: Task) => boolean): void {
  for (const task of kernel.tasks.all) {
    if (!which(task)) continue;
    const ids = `pid:${task.tid} tgid:${task.pid} ppid:${task.group.parent?.pid ?? 0}`;
    const call = task.syscall >= 0 ? ` ${callText(task, task.syscall)}` : " in user space";
    kernel.log.write(
      6,
      `task:${toText(task.comm).padEnd(15)} state:${task.state} ${ids}\n${call}\n at ${placeOf(task, task.context.pc)}`,
    );
  }
}

function showMemory(kernel: Kernel): void {
  const memory = memoryState(kernel);
  kernel.log.write(6, "Mem-Info:");
  for (const [name, pages] of Object.entries(memory)) kernel.log.write(6, `${name}:${pages}`);
}

function showRegisters(kernel: Kernel): void {
  const { current, log } = kernel;
  log.write(6, whoLine(kernel, current));
  if (current) for (const line of registerLines(current)) log.write(6, line);
}

function showCurrent(kernel: Kernel): void {
  showRegisters(kernel);
  const { current, log } = kernel;
  if (current && current.syscall >= 0) log.write(6, `In ${callText(current, current.syscall)}`);
}

function makeFair(kernel: Kernel): void {
  for (const task of kernel.tasks.all) {
    const { entity } = task;
    if (!isRealTime(entity)) continue;
    kernel.scheduler.reposition(task, () => {
      entity.policy = SCHED_OTHER;
      entity.priority = 0;
    });
  }
}

/** What may hold more than the machine's memory: Linux does this to what lies on a block device. */
const LASTING: ReadonlySet<string> = new Set(["overlay", "hostfs", "imagefs"]);

function remountReadOnly(kernel: Kernel): void {
  for (const superblock of kernel.vfs.superblocks.keys()) {
    if (LASTING.has(superblock.filesystem.name)) superblock.readOnly = true;
  }
  kernel.log.write(6, "Emergency Remount complete");
}

const requests: Readonly<Record<string, Request>> = {
  b: {
    help: "reboot(b)",
    action: "Resetting",
    handle: (kernel) => endMachine(kernel, { how: "restart", text: "sysrq", restartAfter: 0 }),
  },
  c: { help: "crash(c)", action: "Trigger a crash", handle: (kernel) => panic(kernel, "sysrq triggered crash") },
  e: { help: "terminate-all-tasks(e)", action: "Terminate All Tasks", handle: (kernel) => signalAll(kernel, SIGTERM) },
  f: { help: "memory-full-oom-kill(f)", action: "Manual OOM execution", handle: (kernel) => void outOfMemory(kernel) },
  i: { help: "kill-all-tasks(i)", action: "Kill All Tasks", handle: (kernel) => signalAll(kernel, SIGKILL) },
  l: { help: "show-backtrace-all-active-cpus(l)", action: "Show backtrace of all active CPUs", handle: showCurrent },
  m: { help: "show-memory-usage(m)", action: "Show Memory", handle: showMemory },
  n: { help: "nice-all-RT-tasks(n)", action: "Nice All RT Tasks", handle: makeFair },
  o: {
    help: "poweroff(o)",
    action: "Power Off",
    handle: (kernel) => endMachine(kernel, { how: "poweroff", text: "sysrq", restartAfter: undefined }),
  },
  p: { help: "show-registers(p)", action: "Show Regs", handle: showRegisters },
  s: {
    help: "sync(s)",
    action: "Emergency Sync",
    // What is written to a host's folder is there as soon as the call has ended: there is nothing to wait for.
    handle: ({ log }) => log.write(6, "Emergency Sync complete"),
  },
  t: { help: "show-task-states(t)", action: "Show State", handle: (kernel) => showTasks(kernel, () => true) },
  u: { help: "unmount(u)", action: "Emergency Remount R/O", handle: remountReadOnly },
  w: {
    help: "show-blocked-tasks(w)",
    action: "Show Blocked State",
    handle: (kernel) => showTasks(kernel, ({ state }) => state === "D"),
  },
  z: {
    help: "dump-ftrace-buffer(z)",
    action: "Dump ftrace buffer",
    handle: ({ crossings, log }) => {
      for (const crossing of crossings.last()) log.write(6, crossingText(crossing));
    },
  },
};

/** One request. What it says goes to the console too, whatever the console's level. */
export function sysrq(kernel: Kernel, letter: string): void {
  const { log } = kernel;
  const level = log.consoleLevel;
  log.consoleLevel = 7;
  if (/^\d$/.test(letter)) {
    log.write(6, "sysrq: Changing Loglevel");
    log.write(6, `sysrq: Loglevel set to ${letter}`);
    log.consoleLevel = Number(letter);
    return;
  }
  const request = requests[letter];
  if (request) {
    log.write(6, `sysrq: ${request.action}`);
    log.consoleLevel = level;
    request.handle(kernel);
    return;
  }
  log.write(
    6,
    `sysrq: HELP : loglevel(0-9) ${Object.values(requests)
      .map(({ help }) => help)
      .join(" ")}`,
  );
  log.consoleLevel = level;
}

/** A write to /proc/sysrq-trigger: its first letter counts, or all of them behind "_". */
export function writeSysrqTrigger(kernel: Kernel, text: string): 0 | Errno {
  const letters = text.startsWith("_") ? text.slice(1) : text.slice(0, 1);
  for (const letter of letters) if (letter !== "\n") sysrq(kernel, letter);
  return 0;
}
