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

/** "<6>[    0.000000] text\n", each line of a record with the prefix. */
export function formatLine(record: LogRecord): string {
  const microseconds = Math.floor(record.time / 1000);
  const seconds = String(Math.floor(microseconds / 1e6)).padStart(5);
  const fraction = String(microseconds % 1e6).padStart(6, "0");
  const prefix = `<${(record.facility << 3) | record.priority}>[${seconds}.${fraction}] `;
  return `${record.text
    .split("\n")
    .map((line) => prefix + line)
    .join("\n")}\n`;
}

/** At most `burst` messages in `interval` nanoseconds. Linux: printk_ratelimit() */
class RateLimit {
  private readonly log: Log;
  private readonly interval = 5e9;
  private readonly burst = 10;
  private begin = Number.NEGATIVE_INFINITY;
  private count = 0;

  constructor(log: Log) {
    this.log = log;
  }
  allows(): boolean {
    const now = this.log.now();
    if (now - this.begin > this.interval) {
      const suppressed = this.count - this.burst;
      if (suppressed > 0) this.log.write(4, `printk: ${suppressed} messages suppressed.`);
      this.begin = now;
      this.count = 0;
    }
    return ++this.count <= this.burst;
  }
}

export class Log {
  private readonly clock: Clock;
  private readonly limit: number;
  private next = 0;
  readonly records: LogRecord[] = [];
  readonly queue = new WaitQueue();
  /** Records of at most this priority go to the console. */
  consoleLevel = 4;
  // syslog(2): what its reader has not seen, where it cleared, and the level to go back to
  syslogNext = 0;
  clearedAt = 0;
  savedLevel: number | undefined;
  onConsole: ((record: LogRecord) => void) | undefined;

  /** For what programs can bring about again and again. */
  readonly ratelimit = new RateLimit(this);

  constructor(clock: Clock, limit = 2048) {
    this.clock = clock;
    this.limit = limit;
  }
  now(): number {
    return this.clock.monotonic();
  }
  /** The sequence number that the next record gets. */
  get end(): number {
    return this.next;
  }
  write(priority: number, text: string, facility = 0): void {
    const record = { sequence: this.next++, time: this.clock.monotonic(), priority, facility, text };
    this.records.push(record);
    if (this.records.length > this.limit) this.records.shift();
    if (priority < this.consoleLevel) this.onConsole?.(record);
    this.queue.wakeAll();
  }
}
