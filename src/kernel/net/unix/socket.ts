// What AF_UNIX sockets of all types share: names, peers, shutdown, poll. Connections are made in connect.ts, bytes and
// messages move in stream.ts and datagram.ts.
import {
  EADDRINUSE,
  ECONNRESET,
  EFAULT,
  EINVAL,
  ENOSPC,
  ENOTCONN,
  EOPNOTSUPP,
  type Errno,
} from "../../../abi/errno.ts";
import { POLLERR, POLLHUP, POLLIN, POLLRDHUP, POLLRDNORM } from "../../../abi/flags.ts";
import {
  AF_UNIX,
  FIONREAD,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  SIOCOUTQ,
  SOCK_DGRAM,
} from "../../../abi/socket.ts";
import type { UserAddress } from "../../mm/user.ts";
import { type Wait, WaitQueue } from "../../sched/wait-queue.ts";
import type { Task } from "../../task/task.ts";
import type { IoResult } from "../../vfs/file.ts";
import type { Inode } from "../../vfs/inode.ts";
import { interfaceIoctl } from "../interface.ts";
import type { Credentials } from "../message.ts";
import type { Net } from "../net.ts";
import { READABLE, Socket, WRITABLE } from "../socket.ts";
import { formatAddress, isAbstract, parseAddress } from "./address.ts";
import { accept, listen } from "./connect.ts";
import { bindPath } from "./pathname.ts";
import type { Rights } from "./rights.ts";

/** The state column of /proc/net/unix. */
export type UnixState = "unconnected" | "listening" | "connected";

export abstract class UnixSocket extends Socket {
  // address
  name: string | undefined;
  /** The inode that bears the name, for a path. */
  inode: Inode | undefined;
  // connection
  state: UnixState = "unconnected";
  peer: UnixSocket | undefined;
  /** Who this end is to its peer: taken at connect, listen or socketpair. */
  credentials: (Credentials & { groups: readonly number[] }) | undefined;
  private seen: (Credentials & { groups: readonly number[] }) | undefined;
  dead = false;
  // listening
  backlog: number;
  readonly pending: UnixSocket[] = [];
  /** Woken when a queue that was full has room: connect and sendto wait here. */
  readonly room = new WaitQueue();
  // buffer
  /** What messages of this socket that nobody has received yet take (truesize.ts). */
  charged = 0;

  constructor(net: Net, type: number) {
    super(net, AF_UNIX, type, 0);
    this.backlog = net.tunable("unix/max_dgram_qlen");
    net.unix.sockets.add(this);
  }
  // what the types supply
  /** Messages or bytes wait to be received. */
  abstract get pendingInput(): boolean;
  /** Bytes that FIONREAD tells. */
  abstract get inputBytes(): number;
  abstract forEachRights(visit: (rights: Rights) => void): void;
  /** Throws away all that waits to be received. */
  abstract purge(): void;
  /** Another socket of the same type, for the server's side of a connection. */
  abstract sibling(): UnixSocket;

  get connectionBased(): boolean {
    return this.type !== SOCK_DGRAM;
  }
  override get listening(): boolean {
    return this.state === "listening";
  }
  override get peerCredentials(): Credentials | undefined {
    return this.seen ?? (this.state === "listening" ? this.credentials : undefined);
  }
  override get peerGroups(): readonly number[] | undefined {
    return this.seen?.groups;
  }

  // names
  bind(task: Task, address: Uint8Array): IoResult {
    const name = parseAddress(address);
    if (typeof name === "number") return name;
    if (name === "") return this.autobind();
    if (!isAbstract(name)) return bindPath(this, task, name);
    if (this.name !== undefined) return EINVAL;
    if (this.net.unix.abstract.has(name)) return EADDRINUSE;
    return this.take(name);
  }
  /** Gives it a free abstract name unless it has a name. */
  autobind(): 0 | Errno {
    if (this.name !== undefined) return 0;
    const name = this.net.unix.freeName();
    return name === undefined ? ENOSPC : this.take(name);
  }
  private take(name: string): 0 {
    this.name = name;
    this.net.unix.abstract.set(name, this);
    return 0;
  }
  nameOf(peer: boolean): Uint8Array | Errno {
    if (!peer) return formatAddress(this.name);
    return this.peer ? formatAddress(this.peer.name) : ENOTCONN;
  }

