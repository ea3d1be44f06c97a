// Tracepoints: where the kernel tells observers what crosses the gate. Free when nobody listens: a call through an
// undefined property.
import type { Row, SyscallResult } from "./syscalls/table.ts";
import type { Task } from "./task/task.ts";

export class Trace {
  syscallEnter: ((task: Task, row: Row | undefined, number: number) => void) | undefined;
  taskExec: ((task: Task) => void) | undefined;
  taskExit: ((task: Task) => void) | undefined;
  syscallExit: ((task: Task, row: Row | undefined, result: SyscallResult) => void) | undefined;
}
