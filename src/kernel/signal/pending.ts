// Signals that wait to be delivered: one of each standard signal, queues of real-time ones. signal(7)
import type { SiginfoFields } from "../../abi/siginfo.ts";
import { bit, SIGRTMIN, type SigSet } from "../../abi/signal.ts";

/** A signal on its way: its siginfo, and what the kernel itself notes of it. */
export interface SignalInfo extends SiginfoFields {
  /** Told when the signal is taken (POSIX timers count overruns until then). */
  onTake?: (info: SignalInfo) => void;
  /** The kernel itself raised it for the instruction just executed: can't be blocked or ignored. */
  forced?: boolean;
}

export interface AlternateStack {
  address: number;
  size: number;
  flags: number;
}

export class PendingSignals {
  set: SigSet = 0n;
  private readonly queue: SignalInfo[] = [];

  get count(): number {
    return this.queue.length;
  }
  has(signal: number): boolean {
    return (this.set & bit(signal)) !== 0n;
  }
  /** Queues a signal; a standard one that already waits is dropped. Returns false when dropped. */
  add(info: SignalInfo): boolean {
    if (info.signal < SIGRTMIN && this.has(info.signal)) return false;
    this.set |= bit(info.signal);
    this.queue.push(info);
    return true;
  }
  /** Takes the next signal out of `allowed`: lowest number first, oldest first within a number. */
  take(allowed: SigSet): SignalInfo | undefined {
    const ready = this.set & allowed;
    if (ready === 0n) return undefined;
    let signal = 1;
    while ((ready & bit(signal)) === 0n) signal++;
    const index = this.queue.findIndex((info) => info.signal === signal);
    const info = this.queue[index]!;
    this.queue.splice(index, 1);
    if (!this.queue.some((other) => other.signal === signal)) this.set &= ~bit(signal);
    return info;
  }
  /** Drops every signal in `signals`. */
  discard(signals: SigSet): void {
    if ((this.set & signals) === 0n) return;
    this.set &= ~signals;
    for (let i = this.queue.length - 1; i >= 0; i--) {
      if ((signals & bit(this.queue[i]!.signal)) !== 0n) this.queue.splice(i, 1);
    }
  }
  /** All pending infos, oldest first. */
  infos(): readonly SignalInfo[] {
    return this.queue;
  }
}
