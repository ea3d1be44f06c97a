// Ports: who is bound where, who may join him, and free ports. One table for TCP and one for UDP. socket(7), ip(7)
import { EADDRINUSE, type Errno } from "../../../abi/errno.ts";
import { AF_INET } from "../../../abi/socket.ts";
import type { Sysctl } from "../../sysctl.ts";
import { ANY4, ANY6, type IpAddress, isIpv4 } from "./address.ts";

/** What is bound to a port: a socket, or what is left of a connection in TIME_WAIT. */
export interface Bound {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  readonly localAddress: IpAddress;
  readonly v6only: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly boundDevice: number;
  readonly owner: number;
  readonly listening: boolean;
  readonly timeWait: boolean;
  /** The port was given by connect: other connections to elsewhere may share it. */
  readonly implicit: boolean;
}

/** Is the newcomer's address in the way of the other's? Linux asks by the newcomer's family; to IPv4 a socket of IPv6 that
 *  is not for IPv6 alone, and has an address of IPv6 by connect, has 127.0.0.6. */
export function overlap(newcomer: Bound, other: Bound): boolean {
  const x = newcomer.localAddress;
  const y = other.localAddress;
  if (newcomer.family === AF_INET) return !other.v6only && overlap4(x, asIpv4(y));
  if (isIpv4(x) && isIpv4(y)) return overlap4(x, y);
  if (x === y) return true;
  if (x === ANY6) return !isIpv4(y) || !newcomer.v6only;
  return y === ANY6 && (!isIpv4(x) || !other.v6only);
}

const overlap4 = (x: IpAddress, y: IpAddress): boolean => x === y || x === ANY4 || y === ANY4;
const asIpv4 = (address: IpAddress): IpAddress =>
  isIpv4(address) ? address : address === ANY6 ? ANY4 : "\x7f\0\0\x06";

export class PortTable {
  private readonly ports = new Map<number, Set<Bound>>();
  private readonly stream: boolean;
  private readonly sysctl: Sysctl;
  private next = 0;

  constructor(sysctl: Sysctl, stream: boolean) {
    this.sysctl = sysctl;
    this.stream = stream;
  }
  /** Ports below need CAP_NET_BIND_SERVICE. */
  get unprivileged(): number {
    return this.sysctl.number("net/ipv4/ip_unprivileged_port_start");
  }
  /** The first and last port that are given to who asks for none. */
  private get range(): [number, number] {
    const [first = 32768, last = 60999] = this.sysctl.numbers("net/ipv4/ip_local_port_range");
    return [first, Math.max(first, last)];
  }
  at(port: number): ReadonlySet<Bound> | undefined {
    return this.ports.get(port);
  }
  add(port: number, bound: Bound): void {
    const set = this.ports.get(port);
    if (set) set.add(bound);
    else this.ports.set(port, new Set([bound]));
  }
  remove(port: number, bound: Bound): void {
    const set = this.ports.get(port);
    if (set?.delete(bound) && set.size === 0) this.ports.delete(port);
  }
  /** Gives `bound` the port, or for 0 a free one. Returns the port. Errors: EADDRINUSE. */
  bind(bound: Bound, port: number): number | Errno {
    if (port === 0) return this.bindFree(bound);
    if (this.conflict(bound, port)) return EADDRINUSE;
    this.add(port, bound);
    return port;
  }
  bindFree(bound: Bound): number | Errno {
    const [first, last] = this.range;
    for (let i = first; i <= last; i++) {
      const port = this.advance(first, last);
      if (this.ports.has(port)) continue;
      this.add(port, bound);
      return port;
    }
    // All are taken: one that may be shared will do.
    for (let port = first; bound.reuseAddress && port <= last; port++) {
      if (this.conflict(bound, port)) continue;
      this.add(port, bound);
      return port;
    }
    return EADDRINUSE;
  }
  /** A port for a connection: nobody's, or one that only connections share and for which `free` says yes. */
  bindImplicit(bound: Bound, free: (port: number) => boolean): number | undefined {
    const [first, last] = this.range;
    for (let i = first; i <= last; i++) {
      const port = this.advance(first, last);
      const set = this.ports.get(port);
      if (set) {
        let shared = true;
        for (const other of set) shared &&= other.implicit;
        if (!shared || !free(port)) continue;
      }
      this.add(port, bound);
      return port;
    }
    return undefined;
  }
  /** Does anyone at the port stand in the way of `bound`? */
  conflict(bound: Bound, port: number): boolean {
    for (const other of this.ports.get(port) ?? []) {
      if (other === bound || !overlap(bound, other)) continue;
      if (bound.boundDevice !== 0 && other.boundDevice !== 0 && bound.boundDevice !== other.boundDevice) continue;
      if (bound.reuseAddress && other.reuseAddress && !(this.stream && other.listening)) continue;
      if (bound.reusePort && other.reusePort && (other.timeWait || other.owner === bound.owner)) continue;
      return true;
    }
    return false;
  }
  private advance(first: number, last: number): number {
    const port = this.next < first || this.next > last ? first : this.next;
    this.next = port + 1;
    return port;
  }
}
