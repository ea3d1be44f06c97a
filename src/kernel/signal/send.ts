// Sending signals: to a thread, a process, a process group. kill(2), signal(7)
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";
import type { SignalInfo } from "./pending.ts";

/** Sends to a process; any thread that does not block it may take it. */
export function sendToGroup(group: ThreadGroup, info: SignalInfo): void {
  group.pending.add(info);
}
/** Sends to one thread. */
export function sendToTask(task: Task, info: SignalInfo): void {
  task.pending.add(info);
}
