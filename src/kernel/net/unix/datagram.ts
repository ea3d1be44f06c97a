// SOCK_DGRAM and SOCK_SEQPACKET: messages with boundaries. They differ in how peers come to each other (connect.ts for
// seqpacket, an address for each message or one set by connect for datagrams) and in what the end of a peer means.
// unix(7), net/unix/af_unix.c
import {
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
  EPIPE,
} from "../../../abi/errno.ts";
import {
  AF_UNSPEC,
  familyOf,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SOCK_DGRAM,
} from "../../../abi/socket.ts";
import { andThen } from "../../sched/wait-queue.ts";
import type { Task } from "../../task/task.ts";
import type { File, IoResult } from "../../vfs/file.ts";
import type { Credentials, Incoming, Outgoing } from "../message.ts";
import { blockOn, READABLE, WRITABLE } from "../socket.ts";
import { formatAddress, parseAddress } from "./address.ts";
import { nobody, sendersCredentials, takeRights } from "./ancillary.ts";
import { connect, find, isKept } from "./connect.ts";
import type { Rights } from "./rights.ts";
import { credentialsOf, UnixSocket } from "./socket.ts";
import { datagramTruesize } from "./truesize.ts";

interface Datagram {
  readonly bytes: Uint8Array;
  readonly truesize: number;
  readonly sender: UnixSocket;
  readonly credentials: Credentials | undefined;
  rights: Rights | undefined;
}

export class UnixDatagram extends UnixSocket {
  private readonly queue: Datagram[] = [];
  /** Senders whose poll or send found this queue full: told when there is room. */
  private readonly stalled = new Set<UnixDatagram>();

  get pendingInput(): boolean {
    return this.queue.length > 0;
  }
  get inputBytes(): number {
    if (!this.connectionBased) return this.queue[0]?.bytes.length ?? 0;
    return this.queue.reduce((sum, datagram) => sum + datagram.bytes.length, 0);
  }
  private get full(): boolean {
    return this.queue.length > this.backlog;
  }
  sibling(): UnixSocket {
    return new UnixDatagram(this.net, this.type);
  }

  connect(task: Task, address: Uint8Array, until: number): IoResult {
    if (this.connectionBased) return connect(this, task, address, until);
    if (familyOf(address) === AF_UNSPEC) {
      this.disconnect(undefined);
      return 0;
    }
    const name = parseAddress(address);
    if (typeof name === "number") return name;
    if (name === "") return EINVAL;
    if (this.passCredentials) {
      const bound = this.autobind();
      if (bound < 0) return bound;
    }
    return andThen(find(this, task, name), (found) => {
      const peer = found as UnixDatagram;
      if ((peer.peer && peer.peer !== this) || isKept(task.cred.landlock, peer)) return EPERM;
      this.disconnect(peer);
      this.credentials = credentialsOf(task);
      this.peer = peer;
      this.state = "connected";
      return 0;
    });
  }
  /** Messages of the old peer are dropped when the peer changes. */
  private disconnect(next: UnixDatagram | undefined): void {
    const { peer } = this;
    this.peer = undefined;
    this.state = "unconnected";
    if (!peer || peer === next) return;
    (peer as UnixDatagram).stalled.delete(this);
    if (this.queue.length > 0) {
      this.purge();
      if (!peer.dead && peer.peer === this) {
        peer.error = ECONNRESET;
        peer.stateChanged();
      }
    }
    this.writers.wakeAll(WRITABLE);
  }

