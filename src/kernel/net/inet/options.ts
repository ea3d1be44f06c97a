// The options of SOL_IP and SOL_IPV6. Most are numbers that are kept and given back: rows say their ranges. ip(7), ipv6(7)
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EINVAL,
  ENODEV,
  ENOPROTOOPT,
  ENOTCONN,
  EPERM,
  type Errno,
} from "../../../abi/errno.ts";
import * as abi from "../../../abi/inet.ts";
import { AF_INET6 } from "../../../abi/socket.ts";
import { fromBytes, toBytes } from "../../../lib/byte-string.ts";
import { CAP_NET_ADMIN, CAP_NET_RAW } from "../../security/cred.ts";
import type { Task } from "../../task/task.ts";
import { int, intOf } from "../options.ts";
import { ANY4, type IpAddress, isMulticast, unmapped } from "./address.ts";
import type { InetSocket } from "./socket.ts";

export interface IntOption {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
}
const bool: IntOption = { initial: 0, min: 0, max: 1 };
const on: IntOption = { initial: 1, min: 0, max: 1 };
const range = (initial: number, min: number, max: number): IntOption => ({ initial, min, max });

const ipv4 = new Map<number, IntOption>([
  [abi.IP_TOS, range(0, 0, 255)],
  [abi.IP_TTL, range(64, 1, 255)],
  [abi.IP_PKTINFO, bool],
  [abi.IP_RECVOPTS, bool],
  [abi.IP_RETOPTS, bool],
  [abi.IP_MTU_DISCOVER, range(abi.IP_PMTUDISC_WANT, 0, 5)],
  [abi.IP_RECVERR, bool],
  [abi.IP_RECVTTL, bool],
  [abi.IP_RECVTOS, bool],
  [abi.IP_PASSSEC, bool],
  [abi.IP_RECVORIGDSTADDR, bool],
  [abi.IP_MINTTL, range(0, 0, 255)],
  [abi.IP_CHECKSUM, bool],
  [abi.IP_RECVFRAGSIZE, bool],
  [abi.IP_RECVERR_RFC4884, bool],
  [abi.IP_MULTICAST_TTL, range(1, 0, 255)],
  [abi.IP_MULTICAST_LOOP, on],
  [abi.IP_MULTICAST_ALL, on],
  [abi.IP_UNICAST_IF, range(0, 0, 0x7fffffff)],
]);

const ipv6 = new Map<number, IntOption>([
  [abi.IPV6_UNICAST_HOPS, range(64, 0, 255)],
  [abi.IPV6_MULTICAST_HOPS, range(1, 0, 255)],
  [abi.IPV6_MULTICAST_LOOP, on],
  [abi.IPV6_MULTICAST_ALL, on],
  [abi.IPV6_MTU_DISCOVER, range(abi.IP_PMTUDISC_WANT, 0, 5)],
  [abi.IPV6_MTU, range(0, 1280, 65536)],
  [abi.IPV6_RECVERR, bool],
  [abi.IPV6_RECVERR_RFC4884, bool],
  [abi.IPV6_FLOWINFO, bool],
  [abi.IPV6_FLOWINFO_SEND, bool],
  [abi.IPV6_RECVPKTINFO, bool],
  [abi.IPV6_RECVHOPLIMIT, bool],
  [abi.IPV6_RECVHOPOPTS, bool],
  [abi.IPV6_RECVRTHDR, bool],
  [abi.IPV6_RECVDSTOPTS, bool],
  [abi.IPV6_RECVPATHMTU, bool],
  [abi.IPV6_DONTFRAG, bool],
  [abi.IPV6_RECVTCLASS, bool],
  [abi.IPV6_TCLASS, range(0, 0, 255)],
  [abi.IPV6_AUTOFLOWLABEL, on],
  [abi.IPV6_ADDR_PREFERENCES, range(0, 0, 0xffff)],
  [abi.IPV6_MINHOPCOUNT, range(0, 0, 255)],
  [abi.IPV6_RECVORIGDSTADDR, bool],
  [abi.IPV6_RECVFRAGSIZE, bool],
  [abi.IPV6_UNICAST_IF, range(0, 0, 0x7fffffff)],
]);

/** What a socket keeps for the IP layer. */
export class IpOptions {
  private readonly v4 = new Map<number, number>();
  private readonly v6 = new Map<number, number>();
  freeBind = false;
  transparent = false;
  /** IP_BIND_ADDRESS_NO_PORT: connect chooses the port. */
  noPort = false;
  headerIncluded = false;
  /** Any of the options that put control messages beside datagrams is on. */
  controls = false;
  /** IP_MULTICAST_IF and its like: index of a device. */
  multicastDevice = 0;
  multicastSource: IpAddress = ANY4;
  readonly groups = new Set<string>();

