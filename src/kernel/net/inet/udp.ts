// UDP sockets: a datagram is copied once, into the receiver's queue; one that finds no receiver comes back as an ICMP
// error. Lookup of receivers and multicast are udp-deliver.ts's, errors and control messages datagram.ts's. udp(7)
import {
  EAFNOSUPPORT,
  ECONNREFUSED,
  EDESTADDRREQ,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  type Errno,
} from "../../../abi/errno.ts";
import * as abi from "../../../abi/inet.ts";
import {
  AF_UNSPEC,
  FIONREAD,
  familyOf,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_OOB,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SIOCOUTQ,
  SOCK_DGRAM,
  SOL_UDP,
} from "../../../abi/socket.ts";
import type { UserAddress } from "../../mm/user.ts";
import type { Task } from "../../task/task.ts";
import type { IoResult } from "../../vfs/file.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { int, intOf } from "../options.ts";
import { type Endpoint, type IpAddress, isAny, isIpv4, parseEndpoint } from "./address.ts";
import { DatagramQueue, datagramPoll, ErrorQueue, receiveDatagram, receiveError } from "./datagram.ts";
import type { PortTable } from "./ports.ts";
import { IPPROTO_UDPLITE } from "./protocols.ts";
import { type SendControl, sendControl } from "./send-control.ts";
import { InetSocket, thisHost } from "./socket.ts";
import { deliver, sourceFor } from "./udp-deliver.ts";

/** 65535 less the headers of IPv4 and UDP; IPv6's own header does not count. */
const MAX4 = 65507;
const MAX6 = 65527;

export class UdpSocket extends InetSocket {
  readonly queue = new DatagramQueue();
  readonly errors = new ErrorQueue();
  private corked = false;
  private pieces: { parts: Uint8Array[]; to: Endpoint } | undefined;
  private segment = 0;
  private gro = false;
  private readonly coverage = new Map<number, number>();

  /** `protocol` is UDP's or UDP-Lite's, which over loopback differ in name only. */
  constructor(net: Net, family: number, protocol: number) {
    super(net, family, SOCK_DGRAM, protocol);
    net.inet.udpSockets.add(this);
  }
  get ports(): PortTable {
    return this.protocol === IPPROTO_UDPLITE ? this.inet.udplitePorts : this.inet.udpPorts;
  }
  get connected(): boolean {
    return this.remotePort !== 0;
  }
  get idle(): boolean {
    return !this.connected;
  }
  connect(_task: Task, name: Uint8Array, _until: number): IoResult {
    if (name.length < 2) return EINVAL;
    if (familyOf(name) === AF_UNSPEC) return this.disconnect();
    // Even a connect that fails takes a port.
    const bound = this.autobind();
    if (bound < 0) return bound;
    const endpoint = parseEndpoint(this.family, name);
    if (typeof endpoint === "number") return endpoint;
    let { address } = endpoint;
    if (isAny(address)) address = thisHost(this, address);
    if (isIpv4(address) && this.v6only) return ENETUNREACH;
    const source = sourceFor(this, address, endpoint.scope);
    if (typeof source === "number") return source;
    if (this.addressGiven && isIpv4(this.localAddress) !== isIpv4(address)) {
      return isIpv4(address) ? ENETUNREACH : EAFNOSUPPORT;
    }
    if (!this.addressGiven && this.localAddress !== source) {
      // Of several that fit alike the one that came to its address last gets the datagrams.
      this.ports.remove(this.localPort, this);
      this.localAddress = source;
      this.ports.add(this.localPort, this);
    }
    this.remoteAddress = address;
    this.remotePort = endpoint.port;
    this.scope = endpoint.scope;
    return 0;
  }
  private disconnect(): 0 {
    this.remoteAddress = this.any;
    this.remotePort = 0;
    if (!this.addressGiven) this.localAddress = this.any;
    if (!this.portGiven && this.localPort !== 0) {
      this.ports.remove(this.localPort, this);
      this.localPort = 0;
    }
    return 0;
  }
  shutdown(how: number): 0 | Errno {
    if (how < 0 || how > 2) return EINVAL;
    this.shut |= how + 1;
    this.stateChanged();
    return this.connected ? 0 : ENOTCONN;
  }

