// TCP sockets. Over loopback there are no segments: a send puts bytes into the peer's ring, as far as the sender's buffer
// and the receiver's window reach, and FIN and RST are calls to the peer. Connections are made in tcp-connect.ts and
// ended in tcp-close.ts. tcp(7)
import { EADDRINUSE, EAGAIN, EFAULT, EINVAL, ENOTCONN, EPIPE, type Errno } from "../../../abi/errno.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP, POLLRDNORM, POLLWRNORM } from "../../../abi/flags.ts";
import { SI_SIGIO, SIGURG } from "../../../abi/signal.ts";
import {
  FIONREAD,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  SIOCATMARK,
  SIOCOUTQ,
  SIOCOUTQNSD,
  SOCK_STREAM,
  SOL_TCP,
} from "../../../abi/socket.ts";
import type { IoBuffer, UserAddress } from "../../mm/user.ts";
import type { Wait } from "../../sched/wait-queue.ts";
import { sendToGroup } from "../../signal/send.ts";
import type { Task } from "../../task/task.ts";
import type { IoResult } from "../../vfs/file.ts";
import { ByteQueue } from "../byte-queue.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { blockOn, READABLE, type Socket } from "../socket.ts";
import type { PortTable } from "./ports.ts";
import { IPPROTO_TCP } from "./protocols.ts";
import { InetSocket } from "./socket.ts";
import { close, finish, reset, shutdown } from "./tcp-close.ts";
import { accept, connect, listen } from "./tcp-connect.ts";
import { getTcpOption, setTcpOption } from "./tcp-options.ts";
import { CLOSE, CLOSE_WAIT, ESTABLISHED, FIN_WAIT2, LISTEN, SYN_SENT, type TcpPeer } from "./tcp-state.ts";

/** net.ipv4.tcp_wmem and tcp_rmem: what a new socket has. */
const INITIAL_SEND_BUFFER = 16384;
const INITIAL_RECEIVE_BUFFER = 131072;
/** What the send buffer grows to on loopback, where segments are large. */
const LOOPBACK_SEND_BUFFER = 2626560;

export class TcpSocket extends InetSocket implements TcpPeer {
  state = CLOSE;
  /** As connect(2) sees it: a connection that was reset stays one until the socket is disconnected. */
  phase: "unconnected" | "connecting" | "connected" = "unconnected";
  peer: TcpPeer | undefined;
  orphan = false;
  readonly input: ByteQueue;
  /** Where in the stream the urgent byte lies; -1 when there is none ahead. */
  private urgentAt = -1;
  private urgentByte = 0;
  /** MSG_OOB has not taken it yet. */
  private urgentUnread = false;
  /** A send or poll found no room: the peer's reads wake. */
  private noSpace = false;
  private bufferSet = false;
  readonly tcp = new Map<number, number>();
  congestion = "cubic";
  bytesSent = 0;
  bytesReceived = 0;
  // listening
  backlog = 0;
  /** Connections that wait for accept. */
  readonly pending: TcpSocket[] = [];
  /** Clients that wait for room in `pending`. */
  readonly waiting: TcpSocket[] = [];
  /** Where this one waits so. */
  waitsFor: TcpSocket | undefined;
  /** The key in Inet.connections. */
  key: string | undefined;

