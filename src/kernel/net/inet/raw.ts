// Raw sockets: what ping and its like use. The loopback device answers echo requests itself. raw(7), icmp(7)
import {
  EDESTADDRREQ,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  type Errno,
} from "../../../abi/errno.ts";
import * as abi from "../../../abi/inet.ts";
import {
  AF_INET,
  AF_UNSPEC,
  FIONREAD,
  familyOf,
  MSG_ERRQUEUE,
  MSG_OOB,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SIOCOUTQ,
  SOCK_RAW,
  SOL_ICMPV6,
  SOL_RAW,
} from "../../../abi/socket.ts";
import { toBytes } from "../../../lib/byte-string.ts";
import type { UserAddress } from "../../mm/user.ts";
import type { Task } from "../../task/task.ts";
import type { IoResult } from "../../vfs/file.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { type IpAddress, isAny, isIpv4, mapped, parseEndpoint } from "./address.ts";
import { type Datagram, DatagramQueue, datagramPoll, ErrorQueue, receiveDatagram, receiveError } from "./datagram.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_RAW } from "./protocols.ts";
import { InetSocket } from "./socket.ts";
import { sourceFor } from "./udp-deliver.ts";

const HEADER = 20;
const ICMP_FILTER = 1;
const ECHO = { request4: 8, reply4: 0, request6: 128, reply6: 129 };

export class RawSocket extends InetSocket {
  readonly queue = new DatagramQueue();
  readonly errors = new ErrorQueue();
  /** ICMP types not wanted, bit by bit: ICMP_FILTER, ICMP6_FILTER. */
  private filter: Uint8Array;
  private peer: IpAddress | undefined;