  send(message: Outgoing, _until: number): IoResult {
    const { from, flags } = message;
    // Even a send that fails takes a port.
    const bound = this.autobind();
    if (bound < 0) return bound;
    if (from.length > 0xffff) return EMSGSIZE;
    if ((flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    const to = this.pieces?.to ?? this.destination(message);
    if (typeof to === "number") return to;
    const control = sendControl(message.control);
    if (typeof control === "number") return control;
    const source = this.source(message, control, to);
    if (typeof source === "number") return source;
    if ((this.shut & SEND_SHUTDOWN) !== 0) return EPIPE;
    if (this.error !== 0) return this.takeError();
    if (from.length > (isIpv4(to.address) ? MAX4 : MAX6)) return EMSGSIZE;
    const bytes = new Uint8Array(from.length);
    if (from.take(bytes) !== bytes.length) return EFAULT;
    if (this.corked || (flags & MSG_MORE) !== 0) {
      this.pieces ??= { parts: [], to };
      this.pieces.parts.push(bytes);
      return bytes.length;
    }
    const segment = control.segment ?? this.segment;
    if (this.pieces) {
      this.pieces.parts.push(bytes);
      this.flushPieces();
    } else if (segment > 0 && segment < bytes.length) {
      for (let i = 0; i < bytes.length; i += segment) deliver(this, source, to, bytes.slice(i, i + segment), control);
    } else deliver(this, source, to, bytes, control);
    return bytes.length;
  }
  private source(message: Outgoing, control: SendControl, to: Endpoint): IpAddress | Errno {
    if (control.source !== undefined) {
      if (!this.inet.routes.isLocal(control.source)) return EINVAL;
      if (isIpv4(control.source) === isIpv4(to.address)) return control.source;
    }
    return this.connected && !message.name ? this.localAddress : sourceFor(this, to.address, to.scope);
  }
  private flushPieces(): void {
    const { pieces } = this;
    this.pieces = undefined;
    if (!pieces) return;
    const source = sourceFor(this, pieces.to.address, pieces.to.scope);
    const all = new Uint8Array(pieces.parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of pieces.parts) {
      all.set(part, at);
      at += part.length;
    }
    if (typeof source !== "number") deliver(this, source, pieces.to, all, {});
  }
  private destination({ name }: Outgoing): Endpoint | Errno {
    if (!name) {
      if (!this.connected) return EDESTADDRREQ;
      return { address: this.remoteAddress, port: this.remotePort, scope: this.scope };
    }
    if (familyOf(name) === AF_UNSPEC && name.length >= 16 && this.family === 2) {
      const copy = name.slice();
      copy[0] = this.family;
      name = copy;
    }
    // An IPv6 socket takes IPv4 destinations of AF_INET too.
    const family = this.family !== 2 && familyOf(name) === 2 ? 2 : this.family;
    if (this.family !== 2 && familyOf(name) === AF_UNSPEC && this.connected) return this.destination({} as Outgoing);
    const endpoint = parseEndpoint(family, name);
    if (typeof endpoint === "number") return endpoint;
    if (endpoint.port === 0) return EINVAL;
    if (isIpv4(endpoint.address) && this.v6only) return ENETUNREACH;
    if (!isAny(endpoint.address)) return endpoint;
    return { ...endpoint, address: thisHost(this, endpoint.address) };
  }

  /** A datagram of this socket found nobody: ICMP port unreachable. */
  refused(to: Endpoint, bytes: Uint8Array): void {
    const wanted = this.ip.v4Value(abi.IP_RECVERR) === 1 || this.ip.v6Value(abi.IPV6_RECVERR) === 1;
    if (wanted) this.errors.push({ errno: -ECONNREFUSED, to, bytes });
    if (!wanted && !this.connected) return;
    this.error = ECONNREFUSED;
    this.stateChanged();
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
    this.unbind();
    this.inet.udpSockets.delete(this);
    this.queue.clear();
    this.stateChanged();
  }
  override setOption(task: Task, level: number, name: number, value: Uint8Array): 0 | Errno {
    if (level === IPPROTO_UDPLITE && this.protocol === level) return coverage(this.coverage, name, value);
    if (level !== SOL_UDP) return super.setOption(task, level, name, value);
    if (value.length < 4) return EINVAL;
    const number = intOf(value);
    switch (name) {
      case abi.UDP_CORK:
        this.corked = number !== 0;
        if (!this.corked) this.flushPieces();
        return 0;
      case abi.UDP_SEGMENT:
        if (number < 0 || number > 0xffff) return EINVAL;
        this.segment = number;
        return 0;
      case abi.UDP_GRO:
        this.gro = number !== 0;
        return 0;
      case abi.UDP_NO_CHECK6_RX:
      case abi.UDP_NO_CHECK6_TX:
        return 0;
      default:
        return ENOPROTOOPT;
    }
  }
  override getOption(task: Task, level: number, name: number, length: number): Uint8Array | Errno {
    if (level === IPPROTO_UDPLITE && this.protocol === level) return int(this.coverage.get(name) ?? 0);
    if (level !== SOL_UDP) return super.getOption(task, level, name, length);
    switch (name) {
      case abi.UDP_CORK:
        return int(Number(this.corked));
      case abi.UDP_SEGMENT:
        return int(this.segment);
      case abi.UDP_GRO:
        return int(Number(this.gro));
      case abi.UDP_NO_CHECK6_RX:
      case abi.UDP_NO_CHECK6_TX:
        return int(0);
      default:
        return ENOPROTOOPT;
    }
  }
  override ioctl(task: Task, command: number, argument: UserAddress): IoResult {
    if (command === FIONREAD) return task.mm.writeU32(argument, this.queue.firstLength);
    if (command === SIOCOUTQ) return task.mm.writeU32(argument, 0);
    return super.ioctl(task, command, argument);
  }
}

/** UDPLITE_SEND_CSCOV and UDPLITE_RECV_CSCOV: how much the checksum covers, which nothing here computes. udplite(7) */
function coverage(kept: Map<number, number>, name: number, value: Uint8Array): 0 | Errno {
  if (value.length < 4) return EINVAL;
  if (name !== 10 && name !== 11) return ENOPROTOOPT;
  kept.set(name, Math.max(intOf(value), intOf(value) === 0 ? 0 : 8));
  return 0;
}