  constructor(net: Net, family: number) {
    super(net, family, SOCK_STREAM, IPPROTO_TCP);
    this.input = new ByteQueue(net.kernel.ram, net.frames);
    this.sendBuffer = INITIAL_SEND_BUFFER;
    this.receiveBuffer = INITIAL_RECEIVE_BUFFER;
    net.inet.tcpSockets.add(this);
  }
  get ports(): PortTable {
    return this.inet.tcpPorts;
  }
  get idle(): boolean {
    return this.state === CLOSE;
  }
  override get listening(): boolean {
    return this.state === LISTEN;
  }
  connect(task: Task, name: Uint8Array, until: number): IoResult {
    return connect(this, task, name, until);
  }
  override listen(_task: Task, backlog: number): 0 | Errno {
    return listen(this, backlog);
  }
  override accept(until: number): Socket | Errno | Wait<Socket> {
    return accept(this, until);
  }
  override nameOf(peer: boolean): Uint8Array | Errno {
    if (peer && (this.state === CLOSE || this.state === SYN_SENT)) return ENOTCONN;
    return super.nameOf(peer);
  }
  shutdown(how: number): 0 | Errno {
    return shutdown(this, how);
  }
  close(): void {
    close(this);
  }
  override onBufferSet(): void {
    this.bufferSet = true;
  }
  /** The port has gone back to the table, though the socket still shows it. */
  portReturned = false;
  /** A socket whose connection has ended may be bound, listen or connect anew: it then has no port. */
  renew(): void {
    if (!this.portReturned) return;
    this.portReturned = false;
    this.implicit = false;
    this.localPort = 0;
    if (!this.addressGiven) this.localAddress = this.any;
  }
  override bind(task: Task, name: Uint8Array): IoResult {
    if (this.state !== CLOSE || !this.portReturned) return super.bind(task, name);
    const { localAddress, localPort } = this;
    this.renew();
    const result = super.bind(task, name);
    if (this.localPort !== 0) return result;
    // It failed: the socket goes on showing the port that it had.
    this.localPort = localPort;
    this.portReturned = true;
    if (result !== EADDRINUSE) this.localAddress = localAddress;
    return result;
  }
  /** A connection has its listener's buffers. */
  inheritBuffers(listener: TcpSocket): void {
    if (!listener.bufferSet) return;
    this.bufferSet = true;
    this.sendBuffer = listener.sendBuffer;
    this.receiveBuffer = listener.receiveBuffer;
  }
  /** The connection stands. */
  establish(peer: TcpPeer): void {
    this.peer = peer;
    this.state = ESTABLISHED;
    if (!this.bufferSet) this.sendBuffer = LOOPBACK_SEND_BUFFER;
  }

  // as a peer: what the other side does to this one
  get unread(): number {
    return this.input.length;
  }
  // RFC 1122 4.2.2.13: data for an end that has closed both ways gets a reset.
  get refuses(): boolean {
    return this.orphan || (this.state === FIN_WAIT2 && (this.shut & RCV_SHUTDOWN) !== 0);
  }
  get window(): number {
    return this.receiveBuffer;
  }
  deliver(from: IoBuffer, count: number): number {
    const taken = this.input.fill(from, count);
    this.bytesReceived += taken;
    this.readers.wakeAll(READABLE);
    return taken;
  }
  urge(byte: number): void {
    // Who has read up to the urgent byte before this one has passed it now.
    if (this.urgentAt >= 0 && !this.outOfBandInline && this.input.length > 0 && this.markDistance(0) === 0) {
      this.input.skip(1);
    }
    this.urgentAt = this.bytesReceived++;
    this.urgentByte = byte;
    this.urgentUnread = true;
    this.input.push(Uint8Array.of(byte));
    const { file, kernel } = this;
    const owner = file?.owner ?? 0;
    const info = { signal: SIGURG, code: SI_SIGIO };
    if (owner > 0) {
      const group = kernel.tasks.group(owner);
      if (group) sendToGroup(group, info);
    } else if (owner < 0) for (const group of kernel.tasks.processGroup(-owner)) sendToGroup(group, info);
    this.readers.wakeAll(POLLPRI | READABLE);
  }
  finish(): void {
    finish(this);
  }
  reset(): void {
    reset(this);
  }
  drained(): void {
    if (!this.noSpace || !this.writable) return;
    this.noSpace = false;
    this.writers.wakeAll(POLLOUT | POLLWRNORM);
  }

