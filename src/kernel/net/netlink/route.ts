// NETLINK_ROUTE: what getifaddrs, getaddrinfo, ip(8) and ss(8) ask about devices, addresses and routes. rtnetlink(7)
import { EINVAL, ENETUNREACH, ENODEV, EOPNOTSUPP, EPERM, type Errno } from "../../../abi/errno.ts";
import * as abi from "../../../abi/netlink.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../../abi/socket.ts";
import { fromBytes } from "../../../lib/byte-string.ts";
import { CAP_NET_ADMIN } from "../../security/cred.ts";
import {
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_RUNNING,
  IFF_UP,
  type NetworkAddress,
  type NetworkDevice,
  setDeviceFlags,
} from "../device.ts";
import { type IpAddress, inPrefix, isIpv4, LOOPBACK4 } from "../inet/address.ts";
import { broadcast } from "../interface.ts";
import type { Net } from "../net.ts";
import { changeAddress } from "./address.ts";
import { attributesOf, MessageBuilder, type Request } from "./message.ts";

const FOREVER = 0xffffffff;
/** What a request may change beyond reading. */
const GET = 2;

/** The answers to a request; an errno goes back as an error message. */
export function routeRequest(net: Net, request: Request): Uint8Array[] | Errno {
  const { type, flags } = request;
  if (type < abi.RTM_BASE || type > abi.RTM_MAX) return EOPNOTSUPP;
  if ((type & 3) !== GET) return change(net, request);
  if (request.payload.length < 1) return EINVAL;
  const family = request.payload[0]!;
  const dump = (flags & abi.NLM_F_DUMP) !== 0;
  switch (type) {
    case abi.RTM_GETLINK:
      return dump ? net.devices.map((device) => link(device, request, true)) : oneLink(net, request);
    case abi.RTM_GETADDR:
      return dump ? addresses(net, family, request) : EOPNOTSUPP;
    case abi.RTM_GETROUTE:
      return dump ? routes(net, family, request) : oneRoute(net, request);
    case abi.RTM_GETNSID: {
      if (dump) return [];
      // Namespaces have no numbers for each other: there is nothing that leads from one to another.
      const none = new MessageBuilder().u8(AF_UNSPEC, 0, 0, 0).number(abi.NETNSA_NSID, 0xffffffff);
      return [none.finish(abi.RTM_NEWNSID, 0, request)];
    }
    case abi.RTM_GETRULE:
      return dump ? rules(family, request) : EOPNOTSUPP;
    default:
      return dump ? [] : EOPNOTSUPP;
  }
}

/** Devices can be set up and down and get addresses; more is not to be changed from inside. */
function change(net: Net, request: Request): Uint8Array[] | Errno {
  if (!net.kernel.current?.cred.canIn(net.userNamespace, CAP_NET_ADMIN)) return EPERM;
  if (request.type === abi.RTM_NEWADDR || request.type === abi.RTM_DELADDR) return changeAddress(net, request);
  if (request.type !== abi.RTM_NEWLINK && request.type !== abi.RTM_SETLINK) return EOPNOTSUPP;
  const device = deviceOf(net, request);
  if (!device) return ENODEV;
  const view = new DataView(request.payload.buffer, request.payload.byteOffset);
  const wanted = view.getUint32(8, true);
  const mask = view.getUint32(12, true) & IFF_UP;
  if (mask !== 0) setDeviceFlags(device, (device.flags & ~mask) | (wanted & mask));
  const mtu = attributesOf(request.payload, 16).get(abi.IFLA_MTU);
  if (mtu && mtu.length >= 4) device.mtu = new DataView(mtu.buffer, mtu.byteOffset).getUint32(0, true);
  return [];
}

function deviceOf(net: Net, { payload }: Request): NetworkDevice | undefined {
  if (payload.length < 16) return undefined;
  const index = new DataView(payload.buffer, payload.byteOffset).getInt32(4, true);
  const name = attributesOf(payload, 16).get(abi.IFLA_IFNAME);
  const text = name && fromBytes(name).split("\0")[0];
  return net.devices.find((device) => (index > 0 ? device.index === index : device.name === text));
}

function oneLink(net: Net, request: Request): Uint8Array[] | Errno {
  const device = deviceOf(net, request);
  return device ? [link(device, request, false)] : ENODEV;
}

