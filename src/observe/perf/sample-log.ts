// Samples as they are taken, and the threads that they are of.
import type { Task } from "../../kernel/task/task.ts";
import { toText } from "../../lib/byte-string.ts";
import type { ProfileEvent, Samples, Thread } from "./profile.ts";

/** What a sample is of, its time and its event aside. */
export interface Where {
  readonly thread: number;
  readonly stack: number;
  /** The instruction's address; 0 in the kernel. */
  readonly ip: number;
}

export class SampleLog {
  readonly events: ProfileEvent[];
  readonly samples: Samples = { event: [], thread: [], time: [], ip: [], period: [], stack: [] };
  readonly threads: Thread[] = [];
  /** Where each event was sampled last. */
  readonly lastOf: (Where | undefined)[] = [];
  private readonly threadOf = new WeakMap<Task, { comm: string; index: number }>();

  constructor(events: ProfileEvent[]) {
    this.events = events;
  }

  /** The number of a thread under its present name. */
  thread(task: Task): number {
    const known = this.threadOf.get(task);
    if (known?.comm === task.comm) return known.index;
    this.threads.push({ pid: task.group.pid, tid: task.tid, comm: toText(task.comm) });
    this.threadOf.set(task, { comm: task.comm, index: this.threads.length - 1 });
    return this.threads.length - 1;
  }

  add(event: number, time: number, period: number, where: Where): void {
    const { samples } = this;
    samples.event.push(event);
    samples.thread.push(where.thread);
    samples.time.push(time);
    samples.ip.push(where.ip);
    samples.period.push(period);
    samples.stack.push(where.stack);
    this.events[event]!.total += period;
    this.lastOf[event] = where;
  }
}