  send(message: Outgoing, until: number): IoResult {
    const { from, flags } = message;
    if ((flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    let name: string | undefined;
    if (this.connectionBased) {
      if (this.error !== 0) return this.takeError();
      if (this.state !== "connected") return ENOTCONN;
    } else if (message.name) {
      const parsed = parseAddress(message.name);
      if (typeof parsed === "number") return parsed;
      if (parsed === "") return EINVAL;
      name = parsed;
    } else if (!this.peer) return ENOTCONN;
    if (this.passCredentials) {
      const bound = this.autobind();
      if (bound < 0) return bound;
    }
    if (from.length > this.sendBuffer - 32) return EMSGSIZE;
    return this.allocate(message, name, until);
  }
  /** Waits for room in the sender's buffer, then takes the bytes. */
  private allocate(message: Outgoing, name: string | undefined, until: number): IoResult {
    if (this.error !== 0) return this.takeError();
    if ((this.shut & SEND_SHUTDOWN) !== 0) return EPIPE;
    if (this.charged >= this.sendBuffer) {
      return blockOn(this.writers, until, () => this.allocate(message, name, until));
    }
    const bytes = new Uint8Array(message.from.length);
    if (message.from.take(bytes) !== bytes.length) return EFAULT;
    return this.deliver(message, bytes, name, until);
  }
  private deliver(message: Outgoing, bytes: Uint8Array, name: string | undefined, until: number): IoResult {
    const task = this.kernel.current;
    if (name === undefined || !task) return this.deliverTo(this.peer, message, bytes, name, until);
    return andThen(find(this, task, name), (peer) => this.deliverTo(peer, message, bytes, name, until));
  }
  private deliverTo(
    found: UnixSocket | undefined,
    message: Outgoing,
    bytes: Uint8Array,
    name: string | undefined,
    until: number,
  ): IoResult {
    const peer = found as UnixDatagram | undefined;
    if (!peer) return ECONNREFUSED;
    if (peer.peer && peer.peer !== this) return EPERM;
    if (peer.dead) {
      if (this.connectionBased) return EPIPE;
      if (this.peer === peer) this.disconnect(undefined);
      return ECONNREFUSED;
    }
    if ((peer.shut & RCV_SHUTDOWN) !== 0) return EPIPE;
    if (this.peer !== peer && isKept(this.kernel.current?.cred.landlock, peer)) return EPERM;
    if (peer !== this && peer.peer !== this && peer.full) {
      if (until === 0) {
        peer.stalled.add(this);
        return EAGAIN;
      }
      return blockOn(peer.room, until, () => this.deliver(message, bytes, name, until));
    }
    const rights = takeRights(this, message);
    if (typeof rights === "number") return rights;
    const truesize = datagramTruesize(bytes.length);
    this.charged += truesize;
    peer.queue.push({ bytes, truesize, sender: this, credentials: sendersCredentials(this, peer, message), rights });
    peer.readers.wakeOne(READABLE);
    return bytes.length;
  }

  receive(message: Incoming, until: number): IoResult {
    const { into, flags } = message;
    if ((flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    if (this.connectionBased && this.state !== "connected") return ENOTCONN;
    // An error is told before what is still in the queue.
    if (this.error !== 0) return this.takeError();
    const peek = (flags & MSG_PEEK) !== 0;
    const datagram = this.queue[0];
    if (!datagram) {
      // A non-blocking datagram socket that is shut down still answers EAGAIN; only seqpacket has an end.
      if ((this.shut & RCV_SHUTDOWN) !== 0 && (this.connectionBased || until !== 0)) return 0;
      const wait = blockOn(this.readers, until, () => this.receive(message, until));
      if (typeof wait === "object") wait.exclusive = true;
      return wait;
    }
    const { bytes } = datagram;
    const size = Math.min(bytes.length, into.length);
    if (datagram.sender.name !== undefined) message.name = formatAddress(datagram.sender.name);
    if (size < bytes.length) message.outFlags |= MSG_TRUNC;
    const copied = size === 0 ? 0 : into.put(size < bytes.length ? bytes.subarray(0, size) : bytes);
    if (this.passCredentials) message.credentials = datagram.credentials ?? nobody;
    if (!peek) this.retire(message);
    else if (datagram.rights) message.rights = datagram.rights.files.map((file: File) => file.ref());
    if (copied < size) {
      if (message.rights) this.net.unix.release(message.rights);
      message.rights = undefined;
      return EFAULT;
    }
    return (flags & MSG_TRUNC) !== 0 ? bytes.length : size;
  }
  private retire(message: Incoming): void {
    const { unix } = this.net;
    const wasFull = this.full;
    const datagram = this.queue.shift()!;
    if (datagram.rights) message.rights = unix.inFlight.land(datagram.rights);
    datagram.sender.uncharge(datagram.truesize);
    if (wasFull) this.madeRoom();
  }
  private madeRoom(): void {
    this.room.wakeAll(WRITABLE);
    for (const sender of this.stalled) sender.writers.wakeAll(WRITABLE);
    this.stalled.clear();
  }
  forEachRights(visit: (rights: Rights) => void): void {
    for (const datagram of this.queue) if (datagram.rights) visit(datagram.rights);
    for (const embryo of this.pending) embryo.forEachRights(visit);
  }
  purge(): void {
    const { unix } = this.net;
    for (const datagram of this.queue.splice(0)) {
      datagram.sender.uncharge(datagram.truesize);
      if (datagram.rights) unix.release(unix.inFlight.land(datagram.rights));
    }
    for (const embryo of this.pending) embryo.purge();
    this.madeRoom();
  }
  override poll(): number {
    const mask = super.poll();
    // Connected one way to a socket whose queue is full: not writable, and told when there is room.
    const peer = this.peer as UnixDatagram | undefined;
    if (this.type !== SOCK_DGRAM || !peer || peer.dead || peer.peer === this || !peer.full) return mask;
    peer.stalled.add(this);
    return mask & ~WRITABLE;
  }
}
