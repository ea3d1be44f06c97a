// The kernel log: a ring of records with priority and time, read through /dev/kmsg and syslog(2).
import type { Clock } from "./sched/clock.ts";
import { WaitQueue } from "./sched/wait-queue.ts";

export interface LogRecord {
  sequence: number;
  /** Nanoseconds, CLOCK_MONOTONIC. */
  time: number;
  /** 0 emergency to 7 debug. */
  priority: number;
  facility: number;
  text: string;
}

export class Log {
  private readonly clock: Clock;
  private readonly limit: number;
  private next = 0;
  readonly records: LogRecord[] = [];
  readonly queue = new WaitQueue();
  /** Records of at most this priority go to the console. */
  consoleLevel = 4;
  onConsole: ((record: LogRecord) => void) | undefined;

  constructor(clock: Clock, limit = 2048) {
    this.clock = clock;
    this.limit = limit;
  }
  write(priority: number, text: string, facility = 0): void {
    const record = { sequence: this.next++, time: this.clock.monotonic(), priority, facility, text };
    this.records.push(record);
    if (this.records.length > this.limit) this.records.shift();
    if (priority < this.consoleLevel) this.onConsole?.(record);
    this.queue.wakeAll();
  }
}
