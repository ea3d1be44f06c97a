// Queues of datagrams that wait to be received, of errors that ICMP brought, and what recvmsg tells beside the bytes.
// Shared by UDP and raw sockets. udp(7), ip(7), recv(2)
import { EAGAIN, EFAULT, type Errno } from "../../../abi/errno.ts";
import { POLLERR, POLLHUP, POLLIN, POLLRDHUP, POLLRDNORM } from "../../../abi/flags.ts";
import * as abi from "../../../abi/inet.ts";
import {
  AF_INET,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  RCV_SHUTDOWN,
  SHUTDOWN_MASK,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMP_OLD,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
} from "../../../abi/socket.ts";
import { toBytes } from "../../../lib/byte-string.ts";
import type { IoResult } from "../../vfs/file.ts";
import type { Control, Incoming } from "../message.ts";
import { int } from "../options.ts";
import { blockOn, READABLE, WRITABLE } from "../socket.ts";
import { datagramTruesize } from "../unix/truesize.ts";
import { type Endpoint, formatEndpoint, type IpAddress, isIpv4, mapped } from "./address.ts";
import type { InetSocket } from "./socket.ts";

export interface Datagram {
  readonly bytes: Uint8Array;
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly destination: IpAddress;
  readonly ttl: number;
  readonly tos: number;
  /** When it came, nanoseconds since 1970, for sockets that asked. */
  time: bigint;
}

export class DatagramQueue {
  private readonly datagrams: Datagram[] = [];
  private charged = 0;
  /** Datagrams that found the buffer full. */
  drops = 0;

  get length(): number {
    return this.datagrams.length;
  }
  /** What the queue takes of SO_RCVBUF. */
  get memory(): number {
    return this.charged;
  }
  get firstLength(): number {
    return this.datagrams[0]?.bytes.length ?? 0;
  }
  get first(): Datagram | undefined {
    return this.datagrams[0];
  }
  /** A full buffer drops it: UDP promises nothing. */
  push(socket: InetSocket, datagram: Datagram): void {
    if ((socket.shut & RCV_SHUTDOWN) !== 0 || this.charged > socket.receiveBuffer) {
      this.drops++;
      return;
    }
    if (socket.timestamps !== 0) datagram.time = socket.kernel.clock.realtime();
    this.charged += datagramTruesize(datagram.bytes.length);
    this.datagrams.push(datagram);
    socket.readers.wakeOne(READABLE);
  }
  shift(): void {
    const datagram = this.datagrams.shift();
    if (datagram) this.charged -= datagramTruesize(datagram.bytes.length);
  }
  clear(): void {
    this.datagrams.length = 0;
    this.charged = 0;
  }
}

export function receiveDatagram(socket: InetSocket, queue: DatagramQueue, message: Incoming, until: number): IoResult {
  const { into, flags } = message;
  const datagram = queue.first;
  if (!datagram) {
    if (socket.error !== 0) return socket.takeError();
    if ((socket.shut & RCV_SHUTDOWN) !== 0 && until !== 0) return 0;
    const wait = blockOn(socket.readers, until, () => receiveDatagram(socket, queue, message, until));
    if (typeof wait === "object") wait.exclusive = true;
    return wait;
  }
  const { bytes } = datagram;
  const size = Math.min(bytes.length, into.length);
  if (size < bytes.length) message.outFlags |= MSG_TRUNC;
  message.name = formatEndpoint(socket.family, datagram.source, datagram.sourcePort, 1);
  if (socket.ip.controls || socket.timestamps !== 0) message.control = controlsOf(socket, datagram);
  const copied = size === 0 ? 0 : into.put(size < bytes.length ? bytes.subarray(0, size) : bytes);
  if ((flags & MSG_PEEK) === 0) queue.shift();
  if (copied < size) return EFAULT;
  return (flags & MSG_TRUNC) !== 0 ? bytes.length : size;
}

