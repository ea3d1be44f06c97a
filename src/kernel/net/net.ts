// A network namespace: the stack's state, that is families, sockets by address, devices. network_namespaces(7)
import { EAFNOSUPPORT, EINVAL, EPERM, EPROTONOSUPPORT, type Errno, ESOCKTNOSUPPORT } from "../../abi/errno.ts";
import { NETLINK_KOBJECT_UEVENT, NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_USERSOCK } from "../../abi/netlink.ts";
import {
  AF_INET,
  AF_INET6,
  AF_MAX,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  SOCK_DGRAM,
  SOCK_PACKET,
  SOCK_RAW,
} from "../../abi/socket.ts";
import type { Kernel } from "../kernel.ts";
import { FramePool } from "../mm/frame-pool.ts";
import { Namespace, type Ownership } from "../namespace/namespace.ts";
import { CAP_NET_RAW } from "../security/cred.ts";
import { Sysctl } from "../sysctl.ts";
import type { Task } from "../task/task.ts";
import { loopback, type NetworkDevice } from "./device.ts";
import { Inet } from "./inet/inet.ts";
import { NetlinkSocket } from "./netlink/socket.ts";
import { registerTables } from "./proc.ts";
import type { Socket } from "./socket.ts";
import { Unix } from "./unix/unix.ts";

const netlinkProtocols = [NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_USERSOCK, NETLINK_KOBJECT_UEVENT];

/** Those that are the machine's, whatever the namespace. */
export const GLOBAL_TUNABLES: ReadonlySet<string> = new Set([
  "core/rmem_default",
  "core/rmem_max",
  "core/wmem_default",
  "core/wmem_max",
]);

export class Net extends Namespace {
  readonly kind = "net";
  readonly kernel: Kernel;
  /** net.* of this namespace. */
  readonly sysctl: Sysctl;
  readonly unix: Unix;
  readonly inet: Inet;
  /** The loopback device, then those that lead outside. */
  readonly devices: NetworkDevice[];
  /** Pages under /proc/net by name ("tcp", "unix", "route"): what the stack shows there. */
  readonly tables = new Map<string, () => string>();
  readonly netlink = new Set<NetlinkSocket>();
  readonly frames: FramePool;

  constructor(kernel: Kernel, ownership?: Ownership) {
    super(ownership);
    this.kernel = kernel;
    this.sysctl = ownership ? new Sysctl() : kernel.sysctl;
    this.frames = ownership ? kernel.net.frames : new FramePool(kernel.ram);
    // The first one is configured at boot; later ones begin with a loopback device that is down.
    this.devices = [loopback(!ownership)];
    this.unix = new Unix(this);
    this.inet = new Inet(this);
    registerTables(this);
  }
  /** A tunable of the network: "core/somaxconn". */
  tunable(name: string): number {
    return (GLOBAL_TUNABLES.has(name) ? this.kernel.sysctl : this.sysctl).number(`net/${name}`);
  }
  /** A new socket without a file. Errors: EAFNOSUPPORT, ESOCKTNOSUPPORT, EPROTONOSUPPORT, EINVAL, EPERM. socket(2) */
  create(family: number, type: number, protocol: number, task: Task): Socket | Errno {
    if (family < 0 || family >= AF_MAX) return EAFNOSUPPORT;
    if (type < 0 || type > SOCK_PACKET) return EINVAL;
    switch (family) {
      case AF_UNIX:
        return this.unix.create(type, protocol);
      case AF_INET:
      case AF_INET6:
        return this.inet.create(family, type, protocol, task);
      case AF_NETLINK:
        if (type !== SOCK_RAW && type !== SOCK_DGRAM) return ESOCKTNOSUPPORT;
        if (!netlinkProtocols.includes(protocol)) return EPROTONOSUPPORT;
        return new NetlinkSocket(this, type, protocol);
      case AF_PACKET:
        return task.cred.canIn(this.userNamespace, CAP_NET_RAW) ? EAFNOSUPPORT : EPERM;
      default:
        return EAFNOSUPPORT;
    }
  }
}
