// A pipe: a ring of slots, each with (a part of) one page, as Linux has it. A write fills slots of its own, but its odd
// bytes join the last slot where they fit whole; so when a pipe is full depends on how it was written, as on Linux.
// What a descriptor of it can do is in file.ts, fifo's opening in fifo.ts, moving slots between pipes in splice.ts.
import { EAGAIN, EBUSY, EFAULT, EINVAL, ENOMEM, EPERM, EPIPE, ERESTARTSYS, type Errno } from "../../abi/errno.ts";
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/flags.ts";
import { SI_USER, SIGPIPE } from "../../abi/signal.ts";
import type { Kernel } from "../kernel.ts";
import type { IoBuffer } from "../mm/user.ts";
import { Wait, WaitQueue } from "../sched/wait-queue.ts";
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../security/cred.ts";
import { sendToTask } from "../signal/send.ts";
import type { IoResult } from "../vfs/file.ts";
import { PIPE_PAGE, type PipePage } from "./page.ts";

const DEFAULT_SLOTS = 16;
const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM;

export interface Slot {
  page: PipePage | undefined;
  offset: number;
  length: number;
  /** More bytes may be written behind these. */
  merge: boolean;
  /** A packet (O_DIRECT): one read takes it whole, and what it has no room for is lost. */
  packet: boolean;
}

const newSlot = (): Slot => ({ page: undefined, offset: 0, length: 0, merge: false, packet: false });

export class Pipe {
  readonly kernel: Kernel;
  private ring: Slot[] = [];
  /** Counts of slots ever filled and emptied; their difference is in use. */
  head = 0;
  tail = 0;
  private readonly owner: number;

  // ends
  readers = 0;
  writers = 0;
  /** How often each end was opened: what a FIFO's opener waits to change. */
  readerOpens = 0;
  writerOpens = 0;