  // sending
  /** Bytes that the peer's window does not take: they burden this side's buffer. */
  private get queued(): number {
    const { peer } = this;
    return peer ? Math.max(0, peer.unread - peer.window) : 0;
  }
  /** Two thirds of the buffer are in use at most. */
  private get writable(): boolean {
    return this.queued * 3 <= this.sendBuffer * 2;
  }
  send(message: Outgoing, until: number): IoResult {
    if (this.state === SYN_SENT) {
      return blockOn(this.writers, until, () => this.send(message, until), 0, EAGAIN);
    }
    return this.transfer(message, until, 0);
  }
  private transfer(message: Outgoing, until: number, done: number): IoResult {
    const { from, flags } = message;
    do {
      if (this.broken) {
        if (done > 0) return done;
        const error = this.error === 0 ? EPIPE : this.takeError();
        return error === EPIPE ? this.brokenPipe(flags) : error;
      }
      if (from.length === 0) return done;
      const peer = this.peer!;
      if (peer.refuses) return done + this.sendToOrphan(from);
      const space = this.sendBuffer + peer.window - peer.unread;
      if (space <= 0) {
        this.noSpace = true;
        return this.transferLater(message, until, done);
      }
      const urgent = (flags & MSG_OOB) !== 0 ? 1 : 0;
      const count = Math.min(space, from.length - urgent);
      if (count > 0) {
        const taken = peer.deliver(from, count);
        this.bytesSent += taken;
        done += taken;
        if (taken < count) return done > 0 ? done : EFAULT;
      }
      if (urgent === 1 && from.length === 1) {
        const byte = new Uint8Array(1);
        if (from.take(byte) !== 1) return done > 0 ? done : EFAULT;
        peer.urge(byte[0]!);
        return done + 1;
      }
    } while (from.length > 0);
    const { received } = this.net.devices[0]!;
    received.bytes += done;
    received.packets++;
    return done;
  }
  private transferLater(message: Outgoing, until: number, done: number): IoResult {
    return blockOn(this.writers, until, () => this.transfer(message, until, done), done);
  }
  /** The connection takes no bytes: an error, or its end. */
  private get broken(): boolean {
    if (this.error !== 0 || (this.shut & SEND_SHUTDOWN) !== 0) return true;
    return this.state !== ESTABLISHED && this.state !== CLOSE_WAIT;
  }
  /** The process there is gone: the bytes are lost, and the answer is a reset that the next call sees. */
  private sendToOrphan(from: IoBuffer): number {
    const count = Math.min(from.length, this.sendBuffer);
    from.take(new Uint8Array(count));
    const { peer } = this;
    this.reset();
    peer?.reset();
    return count;
  }

  // receiving
  receive(message: Incoming, until: number): IoResult {
    const { flags, into } = message;
    if ((flags & MSG_ERRQUEUE) !== 0) return EAGAIN;
    if (this.state === LISTEN) return ENOTCONN;
    if ((flags & MSG_OOB) !== 0) return this.receiveUrgent(message);
    const { length } = into;
    const target = (flags & MSG_WAITALL) !== 0 ? length : Math.min(this.receiveLowWater, length);
    return this.gather(message, until, 0, Math.max(target, 1));
  }
  private gather(message: Incoming, until: number, done: number, target: number): IoResult {
    const { flags, into } = message;
    const peek = (flags & MSG_PEEK) !== 0;
    // A peek sees past an urgent byte that comes next.
    const skipped = peek && this.urgentAt >= 0 && !this.outOfBandInline && this.markDistance(done) === 0 ? 1 : 0;
    let want = Math.min(into.length, this.input.length - (peek ? done + skipped : 0));
    if (want > 0 && skipped === 0 && this.urgentAt >= 0) want = this.upToMark(want, peek ? done : 0, peek);
    if (want > 0) {
      if ((flags & MSG_TRUNC) !== 0) {
        // TCP: the bytes are thrown away unread. tcp(7)
        if (!peek) this.input.skip(want);
        if (!peek) this.peer?.drained();
        return done + want;
      }
      const got = peek ? this.input.peek(into, want, done + skipped) : this.input.drain(into, want);
      if (!peek && got > 0) this.peer?.drained();
      done += got;
      if (got < want) return done > 0 ? done : EFAULT;
    }
    if (this.urgentAt >= 0 && done > 0 && this.markDistance(peek ? done : 0) === 0) return done;
    // A receive of nothing waits only for something to be there.
    if (done >= target || (into.length === 0 && this.input.length > 0)) return done;
    if (done > 0) {
      if (this.error !== 0 || this.state === CLOSE || (this.shut & RCV_SHUTDOWN) !== 0) return done;
    } else {
      if (this.finished) return 0;
      if (this.error !== 0) return this.takeError();
      if ((this.shut & RCV_SHUTDOWN) !== 0) return 0;
      if (this.state === CLOSE) return ENOTCONN;
    }
    return this.gatherLater(message, until, done, target);
  }
  private gatherLater(message: Incoming, until: number, done: number, target: number): IoResult {
    return blockOn(this.readers, until, () => this.gather(message, until, done, target), done);
  }
  /** Bytes before the urgent one, from `ahead` bytes behind the read position on. */
  private markDistance(ahead: number): number {
    return this.urgentAt - (this.bytesReceived - this.input.length) - ahead;
  }
  /** A read ends before the urgent byte; one that begins there leaves it out, unless it is to be read in line. */
  private upToMark(want: number, ahead: number, peek: boolean): number {
    const distance = this.markDistance(ahead);
    if (distance > 0) return Math.min(want, distance);
    if (!peek) {
      if (distance === 0 && !this.outOfBandInline) this.input.skip(1);
      this.urgentAt = -1;
      this.urgentUnread = false;
    }
    return Math.min(want, this.input.length);
  }
  /** A FIN has come. */
  finished = false;