  // connections
  override listen(task: Task, backlog: number): 0 | Errno {
    return this.connectionBased ? listen(this, task, backlog) : EOPNOTSUPP;
  }
  override accept(until: number): Socket | Errno | Wait<Socket> {
    return this.connectionBased ? accept(this, until) : EOPNOTSUPP;
  }
  override pair(other: Socket, task: Task): 0 | Errno {
    const peer = other as UnixSocket;
    this.credentials = peer.credentials = credentialsOf(task);
    this.join(peer);
    return 0;
  }
  /** Makes the two each other's peers. */
  join(peer: UnixSocket): void {
    this.peer = peer;
    peer.peer = this;
    this.seen = peer.credentials;
    peer.seen = this.credentials;
    if (this.connectionBased) this.state = peer.state = "connected";
  }
  shutdown(how: number): 0 | Errno {
    if (how < 0 || how > 2) return EINVAL;
    const mask = how + 1;
    this.shut |= mask;
    this.stateChanged();
    const { peer } = this;
    if (peer && this.connectionBased) {
      if ((mask & SEND_SHUTDOWN) !== 0) peer.shut |= RCV_SHUTDOWN;
      if ((mask & RCV_SHUTDOWN) !== 0) peer.shut |= SEND_SHUTDOWN;
      peer.stateChanged();
    }
    if (this.state === "listening") this.room.wakeAll();
    return 0;
  }

  // buffer
  /** Room enough that poll says so: a quarter of the buffer is in use at most. */
  get writable(): boolean {
    return this.state !== "listening" && this.charged * 4 <= this.sendBuffer;
  }
  /** A message of this socket, of that truesize, has been received or dropped. */
  uncharge(truesize: number): void {
    this.charged -= truesize;
    if (this.writable) this.writers.wakeAll(WRITABLE);
  }

  // waiting
  poll(): number {
    let mask = this.error !== 0 ? POLLERR : 0;
    if (this.shut === SHUTDOWN_MASK) mask |= POLLHUP;
    if ((this.shut & RCV_SHUTDOWN) !== 0) mask |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (this.pendingInput || this.pending.length > 0) mask |= READABLE;
    if (this.connectionBased && this.state === "unconnected") mask |= POLLHUP;
    if (this.writable) mask |= WRITABLE;
    return mask;
  }
  override ioctl(task: Task, command: number, argument: UserAddress): IoResult {
    let value: number;
    if (command === SIOCOUTQ) value = this.charged;
    else if (command === FIONREAD) {
      if (this.state === "listening") return EINVAL;
      value = this.inputBytes;
    } else return interfaceIoctl(this.net, task, command, argument);
    return task.mm.writeU32(argument, value) === 0 ? 0 : EFAULT;
  }
  close(): void {
    const { unix } = this.net;
    this.dead = true;
    this.shut = SHUTDOWN_MASK;
    unix.sockets.delete(this);
    // The server's end of a connection shows its listener's name without holding it.
    if (this.name !== undefined && unix.abstract.get(this.name) === this) unix.abstract.delete(this.name);
    if (this.inode) {
      if (this.inode.special === this) this.inode.special = undefined;
      this.inode = undefined;
    }
    const { peer } = this;
    if (peer && this.connectionBased) {
      peer.shut = SHUTDOWN_MASK;
      if (this.pendingInput) peer.error = ECONNRESET;
      peer.stateChanged();
    }
    this.peer = undefined;
    const embryos = this.pending.splice(0);
    for (const embryo of embryos) {
      if (embryo.peer) embryo.peer.error = ECONNRESET;
      embryo.close();
    }
    this.purge();
    this.room.wakeAll();
    this.stateChanged();
    unix.inFlight.collect();
  }
}

/** The credentials that the peer of `task`'s socket sees: effective ids. */
export function credentialsOf(task: Task): Credentials & { groups: readonly number[] } {
  return { pid: task.pid, uid: task.cred.euid, gid: task.cred.egid, groups: task.cred.groups };
}
