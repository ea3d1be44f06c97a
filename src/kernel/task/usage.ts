// What tasks have used, summed for those who ask: getrusage(2), times(2), wait4(2), CPU-time clocks, /proc/PID/stat.
import type { Task } from "./task.ts";
import { noUsage, type ThreadGroup, type Usage } from "./thread-group.ts";

export type Used = Readonly<Usage>;

/** Adds what one live thread has used so far. */
export function addTask(sum: Usage, task: Task): void {
  sum.utime += task.utime;
  sum.stime += task.stime;
  sum.minorFaults += task.minorFaults;
  sum.majorFaults += task.majorFaults;
  sum.voluntarySwitches += task.voluntarySwitches;
  sum.involuntarySwitches += task.involuntarySwitches;
}

/** Adds the sums of another account; peaks are not summed. */
export function addUsage(sum: Usage, more: Used): void {
  sum.utime += more.utime;
  sum.stime += more.stime;
  sum.minorFaults += more.minorFaults;
  sum.majorFaults += more.majorFaults;
  sum.voluntarySwitches += more.voluntarySwitches;
  sum.involuntarySwitches += more.involuntarySwitches;
  sum.maxRss = Math.max(sum.maxRss, more.maxRss);
}

export function taskUsage(task: Task): Used {
  const sum = noUsage();
  addTask(sum, task);
  sum.maxRss = Math.max(task.group.usage.maxRss, task.mm?.peakRss ?? 0);
  return sum;
}

/** Threads that live and threads that are gone. maxRss in pages. */
export function groupUsage(group: ThreadGroup): Used {
  const sum = { ...group.usage };
  for (const task of group.threads) addTask(sum, task);
  sum.maxRss = Math.max(sum.maxRss, group.leader.mm?.peakRss ?? 0);
  return sum;
}

/** Children that were waited for, and theirs. */
export function childUsage(group: ThreadGroup): Used {
  return group.childUsage;
}
