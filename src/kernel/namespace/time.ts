// Clocks that count from elsewhere: what is added to CLOCK_MONOTONIC and CLOCK_BOOTTIME. time_namespaces(7)
import type { Task } from "../task/task.ts";
import { Namespace, type Ownership } from "./namespace.ts";

export class TimeNamespace extends Namespace {
  readonly kind = "time";
  /** Nanoseconds. */
  monotonic = 0n;
  boottime = 0n;
  /** A task is in it: the offsets don't change any more. */
  frozen = false;

  copy(ownership: Ownership): TimeNamespace {
    const copy = new TimeNamespace(ownership);
    copy.monotonic = this.monotonic;
    copy.boottime = this.boottime;
    return copy;
  }
}

/** The vDSO of a task that has come into a time namespace counts as it does. */
export function enterTime(task: Task): void {
  task.nsproxy.time.frozen = true;
}
