// An exception in kernel code is a kernel bug: it is shown with all that is known, the task that was in it dies, and the
// kernel goes on.

import { SIGKILL } from "../abi/signal.ts";
import { toText } from "../lib/byte-string.ts";
import { forceSignal } from "./signal/send.ts";
import type { Task } from "./task/task.ts";

export function oops(task: Task, error: unknown): void {
  const { kernel, context } = task;
  kernel.oopses++;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const call = kernel.syscalls[task.syscall]?.name ?? (task.syscall >= 0 ? `call ${task.syscall}` : "no call");
  const lines = [
    `Oops: ${error instanceof Error ? error.message : String(error)} [#${kernel.oopses}]`,
    `CPU: 0 PID: ${task.tid} Comm: ${toText(task.comm)} in ${call}`,
    `pc : ${hex(context.pc)} ra : ${hex(context.xn(1))} sp : ${hex(context.xn(2))}`,
    `a0 : ${hex(context.xn(10))} a1 : ${hex(context.xn(11))} a2 : ${hex(context.xn(12))} a3 : ${hex(context.xn(13))}`,
    ...stack.split("\n").slice(1),
  ];
  for (const line of lines) kernel.log.write(0, line);
  if (task.exiting) {
    // It died of dying: nothing of it may run again.
    kernel.scheduler.forget(task);
    task.state = "X";
  } else {
    task.wait = undefined;
    task.faulting = false;
    task.state = "R";
    forceSignal(task, { signal: SIGKILL, code: 0 });
  }
}

const hex = (n: number): string => n.toString(16).padStart(16, "0");