function controlsOf(socket: InetSocket, datagram: Datagram): Control[] {
  const { ip } = socket;
  const controls: Control[] = [];
  if (socket.timestamps !== 0) {
    const data = new Uint8Array(16);
    const view = new DataView(data.buffer);
    const micro = socket.timestamps === SO_TIMESTAMP_OLD || socket.timestamps === SO_TIMESTAMP_NEW;
    view.setBigInt64(0, datagram.time / 1_000_000_000n, true);
    view.setBigInt64(8, (datagram.time % 1_000_000_000n) / (micro ? 1000n : 1n), true);
    controls.push({ level: SOL_SOCKET, type: socket.timestamps, data });
  }
  const put4 = (type: number, data: Uint8Array): void => void controls.push({ level: SOL_IP, type, data });
  const put6 = (type: number, data: Uint8Array): void => void controls.push({ level: SOL_IPV6, type, data });
  if (ip.v4Value(abi.IP_PKTINFO) === 1 && isIpv4(datagram.destination)) {
    const data = new Uint8Array(12);
    data[0] = 1;
    data.set(toBytes(datagram.destination), 4);
    data.set(toBytes(datagram.destination), 8);
    put4(abi.IP_PKTINFO, data);
  }
  if (ip.v4Value(abi.IP_RECVTTL) === 1) put4(abi.IP_TTL, int(datagram.ttl));
  if (ip.v4Value(abi.IP_RECVTOS) === 1) put4(abi.IP_TOS, Uint8Array.of(datagram.tos));
  if (socket.family === AF_INET) return controls;
  if (ip.v6Value(abi.IPV6_RECVPKTINFO) === 1) {
    const data = new Uint8Array(20);
    data.set(toBytes(mapped(datagram.destination)));
    data[16] = 1;
    put6(abi.IPV6_PKTINFO, data);
  }
  if (ip.v6Value(abi.IPV6_RECVHOPLIMIT) === 1) put6(abi.IPV6_HOPLIMIT, int(datagram.ttl));
  if (ip.v6Value(abi.IPV6_RECVTCLASS) === 1) put6(abi.IPV6_TCLASS, int(datagram.tos));
  return controls;
}

interface QueuedError {
  /** Positive. */
  readonly errno: number;
  /** Where the datagram was to go. */
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

export class ErrorQueue {
  private readonly errors: QueuedError[] = [];
  get length(): number {
    return this.errors.length;
  }
  push(error: QueuedError): void {
    if (this.errors.length < 64) this.errors.push(error);
  }
  shift(): QueuedError | undefined {
    return this.errors.shift();
  }
}

/** MSG_ERRQUEUE: the datagram that failed, and beside it a struct sock_extended_err with the offender's address. */
export function receiveError(socket: InetSocket, queue: ErrorQueue, message: Incoming): number | Errno {
  const error = queue.shift();
  if (!error) return EAGAIN;
  const { bytes, to } = error;
  const size = Math.min(bytes.length, message.into.length);
  message.outFlags |= MSG_ERRQUEUE | (size < bytes.length ? MSG_TRUNC : 0);
  message.name = formatEndpoint(socket.family, to.address, to.port, to.scope);
  const four = isIpv4(to.address) && socket.family === AF_INET;
  const offender = formatEndpoint(socket.family, to.address, 0, to.scope);
  const data = new Uint8Array(16 + offender.length);
  new DataView(data.buffer).setUint32(0, error.errno, true);
  // SO_EE_ORIGIN_ICMP: destination unreachable, port unreachable; ICMPv6 has numbers of its own.
  data.set(isIpv4(to.address) ? [2, 3, 3] : [3, 1, 4], 4);
  data.set(offender, 16);
  message.control = [{ level: four ? SOL_IP : SOL_IPV6, type: four ? abi.IP_RECVERR : abi.IPV6_RECVERR, data }];
  // The errors that are left show as SO_ERROR again.
  if (queue.length === 0) socket.error = 0;
  return message.into.put(bytes.subarray(0, size)) < size ? EFAULT : size;
}

export function datagramPoll(socket: InetSocket, queue: DatagramQueue, errors: ErrorQueue): number {
  let mask = socket.error !== 0 || errors.length > 0 ? POLLERR : 0;
  if ((socket.shut & RCV_SHUTDOWN) !== 0) mask |= POLLRDHUP | POLLIN | POLLRDNORM;
  if (socket.shut === SHUTDOWN_MASK) mask |= POLLHUP;
  if (queue.length > 0) mask |= READABLE;
  return mask | WRITABLE;
}