  // who waits: for data (or a partner), for room
  readonly readable = new WaitQueue();
  readonly writable = new WaitQueue();
  readonly readQueues: readonly WaitQueue[] = [this.readable];
  readonly writeQueues: readonly WaitQueue[] = [this.writable];
  readonly queues: readonly WaitQueue[] = [this.readable, this.writable];
  /** An epoll set watches: edge-triggered users expect to hear of each write. */
  polled = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    const { pipes } = kernel;
    const cred = kernel.current?.cred;
    this.owner = cred?.uid ?? 0;
    const many = pipes.userPagesSoft > 0 && pipes.pagesOf(this.owner) + DEFAULT_SLOTS > pipes.userPagesSoft;
    const tight = many && cred !== undefined && !cred.can(CAP_SYS_RESOURCE) && !cred.can(CAP_SYS_ADMIN);
    const slots = tight ? 2 : DEFAULT_SLOTS;
    for (let i = 0; i < slots; i++) this.ring.push(newSlot());
    pipes.account(this.owner, slots);
  }

  get slots(): number {
    return this.ring.length;
  }
  get used(): number {
    return this.head - this.tail;
  }
  get empty(): boolean {
    return this.head === this.tail;
  }
  get full(): boolean {
    return this.head - this.tail >= this.ring.length;
  }
  /** The slot that was filled as number `count`. */
  slot(count: number): Slot {
    return this.ring[count & (this.ring.length - 1)]!;
  }
  /** Bytes to be read: FIONREAD. */
  get bytes(): number {
    let sum = 0;
    for (let i = this.tail; i < this.head; i++) sum += this.slot(i).length;
    return sum;
  }

  read(into: IoBuffer, nonblocking: boolean): IoResult {
    const want = into.length;
    if (want === 0) return 0;
    const { ram } = this.kernel;
    const wasFull = this.full;
    let done = 0;
    while (this.head !== this.tail) {
      const slot = this.slot(this.tail);
      const n = Math.min(slot.length, want - done);
      if (into.putRam(ram, slot.page!.frame + slot.offset, n) < n) {
        if (done === 0) done = EFAULT;
        break;
      }
      done += n;
      slot.offset += n;
      slot.length -= n;
      const { packet } = slot;
      if (packet || slot.length === 0) this.drop();
      if (packet || done === want) break;
    }
    if (wasFull && !this.full) this.writable.wakeOne(WRITABLE);
    if (done !== 0) return done;
    if (this.writers === 0) return 0;
    return nonblocking ? EAGAIN : this.readLater(into);
  }
  private readLater(into: IoBuffer): Wait {
    const wait = new Wait<number>(this.readQueues, () => this.readAgain(into));
    wait.exclusive = true;
    wait.interrupt = this.readStopped;
    return wait;
  }
  /** Woken, one of several readers perhaps: what is left is for the next. */
  private readAgain(into: IoBuffer): IoResult {
    const result = this.read(into, false);
    if (typeof result === "number" && !this.empty) this.readable.wakeOne(READABLE);
    return result;
  }
  private readonly readStopped = (): Errno => {
    if (!this.empty) this.readable.wakeOne(READABLE);
    return ERESTARTSYS;
  };

  /** `done`: bytes already written by this call, before it had to wait. POSIX: at most PIPE_BUF bytes go in at once, as
   *  they take one slot or join one. pipe(7) */
  write(from: IoBuffer, nonblocking: boolean, packets: boolean, done = 0): IoResult {
    let left = from.length;
    if (left === 0) return done;
    if (this.readers === 0) return this.broken(done);
    const { ram, pipes } = this.kernel;
    const wasEmpty = this.head === this.tail;
    const odd = left & (PIPE_PAGE - 1);
    if (odd !== 0 && !wasEmpty && done === 0) {
      const last = this.slot(this.head - 1);
      const end = last.offset + last.length;
      if (last.merge && end + odd <= PIPE_PAGE) {
        if (from.takeRam(ram, last.page!.frame + end, odd) < odd) return EFAULT;
        last.length += odd;
        done = odd;
        left -= odd;
      }
    }
    while (left > 0) {
      if (this.full) {
        if (nonblocking) {
          if (done === 0) done = EAGAIN;
          break;
        }
        if (wasEmpty || this.polled) {
          this.readable.wakeOne(READABLE);
          // A reader outside the machine (drivers/host-stream.ts) takes the data at once.
          if (!this.full) continue;
        }
        return this.writeLater(from, packets, done);
      }
      const n = Math.min(left, PIPE_PAGE);
      const page = pipes.take();
      if (!page || from.takeRam(ram, page.frame, n) < n) {
        if (done === 0) done = page ? EFAULT : ENOMEM;
        if (page) pipes.release(page);
        break;
      }
      this.fill(page, 0, n, !packets, packets);
      done += n;
      left -= n;
    }
    if (done > 0 && (wasEmpty || this.polled)) this.readable.wakeOne(READABLE);
    return done;
  }
  private writeLater(from: IoBuffer, packets: boolean, done: number): Wait {
    const wait = new Wait<number>(this.writeQueues, () => this.writeAgain(from, packets, done));
    wait.exclusive = true;
    wait.interrupt = () => this.writeStopped(done);
    return wait;
  }
  private writeAgain(from: IoBuffer, packets: boolean, done: number): IoResult {
    const result = this.write(from, false, packets, done);
    if (typeof result === "number" && !this.full) this.writable.wakeOne(WRITABLE);
    return result;
  }
  private writeStopped(done: number): number | Errno {
    if (!this.full) this.writable.wakeOne(WRITABLE);
    return done > 0 ? done : ERESTARTSYS;
  }
  /** Nobody can read any more: the writer hears of it twice. */
  broken(done: number): number | Errno {
    const task = this.kernel.current;
    if (task) sendToTask(task, { signal: SIGPIPE, code: SI_USER, pid: task.pid, uid: task.cred.uid });
    return done > 0 ? done : EPIPE;
  }

  /** Puts a page into the next slot, which must be free; takes over the caller's reference. */
  fill(page: PipePage, offset: number, length: number, merge: boolean, packet: boolean): void {
    const slot = this.slot(this.head);
    slot.page = page;
    slot.offset = offset;
    slot.length = length;
    slot.merge = merge;
    slot.packet = packet;
    this.head++;
  }
  /** Empties the oldest slot. */
  drop(): void {
    const slot = this.slot(this.tail);
    const page = slot.page!;
    slot.page = undefined;
    this.tail++;
    this.kernel.pipes.release(page);
  }
  wakeReaders(): void {
    this.readable.wakeOne(READABLE);
  }
  wakeWriters(): void {
    this.writable.wakeOne(WRITABLE);
  }

  /** F_SETPIPE_SZ. Errors: EINVAL for sizes beyond 2^31; EPERM above pipe-max-size; EBUSY when the data don't fit. */
  resize(bytes: number): number | Errno {
    if (bytes < 0 || bytes > 2 ** 31) return EINVAL;
    let slots = 1;
    while (slots * PIPE_PAGE < bytes) slots *= 2;
    const { pipes, current } = this.kernel;
    const grows = slots > this.ring.length;
    if (grows && !(current?.cred.can(CAP_SYS_RESOURCE) ?? true)) {
      if (slots * PIPE_PAGE > pipes.maxSize) return EPERM;
      const total = pipes.pagesOf(this.owner) + slots - this.ring.length;
      const over = (limit: number): boolean => limit > 0 && total > limit;
      if ((over(pipes.userPagesSoft) || over(pipes.userPagesHard)) && !current?.cred.can(CAP_SYS_ADMIN)) return EPERM;
    }
    if (this.used > slots) return EBUSY;
    const wasFull = this.full;
    const ring: Slot[] = [];
    const { used } = this;
    for (let i = 0; i < slots; i++) ring.push(i < used ? this.slot(this.tail + i) : newSlot());
    pipes.account(this.owner, slots - this.ring.length);
    this.ring = ring;
    this.tail = 0;
    this.head = used;
    if (wasFull && !this.full) this.wakeWriters();
    return slots * PIPE_PAGE;
  }
  /** An end was closed: the other one hears of it; with both gone, the data are too. Returns true then. */
  closed(): boolean {
    if (this.readers === 0 && this.writers === 0) {
      while (!this.empty) this.drop();
      this.kernel.pipes.account(this.owner, -this.ring.length);
      this.ring = [newSlot()];
      return true;
    }
    if (this.readers === 0 || this.writers === 0) {
      this.readable.wakeAll();
      this.writable.wakeAll();
    }
    return false;
  }
}
