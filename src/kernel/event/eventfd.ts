// Event counters: eventfd(2).
import { EAGAIN, EFAULT, EINVAL } from "../../abi/errno.ts";
import { POLLERR, POLLIN, POLLOUT } from "../../abi/flags.ts";
import type { IoBuffer } from "../mm/user.ts";
import { WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { noSeek } from "../vfs/anonymous.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";

const LARGEST = 2n ** 64n - 1n;

export class EventCounter {
  count: bigint;
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
  read(into: IoBuffer, nonblocking: boolean): IoResult {
    if (this.count === 0n) {
      if (nonblocking) return EAGAIN;
      return waitOn(this.queue, () => this.read(into, false));
    }
    const taken = this.semaphore ? 1n : this.count;
    this.count -= taken;
    this.queue.wakeAll(POLLOUT);
    return into.put(new Uint8Array(BigUint64Array.of(taken).buffer)) === 8 ? 8 : EFAULT;
  }
  add(amount: bigint, nonblocking: boolean): IoResult {
    if (LARGEST - this.count <= amount) {
      if (nonblocking) return EAGAIN;
      return waitOn(this.queue, () => this.add(amount, false));
    }
    this.count += amount;
    this.queue.wakeAll(POLLIN);
    return 8;
  }
}

const counter = (file: File): EventCounter => file.data as EventCounter;

export const eventOperations: FileOperations = {
  stream: true,
  seek: noSeek,
  read: (file, into) => (into.length < 8 ? EINVAL : counter(file).read(into, file.nonblocking)),
  write: (file, from) => {
    if (from.length !== 8) return EINVAL;
    const raw = new Uint8Array(8);
    if (from.take(raw) !== 8) return EFAULT;
    const amount = new DataView(raw.buffer).getBigUint64(0, true);
    return amount === LARGEST ? EINVAL : counter(file).add(amount, file.nonblocking);
  },
  poll: (file) => {
    const { count } = counter(file);
    let ready = 0;
    if (count > 0n) ready |= POLLIN;
    if (count === LARGEST) ready |= POLLERR;
    if (count < LARGEST - 1n) ready |= POLLOUT;
    return ready;
  },
  pollQueues: (file) => counter(file).queues,
  fdinfo: (file) => {
    const { count, id, semaphore } = counter(file);
    const hex = count.toString(16).padStart(16);
    return `eventfd-count: ${hex}\neventfd-id: ${id}\neventfd-semaphore: ${semaphore ? 1 : 0}\n`;
  },
};