function link(device: NetworkDevice, request: Request, multi: boolean): Uint8Array {
  const up = (device.flags & IFF_UP) !== 0;
  const flags = device.flags | (up ? IFF_RUNNING | IFF_LOWER_UP : 0);
  const isLoopback = (device.flags & IFF_LOOPBACK) !== 0;
  const message = new MessageBuilder()
    .u8(AF_UNSPEC, 0, device.type & 0xff, device.type >> 8)
    .u32(device.index, flags, 0)
    .text(abi.IFLA_IFNAME, device.name)
    .number(abi.IFLA_TXQLEN, 1000)
    // IF_OPER_UNKNOWN for loopback, IF_OPER_UP or IF_OPER_DOWN
    .byte(abi.IFLA_OPERSTATE, isLoopback ? 0 : up ? 6 : 2)
    .byte(abi.IFLA_LINKMODE, 0)
    .number(abi.IFLA_MTU, device.mtu)
    .number(abi.IFLA_MIN_MTU, 0)
    .number(abi.IFLA_MAX_MTU, 0)
    .number(abi.IFLA_GROUP, 0)
    .number(abi.IFLA_PROMISCUITY, 0)
    .number(abi.IFLA_NUM_TX_QUEUES, 1)
    .number(abi.IFLA_GSO_MAX_SEGS, 0xffff)
    .number(abi.IFLA_GSO_MAX_SIZE, 65536)
    .number(abi.IFLA_NUM_RX_QUEUES, 1)
    .byte(abi.IFLA_CARRIER, 1)
    .text(abi.IFLA_QDISC, isLoopback ? "noqueue" : "fq_codel")
    .attribute(abi.IFLA_MAP, new Uint8Array(32))
    .raw(abi.IFLA_ADDRESS, device.hardware)
    .raw(abi.IFLA_BROADCAST, isLoopback ? "\0\0\0\0\0\0" : "\xff".repeat(6));
  const counters = [device.received.packets, device.sent.packets, device.received.bytes, device.sent.bytes];
  const wide = new Uint8Array(200);
  const view = new DataView(wide.buffer);
  for (const [i, value] of counters.entries()) view.setBigUint64(i * 8, BigInt(value), true);
  message.attribute(abi.IFLA_STATS64, wide);
  message.number(abi.IFLA_STATS, ...counters.map((value) => value % 2 ** 32), ...new Array<number>(20).fill(0));
  return message.finish(abi.RTM_NEWLINK, multi ? abi.NLM_F_MULTI : 0, request);
}

function addresses(net: Net, family: number, request: Request): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (const wanted of [AF_INET, AF_INET6]) {
    if (family !== AF_UNSPEC && family !== wanted) continue;
    for (const device of net.devices) {
      for (const address of device.addresses) {
        if (isIpv4(address.address) === (wanted === AF_INET)) messages.push(addressMessage(device, address, request));
      }
    }
  }
  return messages;
}

function addressMessage(device: NetworkDevice, own: NetworkAddress, request: Request): Uint8Array {
  const four = isIpv4(own.address);
  const isLoopback = (device.flags & IFF_LOOPBACK) !== 0;
  const scope = isLoopback ? abi.RT_SCOPE_HOST : abi.RT_SCOPE_UNIVERSE;
  const message = new MessageBuilder()
    .u8(four ? AF_INET : AF_INET6, own.prefix, abi.IFA_F_PERMANENT, scope)
    .u32(device.index)
    .raw(abi.IFA_ADDRESS, own.address);
  if (four) {
    message.raw(abi.IFA_LOCAL, own.address);
    if (!isLoopback) message.raw(abi.IFA_BROADCAST, broadcast(own));
    message.text(abi.IFA_LABEL, device.name);
  }
  // The order of Linux: IPv4's flags come before the cache's times, IPv6's behind.
  if (four) message.number(abi.IFA_FLAGS, abi.IFA_F_PERMANENT);
  message.number(abi.IFA_CACHEINFO, FOREVER, FOREVER, 22, 22);
  if (!four) message.number(abi.IFA_FLAGS, abi.IFA_F_PERMANENT);
  if (isLoopback && !four) message.byte(abi.IFA_PROTO, 1);
  return message.finish(abi.RTM_NEWADDR, abi.NLM_F_MULTI, request);
}

interface RouteLine {
  readonly destination: IpAddress | undefined;
  readonly prefix: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly type: number;
  readonly device: NetworkDevice;
  readonly source?: IpAddress | undefined;
  readonly gateway?: IpAddress | undefined;
  readonly cached?: boolean;
}

function routes(net: Net, family: number, request: Request): Uint8Array[] {
  const lines: RouteLine[] = [];
  for (const entry of net.inet.routes.entries) {
    lines.push({
      destination: entry.prefix === 0 ? undefined : entry.network,
      prefix: entry.prefix,
      table: abi.RT_TABLE_MAIN,
      protocol: entry.gateway ? abi.RTPROT_BOOT : abi.RTPROT_KERNEL,
      scope: entry.gateway ? abi.RT_SCOPE_UNIVERSE : abi.RT_SCOPE_LINK,
      type: abi.RTN_UNICAST,
      device: entry.device,
      source: entry.gateway ? undefined : entry.source,
      gateway: entry.gateway,
    });
  }
  for (const device of net.devices) for (const own of device.addresses) lines.push(...localRoutes(device, own));
  return lines
    .filter((line) => family === AF_UNSPEC || familyOfLine(line) === family)
    .map((line) => routeMessage(line, request, true));
}