  v4Value(name: number): number {
    return this.v4.get(name) ?? ipv4.get(name)?.initial ?? 0;
  }
  v6Value(name: number): number {
    return this.v6.get(name) ?? ipv6.get(name)?.initial ?? 0;
  }
  setV4(name: number, value: number): void {
    this.v4.set(name, value);
    this.review();
  }
  setV6(name: number, value: number): void {
    this.v6.set(name, value);
    this.review();
  }
  /** For a connection that a listener takes: it starts with the listener's options. */
  inherit(from: IpOptions): void {
    for (const [name, value] of from.v4) this.v4.set(name, value);
    for (const [name, value] of from.v6) this.v6.set(name, value);
    this.review();
  }
  private review(): void {
    const { v4, v6 } = this;
    this.controls =
      [abi.IP_PKTINFO, abi.IP_RECVTTL, abi.IP_RECVTOS, abi.IP_RECVORIGDSTADDR].some((name) => v4.get(name) === 1) ||
      [abi.IPV6_RECVPKTINFO, abi.IPV6_RECVHOPLIMIT, abi.IPV6_RECVTCLASS].some((name) => v6.get(name) === 1);
  }
}

/** The value of an int option, which may also be given as one byte. Errors: EINVAL. */
function numberOf(value: Uint8Array): number | undefined {
  if (value.length >= 4) return intOf(value);
  return value.length >= 1 ? value[0] : undefined;
}

export function setIpOption(socket: InetSocket, task: Task, name: number, value: Uint8Array): 0 | Errno {
  const { ip } = socket;
  const number = numberOf(value);
  switch (name) {
    case abi.IP_FREEBIND:
      if (number === undefined) return EINVAL;
      ip.freeBind = number !== 0;
      return 0;
    case abi.IP_TRANSPARENT:
      if (
        !task.cred.canIn(socket.net.userNamespace, CAP_NET_ADMIN) &&
        !task.cred.canIn(socket.net.userNamespace, CAP_NET_RAW)
      )
        return EPERM;
      ip.transparent = ip.freeBind = number !== 0;
      return 0;
    case abi.IP_BIND_ADDRESS_NO_PORT:
      ip.noPort = number !== 0;
      return 0;
    case abi.IP_HDRINCL:
      if (socket.ports) return ENOPROTOOPT;
      ip.headerIncluded = number !== 0;
      return 0;
    case abi.IP_OPTIONS:
    case abi.IP_ROUTER_ALERT:
    case abi.IP_NODEFRAG:
    case abi.IP_LOCAL_PORT_RANGE:
      return 0;
    case abi.IP_MULTICAST_IF: {
      if (value.length < 4) return EINVAL;
      const address = fromBytes(value, value.length >= 8 ? 4 : 0, value.length >= 8 ? 8 : 4);
      const index = value.length >= 12 ? intOf(value, 8) : 0;
      return chooseDevice(socket, index, address);
    }
    case abi.IP_ADD_MEMBERSHIP:
    case abi.IP_DROP_MEMBERSHIP:
    case abi.IP_ADD_SOURCE_MEMBERSHIP:
    case abi.IP_DROP_SOURCE_MEMBERSHIP: {
      if (value.length < 8) return EINVAL;
      const join = name === abi.IP_ADD_MEMBERSHIP || name === abi.IP_ADD_SOURCE_MEMBERSHIP;
      const index = value.length >= 12 && name < abi.IP_ADD_SOURCE_MEMBERSHIP ? intOf(value, 8) : 0;
      return membership(socket, fromBytes(value, 0, 4), index, fromBytes(value, 4, 8), join);
    }
    case abi.MCAST_JOIN_GROUP:
    case abi.MCAST_LEAVE_GROUP:
      return groupRequest(socket, value, name === abi.MCAST_JOIN_GROUP);
    default: {
      const row = ipv4.get(name);
      if (!row) return ENOPROTOOPT;
      if (number === undefined) return EINVAL;
      const result = check(row, number, name === abi.IP_TTL || name === abi.IP_MULTICAST_TTL);
      if (result < 0) return result as Errno;
      ip.setV4(name, result);
      return 0;
    }
  }
}

/** A number for a row: flags become 0 or 1, -1 may stand for the default. Errors: EINVAL. */
export function check(row: IntOption, value: number, minusOne: boolean): number | Errno {
  if (minusOne && value === -1) return row.initial;
  if (row.min === 0 && row.max === 1) return value === 0 ? 0 : 1;
  return value < row.min || value > row.max ? EINVAL : value;
}

export function getIpOption(socket: InetSocket, name: number, length: number): Uint8Array | Errno {
  const { ip } = socket;
  let value: number;
  switch (name) {
    case abi.IP_FREEBIND:
      value = Number(ip.freeBind);
      break;
    case abi.IP_TRANSPARENT:
      value = Number(ip.transparent);
      break;
    case abi.IP_BIND_ADDRESS_NO_PORT:
      value = Number(ip.noPort);
      break;
    case abi.IP_HDRINCL:
      value = Number(ip.headerIncluded);
      break;
    case abi.IP_OPTIONS:
      return new Uint8Array(0);
    case abi.IP_NODEFRAG:
      value = 0;
      break;
    case abi.IP_MTU: {
      const route = socket.remotePort === 0 ? undefined : socket.inet.routes.lookup(socket.remoteAddress);
      if (!route) return ENOTCONN;
      value = route.device.mtu;
      break;
    }
    case abi.IP_MULTICAST_IF:
      return toBytes(ip.multicastSource);
    default:
      if (!ipv4.has(name)) return ENOPROTOOPT;
      value = ip.v4Value(name);
  }
  // A caller with room for one byte gets one.
  return length > 0 && length < 4 && value >= 0 && value <= 255 ? Uint8Array.of(value) : int(value);
}

