// Event counters: eventfd(2).
import { EAGAIN, EFAULT, EINVAL } from "../../abi/errno.ts";
import { POLLERR, POLLIN, POLLOUT } from "../../abi/flags.ts";
import type { IoBuffer } from "../mm/user.ts";
import { WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { noSeek } from "../vfs/anonymous.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";

/** For the eight bytes that a call moves. */
const words = new Uint32Array(2);
const bytes = new Uint8Array(words.buffer);

export class EventCounter {
  /** The count's halves, unsigned. */
  private low = 0;
  private high = 0;
  /** Reads take one each. */
  readonly semaphore: boolean;
  readonly queue = new WaitQueue();
  readonly queues: readonly WaitQueue[] = [this.queue];
  readonly id: number;

  constructor(count: bigint, semaphore: boolean, id: number) {
    this.count = count;
    this.semaphore = semaphore;
    this.id = id;
  }
  get count(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }
  set count(count: bigint) {
    this.low = Number(count & 0xffffffffn);
    this.high = Number(count >> 32n);
  }
  read(into: IoBuffer, nonblocking: boolean): IoResult {
    const { low, high } = this;
    if (low === 0 && high === 0) {
      return nonblocking ? EAGAIN : this.readLater(into);
    }
    if (this.semaphore) {
      this.low = low === 0 ? 0xffffffff : low - 1;
      if (low === 0) this.high = high - 1;
      words[0] = 1;
      words[1] = 0;
    } else {
      this.low = this.high = 0;
      words[0] = low;
      words[1] = high;
    }
    this.queue.wakeAll(POLLOUT);
    return into.put(bytes) === 8 ? 8 : EFAULT;
  }
  /** The largest count that a write may leave is 2^64 - 2. */
  add(amountLow: number, amountHigh: number, nonblocking: boolean): IoResult {
    let low = this.low + amountLow;
    let high = this.high + amountHigh;
    if (low > 0xffffffff) {
      low -= 0x1_0000_0000;
      high++;
    }
    if (high > 0xffffffff || (high === 0xffffffff && low === 0xffffffff)) {
      return nonblocking ? EAGAIN : this.addLater(amountLow, amountHigh);
    }
    this.low = low;
    this.high = high;
    this.queue.wakeAll(POLLIN);
    return 8;
  }
  private readLater(into: IoBuffer): IoResult {
    return waitOn(this.queue, () => this.read(into, false));
  }
  private addLater(amountLow: number, amountHigh: number): IoResult {
    return waitOn(this.queue, () => this.add(amountLow, amountHigh, false));
  }
  poll(): number {
    const { low, high } = this;
    const ready = low === 0 && high === 0 ? 0 : POLLIN;
    if (high !== 0xffffffff || low < 0xfffffffe) return ready | POLLOUT;
    return low === 0xffffffff ? ready | POLLERR : ready;
  }
}

const counter = (file: File): EventCounter => file.data as EventCounter;

export const eventOperations: FileOperations = {
  stream: true,
  seek: noSeek,
  read: (file, into) => (into.length < 8 ? EINVAL : counter(file).read(into, file.nonblocking)),
  write: (file, from) => {
    if (from.length !== 8) return EINVAL;
    if (from.take(bytes) !== 8) return EFAULT;
    const low = words[0]!;
    const high = words[1]!;
    return low === 0xffffffff && high === 0xffffffff ? EINVAL : counter(file).add(low, high, file.nonblocking);
  },
  poll: (file) => counter(file).poll(),
  pollQueues: (file) => counter(file).queues,
  fdinfo: (file) => {
    const { count, id, semaphore } = counter(file);
    const hex = count.toString(16).padStart(16);
    return `eventfd-count: ${hex}\neventfd-id: ${id}\neventfd-semaphore: ${semaphore ? 1 : 0}\n`;
  },
};