const familyOfLine = (line: RouteLine): number =>
  isIpv4(line.destination ?? line.gateway ?? line.source ?? LOOPBACK4) ? AF_INET : AF_INET6;

/** The lines of table local for one address of a device. */
function localRoutes(device: NetworkDevice, own: NetworkAddress): RouteLine[] {
  const line = (destination: IpAddress, prefix: number, type: number, scope: number): RouteLine => {
    const source = isIpv4(own.address) ? own.address : undefined;
    const table = abi.RT_TABLE_LOCAL;
    return { destination, prefix, table, protocol: abi.RTPROT_KERNEL, scope, type, device, source };
  };
  if (!isIpv4(own.address)) return [line(own.address, 128, abi.RTN_LOCAL, abi.RT_SCOPE_UNIVERSE)];
  const lines: RouteLine[] = [];
  if (inPrefix(own.address, LOOPBACK4, 8)) {
    lines.push(line(network(own), own.prefix, abi.RTN_LOCAL, abi.RT_SCOPE_HOST));
  }
  lines.push(line(own.address, 32, abi.RTN_LOCAL, abi.RT_SCOPE_HOST));
  lines.push(line(broadcast(own), 32, abi.RTN_BROADCAST, abi.RT_SCOPE_LINK));
  return lines;
}

/** The address of the network that an address is in. */
export function network({ address, prefix }: NetworkAddress): IpAddress {
  let result = "";
  for (let i = 0; i < address.length; i++) {
    const bits = Math.max(0, Math.min(8, prefix - i * 8));
    result += String.fromCharCode(address.charCodeAt(i) & (0xff << (8 - bits)) & 0xff);
  }
  return result;
}

function routeMessage(line: RouteLine, request: Request, multi: boolean): Uint8Array {
  const family = familyOfLine(line);
  const message = new MessageBuilder()
    .u8(family, line.prefix, 0, 0, line.table, line.protocol, line.scope, line.type)
    .u32(line.cached ? abi.RTM_F_CLONED | (line.type === abi.RTN_LOCAL ? abi.RTCF_LOCAL : 0) : 0)
    .number(abi.RTA_TABLE, line.table);
  if (line.destination !== undefined) message.raw(abi.RTA_DST, line.destination);
  if (line.source !== undefined) message.raw(abi.RTA_PREFSRC, line.source);
  if (line.gateway !== undefined) message.raw(abi.RTA_GATEWAY, line.gateway);
  if (family === AF_INET6) message.number(abi.RTA_PRIORITY, line.table === abi.RT_TABLE_LOCAL ? 0 : 1024);
  message.number(abi.RTA_OIF, line.device.index);
  if (line.cached && family === AF_INET)
    message.number(abi.RTA_UID, 0).attribute(abi.RTA_CACHEINFO, new Uint8Array(32));
  if (family === AF_INET6) {
    message.attribute(abi.RTA_CACHEINFO, new Uint8Array(32)).byte(abi.RTA_PREF, 0);
  }
  return message.finish(abi.RTM_NEWROUTE, multi ? abi.NLM_F_MULTI : 0, request);
}

/** `ip route get`: the way to one destination. */
function oneRoute(net: Net, request: Request): Uint8Array[] | Errno {
  if (request.payload.length < 12) return EINVAL;
  const destination = attributesOf(request.payload, 12).get(abi.RTA_DST);
  if (!destination || (destination.length !== 4 && destination.length !== 16)) return EINVAL;
  const address = fromBytes(destination);
  const route = net.inet.routes.lookup(address);
  if (!route) return ENETUNREACH;
  const line: RouteLine = {
    destination: address,
    prefix: address.length * 8,
    // Answers about one destination bear the main table, as they come from the cache of routes. rtnetlink(7)
    table: abi.RT_TABLE_MAIN,
    protocol: 0,
    cached: true,
    scope: abi.RT_SCOPE_UNIVERSE,
    type: route.local ? abi.RTN_LOCAL : abi.RTN_UNICAST,
    device: route.device,
    source: route.source,
    gateway: route.gateway,
  };
  return [routeMessage(line, request, false)];
}

/** The three rules of every machine: tables local, main, default. */
function rules(family: number, request: Request): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (const own of [AF_INET, AF_INET6]) {
    if (family !== AF_UNSPEC && family !== own) continue;
    for (const [priority, table] of [
      [0, abi.RT_TABLE_LOCAL],
      [32766, abi.RT_TABLE_MAIN],
      [32767, abi.RT_TABLE_DEFAULT],
    ] as const) {
      if (own === AF_INET6 && table === abi.RT_TABLE_DEFAULT) continue;
      const message = new MessageBuilder().u8(own, 0, 0, 0, table, 0, 0, 1).u32(0).number(abi.FRA_TABLE, table);
      if (priority > 0) message.number(abi.FRA_PRIORITY, priority);
      messages.push(message.finish(abi.RTM_NEWRULE, abi.NLM_F_MULTI, request));
    }
  }
  return messages;
}
