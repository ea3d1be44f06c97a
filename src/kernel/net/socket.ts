// A socket: what every family shares. Families subclass it; what one leaves out gets Linux's default answer. Time-outs
// come as `until`: 0 never waits, Infinity waits for ever, else a time on CLOCK_MONOTONIC in nanoseconds. The options of
// SOL_SOCKET are options.ts's, the file around a socket is operations.ts's.
import { EAGAIN, EINTR, ENOTTY, EOPNOTSUPP, EPIPE, type Errno } from "../../abi/errno.ts";
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/flags.ts";
import { SI_USER, SIGPIPE } from "../../abi/signal.ts";
import { MSG_DONTWAIT, MSG_NOSIGNAL } from "../../abi/socket.ts";
import type { Kernel } from "../kernel.ts";
import type { Domain } from "../landlock/ruleset.ts";
import type { UserAddress } from "../mm/user.ts";
import { type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { sendToTask } from "../signal/send.ts";
import type { Task } from "../task/task.ts";
import type { File, IoResult } from "../vfs/file.ts";
import type { Credentials, Incoming, Outgoing } from "./message.ts";
import type { Net } from "./net.ts";

export const READABLE = POLLIN | POLLRDNORM;
export const WRITABLE = POLLOUT | POLLWRNORM | POLLWRBAND;

export abstract class Socket {
  readonly kernel: Kernel;
  /** The network namespace that it was made in, for good. */
  readonly net: Net;
  /** AF_*. */
  readonly family: number;
  /** SOCK_*. */
  readonly type: number;
  readonly protocol: number;
  /** The open description, once there is one: a connection that waits for accept has none. */
  file: File | undefined;
  /** Who made it: for /proc/net and permission checks of ports. */
  readonly owner: number;
  /** Landlock's domain of who made it. */
  readonly domain: Domain | undefined;

  /** The pending error: SO_ERROR, and the next call's answer. */
  error: 0 | Errno = 0;
  /** RCV_SHUTDOWN | SEND_SHUTDOWN. */
  shut = 0;
  readonly readers = new WaitQueue();
  readonly writers = new WaitQueue();
  readonly pollQueues: readonly WaitQueue[] = [this.readers, this.writers];

  // SOL_SOCKET options
  reuseAddress = false;
  reusePort = false;
  keepAlive = false;
  broadcast = false;
  outOfBandInline = false;
  dontRoute = false;
  passCredentials = false;
  timestamps = 0;
  /** Seconds; undefined when off. */
  linger: number | undefined;
  priority = 0;
  mark = 0;
  sendBuffer: number;
  receiveBuffer: number;
  receiveLowWater = 1;
  /** Nanoseconds; Infinity when not set. */
  sendTimeout = Number.POSITIVE_INFINITY;
  receiveTimeout = Number.POSITIVE_INFINITY;
  /** Index of the device it is bound to; 0 for any. */
  boundDevice = 0;

  constructor(net: Net, family: number, type: number, protocol: number) {
    const { kernel } = net;
    this.kernel = kernel;
    this.net = net;
    this.family = family;
    this.type = type;
    this.protocol = protocol;
    this.sendBuffer = net.tunable("core/wmem_default");
    this.receiveBuffer = net.tunable("core/rmem_default");
    this.owner = kernel.current?.cred.fsuid ?? 0;
    this.domain = kernel.current?.cred.landlock;
  }

  // what a family supplies
  abstract bind(task: Task, address: Uint8Array): IoResult;
  abstract connect(task: Task, address: Uint8Array, until: number): IoResult;
  /** The sockaddr of this end, or of the peer. Errors: ENOTCONN. */
  abstract nameOf(peer: boolean): Uint8Array | Errno;
  abstract send(message: Outgoing, until: number): IoResult;
  abstract receive(message: Incoming, until: number): IoResult;
  abstract shutdown(how: number): 0 | Errno;
  /** POLL* bits that hold now. */
  abstract poll(): number;
  /** The last reference is gone. */
  abstract close(): void;
  listen(_task: Task, _backlog: number): 0 | Errno {
    return EOPNOTSUPP;
  }
  accept(_until: number): Socket | Errno | Wait<Socket> {
    return EOPNOTSUPP;
  }
  /** Joins two new sockets of one kind: socketpair(2). */
  pair(_other: Socket, _task: Task): 0 | Errno {
    return EOPNOTSUPP;
  }
  setOption(_task: Task, _level: number, _name: number, _value: Uint8Array): 0 | Errno {
    return EOPNOTSUPP;
  }
  /** `length` is the room that the caller has. */
  getOption(_task: Task, _level: number, _name: number, _length: number): Uint8Array | Errno {
    return EOPNOTSUPP;
  }
  ioctl(_task: Task, _command: number, _argument: UserAddress): IoResult {
    return ENOTTY;
  }
  get listening(): boolean {
    return false;
  }
  get peerCredentials(): Credentials | undefined {
    return undefined;
  }
  /** Supplementary groups of the peer: SO_PEERGROUPS. */
  get peerGroups(): readonly number[] | undefined {
    return undefined;
  }
  /** SO_SNDBUF or SO_RCVBUF was set. */
  onBufferSet(): void {
    // Only families that size something by it care.
  }

  // what families use
  /** The pending error, which is then no longer pending. */
  takeError(): 0 | Errno {
    const { error } = this;
    this.error = 0;
    return error;
  }
  /** Tells everyone that waits: errors, hang-ups, new states. */
  stateChanged(): void {
    this.readers.wakeAll();
    this.writers.wakeAll();
  }
  /** Until when a send may wait. */
  sendUntil(flags: number): number {
    return this.until(flags, this.sendTimeout);
  }
  receiveUntil(flags: number): number {
    return this.until(flags, this.receiveTimeout);
  }
  private until(flags: number, timeout: number): number {
    if ((flags & MSG_DONTWAIT) !== 0 || timeout === 0) return 0;
    return timeout === Number.POSITIVE_INFINITY ? timeout : this.kernel.clock.monotonic() + timeout;
  }
  /** The answer of a write to a broken connection: EPIPE, and SIGPIPE unless unwanted. */
  brokenPipe(flags: number): Errno {
    const task = this.kernel.current;
    if (task && (flags & MSG_NOSIGNAL) === 0) {
      sendToTask(task, { signal: SIGPIPE, code: SI_USER, pid: task.pid, uid: task.cred.uid });
    }
    return EPIPE;
  }
}

/** Waits on `queue` until then; `done` bytes that were moved already are the result of a wait that ends otherwise. With a
 *  time-out a signal gives EINTR and no restart. socket(7), signal(7) */
export function blockOn<T = number>(
  queue: WaitQueue,
  until: number,
  retry: () => T | Errno | Wait<T>,
  done = 0,
  expired: Errno = EAGAIN,
): T | Errno | Wait<T> {
  if (until === 0) return done > 0 ? (done as T) : expired;
  const wait = waitOn<T>(queue, retry);
  if (until !== Number.POSITIVE_INFINITY) {
    wait.deadline = until;
    wait.onTimeout = () => (done > 0 ? (done as T) : expired);
    wait.interrupt = EINTR;
  }
  if (done > 0) wait.interrupt = () => done as T;
  return wait;
}
