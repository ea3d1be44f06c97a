// What sockets of AF_INET and AF_INET6 share: addresses, binding, names, options of the IP layer. ip(7), ipv6(7)
import {
  EACCES,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EINVAL,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  type Errno,
} from "../../../abi/errno.ts";
import { AF_INET, AF_INET6, AF_UNSPEC, familyOf, SOCK_STREAM, SOL_IP, SOL_IPV6 } from "../../../abi/socket.ts";
import type { UserAddress } from "../../mm/user.ts";
import { CAP_NET_BIND_SERVICE } from "../../security/cred.ts";
import type { Task } from "../../task/task.ts";
import type { IoResult } from "../../vfs/file.ts";
import { interfaceIoctl } from "../interface.ts";
import type { Net } from "../net.ts";
import { Socket } from "../socket.ts";
import {
  ANY4,
  ANY6,
  type Endpoint,
  formatEndpoint,
  type IpAddress,
  isAny,
  isBroadcast,
  isIpv4,
  isMulticast,
  LOOPBACK4,
  LOOPBACK6,
  parseEndpoint,
} from "./address.ts";
import type { Inet } from "./inet.ts";
import { getIpOption, getIpv6Option, IpOptions, setIpOption, setIpv6Option } from "./options.ts";
import type { Bound, PortTable } from "./ports.ts";

export abstract class InetSocket extends Socket implements Bound {
  localAddress: IpAddress;
  /** 0 until bound. */
  localPort = 0;
  remoteAddress: IpAddress;
  /** 0 unless connected. */
  remotePort = 0;
  scope = 0;
  /** bind(2) gave it an address; connect leaves that. */
  addressGiven = false;
  /** bind(2) gave it a port. */
  portGiven = false;
  v6only = false;
  implicit = false;
  readonly timeWait: boolean = false;
  readonly ip: IpOptions;

  constructor(net: Net, family: number, type: number, protocol: number) {
    super(net, family, type, protocol);
    this.localAddress = this.remoteAddress = this.any;
    this.ip = new IpOptions();
    this.v6only = family === AF_INET6 && net.tunable("ipv6/bindv6only") !== 0;
  }
  get inet(): Inet {
    return this.net.inet;
  }
  get any(): IpAddress {
    return this.family === AF_INET ? ANY4 : ANY6;
  }
  /** Where its ports are; undefined for raw sockets. */
  abstract get ports(): PortTable | undefined;
  /** Neither connected nor listening. */
  abstract get idle(): boolean;

  bind(task: Task, name: Uint8Array): IoResult {
    const endpoint = this.bindEndpoint(name);
    if (typeof endpoint === "number") return endpoint;
    const { address, port } = endpoint;
    const special = isAny(address) || isMulticast(address) || isBroadcast(address);
    if (isMulticast(address) && !isIpv4(address) && this.type === SOCK_STREAM) return EINVAL;
    if (isIpv4(address) && this.family === AF_INET6 && this.v6only) return EINVAL;
    if (!special && !this.ip.freeBind && !this.inet.routes.isLocal(address)) return EADDRNOTAVAIL;
    const privileged = port !== 0 && port < (this.ports?.unprivileged ?? 0);
    if (privileged && !task.cred.canIn(this.net.userNamespace, CAP_NET_BIND_SERVICE)) return EACCES;
    if (!this.idle || this.localPort !== 0) return EINVAL;
    const before = { address: this.localAddress, v6only: this.v6only };
    this.localAddress = address;
    // One address of IPv6 leaves IPv4 to others. net/ipv6/af_inet6.c
    if (!isIpv4(address) && !isAny(address)) this.v6only = true;
    if (port !== 0 || !this.ip.noPort) {
      const bound = this.ports ? this.ports.bind(this, port) : port;
      if (bound < 0) {
        this.localAddress = before.address;
        this.v6only = before.v6only;
        return bound;
      }
      this.localPort = bound;
      this.portGiven = port !== 0;
    }
    this.addressGiven = !isAny(address);
    this.scope = endpoint.scope;
    return 0;
  }
  private bindEndpoint(name: Uint8Array): Endpoint | Errno {
    // Programs that leave the family out bind to any address.
    if (this.family === AF_INET && name.length >= 16 && familyOf(name) === AF_UNSPEC) {
      const copy = name.slice();
      copy[0] = AF_INET;
      const endpoint = parseEndpoint(AF_INET, copy);
      return typeof endpoint !== "number" && endpoint.address === ANY4 ? endpoint : EAFNOSUPPORT;
    }
    return parseEndpoint(this.family, name);
  }
  /** Takes a free port unless it has one. */
  autobind(): 0 | Errno {
    if (this.localPort !== 0 || !this.ports) return 0;
    const port = this.ports.bindFree(this);
    if (port < 0) return EAGAIN;
    this.localPort = port;
    return 0;
  }
  /** Gives port and address back. */
  unbind(): void {
    if (this.localPort !== 0) this.ports?.remove(this.localPort, this);
    this.localPort = 0;
    this.localAddress = this.any;
  }
  nameOf(peer: boolean): Uint8Array | Errno {
    if (!peer) return formatEndpoint(this.family, this.localAddress, this.localPort, this.scope);
    if (this.remotePort === 0) return ENOTCONN;
    return formatEndpoint(this.family, this.remoteAddress, this.remotePort, this.scope);
  }
  override setOption(task: Task, level: number, name: number, value: Uint8Array): 0 | Errno {
    if (level === SOL_IP) return setIpOption(this, task, name, value);
    if (level === SOL_IPV6 && this.family === AF_INET6) return setIpv6Option(this, task, name, value);
    return ENOPROTOOPT;
  }
  override getOption(_task: Task, level: number, name: number, length: number): Uint8Array | Errno {
    if (level === SOL_IP) return getIpOption(this, name, length);
    if (level === SOL_IPV6 && this.family === AF_INET6) return getIpv6Option(this, name);
    return level === SOL_IPV6 ? ENOPROTOOPT : EOPNOTSUPP;
  }
  override ioctl(task: Task, command: number, argument: UserAddress): IoResult {
    return interfaceIoctl(this.net, task, command, argument);
  }
}

/** What the any address means as a destination: the address that the socket is bound to, or the loopback's. */
export function thisHost(socket: InetSocket, any: IpAddress): IpAddress {
  const { localAddress } = socket;
  const bound = socket.addressGiven && isIpv4(localAddress);
  if (any === ANY4) return bound ? localAddress : LOOPBACK4;
  return bound ? LOOPBACK4 : LOOPBACK6;
}
