// From a UDP sender to the receivers: which sockets get a datagram. udp(7), ip(7)
import { EACCES, ENETUNREACH, type Errno } from "../../../abi/errno.ts";
import * as abi from "../../../abi/inet.ts";
import { broadcast } from "../interface.ts";
import { ANY4, type Endpoint, type IpAddress, isBroadcast, isIpv4, isLinkLocal, isMulticast } from "./address.ts";
import type { Datagram } from "./datagram.ts";
import { reach } from "./inet.ts";
import type { SendControl } from "./send-control.ts";
import type { InetSocket } from "./socket.ts";
import { UdpSocket } from "./udp.ts";

/** The source address for a destination. Errors: ENETUNREACH; EACCES for a broadcast without SO_BROADCAST. */
export function sourceFor(socket: InetSocket, destination: IpAddress, scope: number): IpAddress | Errno {
  const { net, ip } = socket;
  if (isMulticast(destination)) {
    const index = scope !== 0 ? scope : ip.multicastDevice;
    const device = net.devices.find((candidate) => candidate.index === index);
    if (!device) return ENETUNREACH;
    if (socket.addressGiven && !isMulticast(socket.localAddress)) return socket.localAddress;
    const own = device.addresses.find(({ address }) => isIpv4(address) === isIpv4(destination));
    return own?.address ?? ENETUNREACH;
  }
  if (isLinkLocal(destination) && scope === 0) return ENETUNREACH;
  if (isBroadcast(destination) && !socket.broadcast) return EACCES;
  const route = socket.inet.routes.lookup(destination);
  if (!route?.local) return ENETUNREACH;
  const own = route.device.addresses.find(({ address }) => isIpv4(address));
  const shared = own !== undefined && destination === broadcast(own);
  if (shared && !socket.broadcast) return EACCES;
  return socket.addressGiven && isIpv4(socket.localAddress) === isIpv4(destination)
    ? socket.localAddress
    : route.source;
}

/** Puts a datagram into the queues of those it is for. */
export function deliver(
  sender: UdpSocket,
  source: IpAddress,
  to: Endpoint,
  bytes: Uint8Array,
  control: SendControl,
): void {
  const { net } = sender;
  const four = isIpv4(to.address);
  const device = net.devices[0]!;
  device.received.bytes += bytes.length + 28;
  device.received.packets++;
  const datagram: Datagram = {
    bytes,
    source,
    sourcePort: sender.localPort,
    destination: to.address,
    ttl: control.ttl ?? (four ? sender.ip.v4Value(abi.IP_TTL) : sender.ip.v6Value(abi.IPV6_UNICAST_HOPS)),
    tos: control.tos ?? (four ? sender.ip.v4Value(abi.IP_TOS) : sender.ip.v6Value(abi.IPV6_TCLASS)),
    time: 0n,
  };
  if (isMulticast(to.address)) {
    deliverToGroup(sender, to, datagram);
    return;
  }
  const receiver = receiverOf(sender, source, to);
  if (receiver) receiver.queue.push(receiver, datagram);
  else sender.refused(to, bytes);
}

/** The socket that fits best; of several with SO_REUSEPORT the source port chooses one. */
function receiverOf(sender: UdpSocket, source: IpAddress, to: Endpoint): UdpSocket | undefined {
  let best: UdpSocket | undefined;
  let group: UdpSocket[] | undefined;
  let score = 0;
  for (const bound of sender.ports.at(to.port) ?? []) {
    if (!(bound instanceof UdpSocket)) continue;
    let fit = reach(bound, to.address);
    if (fit === 0) continue;
    if (bound.connected) {
      if (bound.remoteAddress !== source || bound.remotePort !== sender.localPort) continue;
      fit += 4;
    }
    if (fit < score) continue;
    if (fit > score || !bound.reusePort) group = undefined;
    else if (bound.reusePort && best) (group ??= [best]).push(bound);
    score = fit;
    best = bound;
  }
  return group ? group[sender.localPort % group.length] : best;
}

function deliverToGroup(sender: UdpSocket, to: Endpoint, datagram: Datagram): void {
  const four = isIpv4(to.address);
  const looped = four ? sender.ip.v4Value(abi.IP_MULTICAST_LOOP) : sender.ip.v6Value(abi.IPV6_MULTICAST_LOOP);
  if (looped === 0) return;
  const index = to.scope !== 0 ? to.scope : sender.ip.multicastDevice;
  const key = `${index}:${to.address}`;
  const joined = [...sender.inet.udpSockets].some((socket) => socket.ip.groups.has(key));
  for (const bound of sender.ports.at(to.port) ?? []) {
    if (!(bound instanceof UdpSocket)) continue;
    if (reach(bound, to.address) === 0 && bound.localAddress !== ANY4) continue;
    const all = four ? bound.ip.v4Value(abi.IP_MULTICAST_ALL) : bound.ip.v6Value(abi.IPV6_MULTICAST_ALL);
    if (bound.ip.groups.has(key) || (joined && all === 1)) bound.queue.push(bound, datagram);
  }
}
