// Signals that wait to be delivered: one of each standard signal, queues of real-time ones. signal(7)
import type { SiginfoFields } from "../../abi/siginfo.ts";
import { highBit, highOf, holds, lowBit, lowOf, SIGRTMIN, type SigSet, setOf } from "../../abi/signal.ts";

/** A signal on its way: its siginfo, and what the kernel itself notes of it. */
export interface SignalInfo extends SiginfoFields {
  /** Told when the signal is taken (POSIX timers count overruns until then). */
  onTake?: (info: SignalInfo) => void;
  /** The kernel itself raised it for the instruction just executed: can't be blocked or ignored. */
  forced?: boolean;
  /** It was taken from the process's signals, not the thread's own. */
  shared?: boolean;
}

export interface AlternateStack {
  address: number;
  size: number;
  flags: number;
}

export class PendingSignals {
  /** What waits, as two halves. */
  low = 0;
  high = 0;
  private readonly queue: SignalInfo[] = [];

  get count(): number {
    return this.queue.length;
  }
  get set(): SigSet {
    return setOf(this.low, this.high);
  }
  has(signal: number): boolean {
    return holds(this.low, this.high, signal);
  }
  /** Queues a signal; a standard one that already waits is dropped. Returns false when dropped. */
  add(info: SignalInfo): boolean {
    if (info.signal < SIGRTMIN && this.has(info.signal)) return false;
    this.low |= lowBit(info.signal);
    this.high |= highBit(info.signal);
    this.queue.push(info);
    return true;
  }
  /** Takes the next signal out of `allowed`: lowest number first, oldest first within a number. */
  take(allowed: SigSet): SignalInfo | undefined {
    return this.set === 0n ? undefined : this.takeFrom(lowOf(allowed), highOf(allowed));
  }
  /** As `take`, with the halves of the set. */
  takeFrom(allowedLow: number, allowedHigh: number): SignalInfo | undefined {
    const low = this.low & allowedLow;
    const high = this.high & allowedHigh;
    if ((low | high) === 0) return undefined;
    const signal = low !== 0 ? 32 - Math.clz32(low & -low) : 64 - Math.clz32(high & -high);
    const { queue } = this;
    let index = 0;
    while (queue[index]!.signal !== signal) index++;
    const info = queue[index]!;
    if (queue.length === 1) queue.pop();
    else queue.splice(index, 1);
    for (; index < queue.length; index++) if (queue[index]!.signal === signal) return info;
    this.low &= ~lowBit(signal);
    this.high &= ~highBit(signal);
    return info;
  }
  /** Drops every signal in `signals`. */
  discard(signals: SigSet): void {
    if ((this.low | this.high) !== 0) this.discardHalves(lowOf(signals), highOf(signals));
  }
  discardHalves(low: number, high: number): void {
    if (((this.low & low) | (this.high & high)) === 0) return;
    this.low &= ~low;
    this.high &= ~high;
    for (let i = this.queue.length - 1; i >= 0; i--) {
      if (holds(low, high, this.queue[i]!.signal)) this.queue.splice(i, 1);
    }
  }
  /** All pending infos, oldest first. */
  infos(): readonly SignalInfo[] {
    return this.queue;
  }
}
