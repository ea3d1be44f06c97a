// Where packets go: which addresses are this machine's, and which device leads to others. A way out of the machine is a
// device in Net.devices and a route here.
import { IFF_UP, type NetworkDevice } from "../device.ts";
import type { Net } from "../net.ts";
import { ANY4, ANY6, type IpAddress, inPrefix, LOOPBACK4, LOOPBACK6 } from "./address.ts";

export interface Route {
  readonly device: NetworkDevice;
  /** The address that packets bear unless the socket says otherwise. */
  readonly source: IpAddress;
  /** The destination is this machine itself. */
  readonly local: boolean;
  readonly gateway?: IpAddress;
}

/** A line of the routing table, besides the local addresses. */
export interface RouteEntry {
  readonly network: IpAddress;
  readonly prefix: number;
  readonly device: NetworkDevice;
  readonly source: IpAddress;
  readonly gateway?: IpAddress;
}

export class Routes {
  private readonly net: Net;
  readonly entries: RouteEntry[] = [];

  constructor(net: Net) {
    this.net = net;
  }
  /** The device, if it is up, that has the address; the loopback device has all of 127.0.0.0/8. */
  deviceOf(address: IpAddress): NetworkDevice | undefined {
    for (const device of this.net.devices) {
      if ((device.flags & IFF_UP) === 0) continue;
      for (const own of device.addresses) {
        if (own.address === address) return device;
        if (own.address === LOOPBACK4 && inPrefix(address, LOOPBACK4, own.prefix)) return device;
      }
    }
    return undefined;
  }
  /** May a socket be bound to it? */
  isLocal(address: IpAddress): boolean {
    // 127.0.0.0/8 is this machine's even while the loopback device is down.
    return inPrefix(address, LOOPBACK4, 8) || this.deviceOf(address) !== undefined;
  }
  /** undefined: unreachable. The any address stands for this machine. */
  lookup(destination: IpAddress): Route | undefined {
    if (destination === ANY4) return this.lookup(LOOPBACK4);
    if (destination === ANY6) return this.lookup(LOOPBACK6);
    const device = this.deviceOf(destination);
    if (device) {
      const source = inPrefix(destination, LOOPBACK4, 8) ? LOOPBACK4 : destination;
      return { device, source, local: true };
    }
    let best: RouteEntry | undefined;
    for (const entry of this.entries) {
      if (inPrefix(destination, entry.network, entry.prefix) && (!best || entry.prefix > best.prefix)) best = entry;
    }
    return best && { ...best, local: false };
  }
}