  constructor(net: Net, family: number, protocol: number) {
    super(net, family, SOCK_RAW, protocol);
    this.ip.headerIncluded = protocol === IPPROTO_RAW;
    this.localPort = 0;
    this.filter = new Uint8Array(family === AF_INET ? 4 : 32);
    net.inet.rawSockets.add(this);
  }
  get ports(): undefined {
    return undefined;
  }
  get idle(): boolean {
    return this.peer === undefined;
  }
  connect(_task: Task, name: Uint8Array): IoResult {
    if (name.length >= 2 && familyOf(name) === AF_UNSPEC) {
      this.peer = undefined;
      this.remotePort = 0;
      return 0;
    }
    const endpoint = parseEndpoint(this.family, name);
    if (typeof endpoint === "number") return endpoint;
    const source = sourceFor(this, endpoint.address, endpoint.scope);
    if (typeof source === "number") return source;
    this.peer = this.remoteAddress = endpoint.address;
    if (!this.addressGiven) this.localAddress = source;
    return 0;
  }
  shutdown(how: number): 0 | Errno {
    if (how < 0 || how > 2) return EINVAL;
    this.shut |= how + 1;
    this.stateChanged();
    return this.peer === undefined ? ENOTCONN : 0;
  }
  send(message: Outgoing): IoResult {
    const { from, flags, name } = message;
    if (from.length > 0xffff) return EMSGSIZE;
    if ((flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    let to = this.peer;
    let scope = 0;
    if (name) {
      const endpoint = parseEndpoint(this.family, name);
      if (typeof endpoint === "number") return endpoint;
      to = endpoint.address;
      scope = endpoint.scope;
    }
    if (to === undefined) return EDESTADDRREQ;
    if (isAny(to)) to = this.inet.routes.lookup(to)?.source ?? to;
    const source = sourceFor(this, to, scope);
    if (typeof source === "number") return source;
    const bytes = new Uint8Array(from.length);
    if (from.take(bytes) !== bytes.length) return EFAULT;
    const { ttl, tos } = this.header(to);
    let payload = bytes;
    let { protocol } = this;
    if (this.ip.headerIncluded && isIpv4(to)) {
      if (bytes.length < HEADER) return EINVAL;
      protocol = bytes[9]!;
      payload = bytes.subarray((bytes[0]! & 15) * 4);
    } else if (protocol === IPPROTO_ICMPV6) checksum6(payload, source, to);
    this.transmit(protocol, { bytes: payload, source, sourcePort: 0, destination: to, ttl, tos, time: 0n });
    return bytes.length;
  }
  private header(to: IpAddress): { ttl: number; tos: number } {
    const { ip } = this;
    return isIpv4(to)
      ? { ttl: ip.v4Value(abi.IP_TTL), tos: ip.v4Value(abi.IP_TOS) }
      : { ttl: ip.v6Value(abi.IPV6_UNICAST_HOPS), tos: ip.v6Value(abi.IPV6_TCLASS) };
  }
  /** All raw sockets of the protocol see it; an echo request is answered. */
  private transmit(protocol: number, datagram: Datagram): void {
    for (const socket of this.inet.rawSockets) socket.deliver(protocol, datagram);
    const { bytes } = datagram;
    if (bytes.length < 8) return;
    const four = protocol === IPPROTO_ICMP && bytes[0] === ECHO.request4;
    const six = protocol === IPPROTO_ICMPV6 && bytes[0] === ECHO.request6;
    if (!four && !six) return;
    const reply = bytes.slice();
    reply[0] = four ? ECHO.reply4 : ECHO.reply6;
    const { source, destination } = datagram;
    if (six) checksum6(reply, destination, source);
    else checksum4(reply);
    const answer: Datagram = { ...datagram, bytes: reply, source: destination, destination: source, ttl: 64, tos: 0 };
    for (const socket of this.inet.rawSockets) socket.deliver(protocol, answer);
  }
  private deliver(protocol: number, datagram: Datagram): void {
    const { bytes, destination, source } = datagram;
    if (protocol !== this.protocol || isIpv4(destination) !== (this.family === AF_INET)) return;
    if (!isAny(this.localAddress) && this.localAddress !== destination) return;
    if (this.peer !== undefined && this.peer !== source) return;
    const type = bytes[0] ?? 0;
    const icmp = protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6;
    if (icmp && ((this.filter[type >> 3] ?? 0) & (1 << (type & 7))) !== 0) return;
    const whole = isIpv4(destination) ? withHeader(protocol, datagram) : bytes;
    this.queue.push(this, { ...datagram, bytes: whole });
  }
  receive(message: Incoming, until: number): IoResult {
    if ((message.flags & MSG_ERRQUEUE) !== 0) return receiveError(this, this.errors, message);
    if ((message.flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    return receiveDatagram(this, this.queue, message, until);
  }
  poll(): number {
    return datagramPoll(this, this.queue, this.errors);
  }
  close(): void {
    this.shut = RCV_SHUTDOWN | SEND_SHUTDOWN;
    this.inet.rawSockets.delete(this);
    this.queue.clear();
    this.stateChanged();
  }
  override setOption(task: Task, level: number, name: number, value: Uint8Array): 0 | Errno {
    if ((level === SOL_RAW || level === SOL_ICMPV6) && name === ICMP_FILTER) {
      this.filter = this.filter.map((_, i) => value[i] ?? 0);
      return 0;
    }
    // IPV6_CHECKSUM under its old level, as ping sets it.
    if (level === SOL_RAW || level === SOL_ICMPV6) return name === abi.IPV6_CHECKSUM ? 0 : ENOPROTOOPT;
    return super.setOption(task, level, name, value);
  }
  override getOption(task: Task, level: number, name: number, length: number): Uint8Array | Errno {
    if ((level === SOL_RAW || level === SOL_ICMPV6) && name === ICMP_FILTER) return this.filter.slice();
    return super.getOption(task, level, name, length);
  }
  override ioctl(task: Task, command: number, argument: UserAddress): IoResult {
    if (command === FIONREAD) return task.mm.writeU32(argument, this.queue.firstLength);
    if (command === SIOCOUTQ) return task.mm.writeU32(argument, 0);
    return super.ioctl(task, command, argument);
  }
}

/** IPv4 raw sockets read the IP header too. */
function withHeader(protocol: number, { bytes, source, destination, ttl, tos }: Datagram): Uint8Array {
  const packet = new Uint8Array(HEADER + bytes.length);
  packet[0] = 0x45;
  packet[1] = tos;
  packet[2] = packet.length >> 8;
  packet[3] = packet.length;
  packet[6] = 0x40;
  packet[8] = ttl;
  packet[9] = protocol;
  packet.set(toBytes(source), 12);
  packet.set(toBytes(destination), 16);
  store(packet, 10, ~sum(packet.subarray(0, HEADER)));
  packet.set(bytes, HEADER);
  return packet;
}

/** The Internet checksum's sum of 16-bit words. RFC 1071 */
function sum(bytes: Uint8Array, start = 0): number {
  let total = start;
  for (let i = 0; i < bytes.length; i += 2) total += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

function store(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

function checksum4(bytes: Uint8Array): void {
  store(bytes, 2, 0);
  store(bytes, 2, ~sum(bytes));
}

/** ICMPv6's covers the addresses too. RFC 4443 2.3 */
function checksum6(bytes: Uint8Array, source: IpAddress, destination: IpAddress): void {
  if (bytes.length < 4) return;
  const pseudo = toBytes(mapped(source) + mapped(destination));
  store(bytes, 2, 0);
  store(bytes, 2, ~sum(bytes, sum(pseudo) + bytes.length + IPPROTO_ICMPV6));
}