  private receiveUrgent(message: Incoming): IoResult {
    if (this.outOfBandInline || this.urgentAt < 0 || !this.urgentUnread) return EINVAL;
    if (this.state === CLOSE && !this.finished) return ENOTCONN;
    message.outFlags |= MSG_OOB;
    if ((message.flags & MSG_PEEK) === 0) this.urgentUnread = false;
    if (message.into.length === 0) return 0;
    return message.into.put(Uint8Array.of(this.urgentByte)) === 0 ? EFAULT : 1;
  }

  poll(): number {
    if (this.state === LISTEN) return this.pending.length > 0 ? READABLE : 0;
    const { shut } = this;
    let mask = this.error !== 0 ? POLLERR : 0;
    if (shut === SHUTDOWN_MASK || this.state === CLOSE) mask |= POLLHUP;
    if ((shut & RCV_SHUTDOWN) !== 0) mask |= POLLIN | POLLRDNORM | POLLRDHUP;
    if (this.state === SYN_SENT) return mask;
    const skipped = this.urgentAt >= 0 && !this.outOfBandInline && this.markDistance(0) === 0 ? 1 : 0;
    if (this.input.length >= this.receiveLowWater + skipped) mask |= READABLE;
    if ((shut & SEND_SHUTDOWN) !== 0 || this.writable) mask |= POLLOUT | POLLWRNORM;
    else this.noSpace = true;
    if (this.urgentUnread) mask |= POLLPRI;
    return mask;
  }
  override setOption(task: Task, level: number, name: number, value: Uint8Array): 0 | Errno {
    return level === SOL_TCP ? setTcpOption(this, task, name, value) : super.setOption(task, level, name, value);
  }
  override getOption(task: Task, level: number, name: number, length: number): Uint8Array | Errno {
    return level === SOL_TCP ? getTcpOption(this, name, length) : super.getOption(task, level, name, length);
  }
  override ioctl(task: Task, command: number, argument: UserAddress): IoResult {
    let value: number;
    switch (command) {
      case FIONREAD:
        if (this.state === LISTEN) return EINVAL;
        value = this.input.length;
        if (this.urgentAt >= 0 && !this.outOfBandInline && this.markDistance(0) >= 0) value = this.markDistance(0);
        break;
      case SIOCOUTQ:
      case SIOCOUTQNSD:
        if (this.state === LISTEN) return EINVAL;
        value = this.queued;
        break;
      case SIOCATMARK:
        value = this.urgentAt >= 0 && this.markDistance(0) === 0 ? 1 : 0;
        break;
      default:
        return super.ioctl(task, command, argument);
    }
    return task.mm.writeU32(argument, value);
  }
}