export function setIpv6Option(socket: InetSocket, task: Task, name: number, value: Uint8Array): 0 | Errno {
  const { ip } = socket;
  if (name === abi.IPV6_ADD_MEMBERSHIP || name === abi.IPV6_DROP_MEMBERSHIP) {
    if (value.length < 20) return EINVAL;
    return membership(socket, fromBytes(value, 0, 16), intOf(value, 16), ANY4, name === abi.IPV6_ADD_MEMBERSHIP);
  }
  if (name === abi.MCAST_JOIN_GROUP || name === abi.MCAST_LEAVE_GROUP) {
    return groupRequest(socket, value, name === abi.MCAST_JOIN_GROUP);
  }
  if (name === abi.IPV6_PKTINFO) return value.length < 20 && value.length !== 0 ? EINVAL : 0;
  if (value.length < 4) return EINVAL;
  const number = intOf(value);
  switch (name) {
    case abi.IPV6_V6ONLY:
      if (socket.localPort !== 0) return EINVAL;
      socket.v6only = number !== 0;
      return 0;
    case abi.IPV6_FREEBIND:
      ip.freeBind = number !== 0;
      return 0;
    case abi.IPV6_TRANSPARENT:
      if (
        !task.cred.canIn(socket.net.userNamespace, CAP_NET_ADMIN) &&
        !task.cred.canIn(socket.net.userNamespace, CAP_NET_RAW)
      )
        return EPERM;
      ip.transparent = ip.freeBind = number !== 0;
      return 0;
    case abi.IPV6_MULTICAST_IF:
      return chooseDevice(socket, number, ANY4);
    case abi.IPV6_CHECKSUM:
    case abi.IPV6_ROUTER_ALERT:
    case abi.IPV6_FLOWLABEL_MGR:
      return 0;
    default: {
      const row = ipv6.get(name);
      if (!row) return ENOPROTOOPT;
      const result = check(
        row,
        number,
        [abi.IPV6_UNICAST_HOPS, abi.IPV6_MULTICAST_HOPS, abi.IPV6_TCLASS].includes(name),
      );
      if (result < 0) return result as Errno;
      ip.setV6(name, result);
      return 0;
    }
  }
}

export function getIpv6Option(socket: InetSocket, name: number): Uint8Array | Errno {
  const { ip } = socket;
  switch (name) {
    case abi.IPV6_V6ONLY:
      return int(Number(socket.v6only));
    case abi.IPV6_FREEBIND:
      return int(Number(ip.freeBind));
    case abi.IPV6_TRANSPARENT:
      return int(Number(ip.transparent));
    case abi.IPV6_MULTICAST_IF:
      return int(ip.multicastDevice);
    case abi.IPV6_MTU: {
      const route = socket.remotePort === 0 ? undefined : socket.inet.routes.lookup(socket.remoteAddress);
      return route ? int(route.device.mtu) : ENOTCONN;
    }
    default:
      return ipv6.has(name) ? int(ip.v6Value(name)) : ENOPROTOOPT;
  }
}

function chooseDevice(socket: InetSocket, index: number, address: IpAddress): 0 | Errno {
  const { ip, net } = socket;
  if (index === 0 && address === ANY4) {
    ip.multicastDevice = 0;
    ip.multicastSource = ANY4;
    return 0;
  }
  const device =
    index === 0 ? socket.inet.routes.deviceOf(address) : net.devices.find((candidate) => candidate.index === index);
  if (!device) return index === 0 ? EADDRNOTAVAIL : ENODEV;
  ip.multicastDevice = device.index;
  ip.multicastSource = address;
  return 0;
}

/** struct group_req: index, padding, a sockaddr_storage. */
function groupRequest(socket: InetSocket, value: Uint8Array, join: boolean): 0 | Errno {
  if (value.length < 136) return EINVAL;
  const six = value[8] === AF_INET6;
  const group = six ? fromBytes(value, 16, 32) : fromBytes(value, 12, 16);
  return membership(socket, group, intOf(value), ANY4, join);
}

function membership(socket: InetSocket, given: IpAddress, index: number, address: IpAddress, join: boolean): 0 | Errno {
  const { ip, net } = socket;
  const group = unmapped(given);
  if (!isMulticast(group)) return EINVAL;
  let device = net.devices.find((candidate) => candidate.index === index);
  if (index === 0) {
    device = address === ANY4 ? net.inet.routes.lookup(group)?.device : net.inet.routes.deviceOf(address);
  }
  if (!device) return ENODEV;
  const key = `${device.index}:${group}`;
  if (!join) return ip.groups.delete(key) ? 0 : EADDRNOTAVAIL;
  if (ip.groups.has(key)) return EADDRINUSE;
  ip.groups.add(key);
  return 0;
}
