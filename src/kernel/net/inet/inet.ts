// AF_INET and AF_INET6 as a whole: ports, listeners, connections, routes. ip(7), tcp(7), udp(7)
import { EACCES, EINVAL, EPERM, EPROTONOSUPPORT, type Errno, ESOCKTNOSUPPORT } from "../../../abi/errno.ts";
import { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from "../../../abi/socket.ts";
import { CAP_NET_RAW } from "../../security/cred.ts";
import type { Task } from "../../task/task.ts";
import type { Net } from "../net.ts";
import { ANY4, ANY6, type IpAddress, isIpv4 } from "./address.ts";
import { PortTable } from "./ports.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from "./protocols.ts";
import { RawSocket } from "./raw.ts";
import { Routes } from "./route.ts";
import { TcpSocket } from "./tcp.ts";
import type { TimeWait } from "./time-wait.ts";
import { UdpSocket } from "./udp.ts";

export class Inet {
  private readonly net: Net;
  readonly routes: Routes;
  readonly tcpPorts: PortTable;
  readonly udpPorts: PortTable;
  readonly udplitePorts: PortTable;
  /** Listening TCP sockets by port. */
  private readonly listeners = new Map<number, TcpSocket[]>();
  /** Connections by their four parts, and what is left of closed ones. */
  readonly connections = new Map<string, TcpSocket | TimeWait>();
  readonly tcpSockets = new Set<TcpSocket>();
  readonly udpSockets = new Set<UdpSocket>();
  readonly rawSockets = new Set<RawSocket>();
  private turn = 0;

  constructor(net: Net) {
    this.net = net;
    this.routes = new Routes(net);
    this.tcpPorts = new PortTable(net.sysctl, true);
    this.udpPorts = new PortTable(net.sysctl, false);
    this.udplitePorts = new PortTable(net.sysctl, false);
  }
  create(family: number, type: number, protocol: number, task: Task): TcpSocket | UdpSocket | RawSocket | Errno {
    if (protocol < 0 || protocol > 262) return EINVAL;
    switch (type) {
      case SOCK_STREAM:
        if (protocol !== IPPROTO_IP && protocol !== IPPROTO_TCP) return EPROTONOSUPPORT;
        return new TcpSocket(this.net, family);
      case SOCK_DGRAM:
        // Ping sockets are for the groups of net.ipv4.ping_group_range, which are none.
        if (protocol === IPPROTO_ICMP && family === AF_INET) return EACCES;
        if (protocol === IPPROTO_ICMPV6 && family === AF_INET6) return EACCES;
        if (protocol === IPPROTO_UDPLITE) return new UdpSocket(this.net, family, IPPROTO_UDPLITE);
        if (protocol !== IPPROTO_IP && protocol !== IPPROTO_UDP) return EPROTONOSUPPORT;
        return new UdpSocket(this.net, family, IPPROTO_UDP);
      case SOCK_RAW:
        if (protocol === IPPROTO_IP) return EPROTONOSUPPORT;
        if (!task.cred.canIn(this.net.userNamespace, CAP_NET_RAW)) return EPERM;
        return new RawSocket(this.net, family, protocol);
      default:
        return ESOCKTNOSUPPORT;
    }
  }
  addListener(socket: TcpSocket): void {
    const list = this.listeners.get(socket.localPort);
    if (list) list.push(socket);
    else this.listeners.set(socket.localPort, [socket]);
  }
  removeListener(socket: TcpSocket): void {
    const list = this.listeners.get(socket.localPort);
    const index = list?.indexOf(socket) ?? -1;
    if (!list || index < 0) return;
    list.splice(index, 1);
    if (list.length === 0) this.listeners.delete(socket.localPort);
  }
  /** Who listens for connections to an address: the most specific one; several with SO_REUSEPORT take turns. */
  listener(address: IpAddress, port: number): TcpSocket | undefined {
    const list = this.listeners.get(port);
    if (!list) return undefined;
    let best: TcpSocket[] = [];
    let score = 1;
    for (const socket of list) {
      const fit = reach(socket, address);
      if (fit < score) continue;
      if (fit > score) best = [];
      score = fit;
      best.push(socket);
    }
    const [first] = best;
    if (!first || best.length === 1 || !first.reusePort) return first;
    return best[this.turn++ % best.length];
  }
}

/** The key of a connection in Inet.connections. */
export function connectionKey(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): string {
  return `${localPort}:${remotePort}:${local}${remote}`;
}

/** How well a bound socket fits a destination: 0 not at all, 3 best. */
export function reach(socket: { localAddress: IpAddress; v6only: boolean }, address: IpAddress): number {
  const { localAddress } = socket;
  if (localAddress === address) return 3;
  if (localAddress === ANY4) return isIpv4(address) ? 2 : 0;
  if (localAddress !== ANY6) return 0;
  return isIpv4(address) ? (socket.v6only ? 0 : 1) : 2;
}
