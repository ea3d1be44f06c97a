// An oops: an exception in kernel code, which is a kernel bug. It is shown with all that is known, the task that was in
// it dies, and the kernel goes on, if what it goes on with is whole (whole.ts). A module's exception disables the module
// too. Linux: die(), make_task_dead()
import { SIGSEGV } from "../../abi/signal.ts";
import { toText } from "../../lib/byte-string.ts";
import type { Kernel } from "../kernel.ts";
import { exitTask } from "../task/exit.ts";
import type { Task } from "../task/task.ts";
import { MachineEnded } from "./ended.ts";
import { panic } from "./panic.ts";
import { crashReport } from "./report.ts";
import { callText, crossingText, modulesLine, registerLines, traceLines, whoLine } from "./show.ts";
import { TAINT_DIE } from "./taint.ts";
import { torn } from "./whole.ts";

/** Crossings that an oops shows; a crash report has all. */
const SHOWN = 16;

/** `task` was running in kernel space when `error` was thrown. */
export function oops(task: Task, error: unknown): void {
  if (error instanceof MachineEnded) throw error;
  const { kernel } = task;
  die(kernel, task, error);
  const damage = torn(kernel, task);
  if (damage !== undefined) panic(kernel, `Fatal exception: ${damage}`);
  makeTaskDead(task);
  kernel.oopsing = undefined;
}

/** An exception of a module outside of any task: in a timer of its own, which nothing else stands on. */
export function moduleOops(kernel: Kernel, error: unknown): void {
  if (error instanceof MachineEnded) throw error;
  die(kernel, undefined, error);
  countOops(kernel);
  kernel.oopsing = undefined;
}

/** Shows it, taints the kernel, and gives up where that is asked for. */
function die(kernel: Kernel, task: Task | undefined, error: unknown): void {
  const { log } = kernel;
  kernel.oopses++;
  const stack = traceLines(kernel, error);
  kernel.oopsing = { text: String(error), stack };
  const lines = [
    `BUG: ${String(error)}`,
    `Oops [#${kernel.oopses}]`,
    modulesLine(kernel),
    whoLine(kernel, task),
    "Call Trace:",
    ...stack,
  ];
  if (task) {
    lines.push(task.syscall >= 0 ? `In ${callText(task, task.syscall)}` : "In no call", ...registerLines(task));
  }
  lines.push("Last crossings:", ...kernel.crossings.last(SHOWN).map((crossing) => ` ${crossingText(crossing)}`));
  for (const line of lines) log.write(0, line);
  const module = kernel.modules.blame(stack);
  if (module) {
    log.write(0, `${module.name}: disabled after an exception`);
    kernel.modules.disable(module);
  }
  log.write(0, "---[ end trace 0000000000000000 ]---");
  kernel.taints.add(TAINT_DIE);
  if (kernel.sysctl.number("kernel/panic_on_oops") !== 0) panic(kernel, "Fatal exception");
  kernel.onCrash?.(crashReport(kernel, "oops", String(error)));
}

function countOops(kernel: Kernel): void {
  const limit = kernel.sysctl.number("kernel/oops_limit");
  if (limit > 0 && kernel.oopses >= limit) panic(kernel, `Oopsed too often (kernel.oops_limit is ${limit})`);
}

/** Only this thread dies; its process, and whoever waits for it, sees SIGSEGV. */
function makeTaskDead(task: Task): void {
  const { kernel } = task;
  countOops(kernel);
  if (task.exiting) {
    kernel.log.write(1, "Fixing recursive fault but reboot is needed!");
    abandon(task);
    return;
  }
  kernel.log.write(6, `note: ${toText(task.comm)}[${task.tid}] exited with a kernel exception`);
  // What it was about to wait for is not waited for; who would undo it may be who threw.
  kernel.scheduler.forget(task);
  task.wait = undefined;
  task.faulting = false;
  // Whoever traces it is not asked: it can't go on, whatever the answer.
  task.exitReported = true;
  task.state = "R";
  try {
    exitTask(task, SIGSEGV);
  } catch (error) {
    oops(task, error);
  }
}

/** It died of dying: nothing of it runs again, and nothing more of it is given back. */
function abandon(task: Task): void {
  task.kernel.scheduler.forget(task);
  task.state = "X";
  task.attention = false;
  task.group.onZombie?.(SIGSEGV);
}
