// The network stack's state: families, sockets by address, devices.
import { EAFNOSUPPORT, EINVAL, type Errno } from "../../abi/errno.ts";
import { AF_MAX, AF_UNIX, SOCK_PACKET, SOMAXCONN } from "../../abi/socket.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { NetworkDevice } from "./device.ts";
import type { Socket } from "./socket.ts";
import { Unix } from "./unix/unix.ts";

export class Net {
  readonly kernel: Kernel;
  readonly unix: Unix;
  readonly devices: NetworkDevice[] = [];
  /** Pages under /proc/net by name ("tcp", "unix", "route"): what the stack shows there. */
  readonly tables = new Map<string, () => string>();
  /** net.core.somaxconn */
  somaxconn = SOMAXCONN;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.unix = new Unix(kernel);
  }
  /** A new socket without a file. Errors: EAFNOSUPPORT, ESOCKTNOSUPPORT, EPROTONOSUPPORT, EINVAL, EPERM. socket(2) */
  create(family: number, type: number, protocol: number, _task: Task): Socket | Errno {
    if (family < 0 || family >= AF_MAX) return EAFNOSUPPORT;
    if (type < 0 || type > SOCK_PACKET) return EINVAL;
    switch (family) {
      case AF_UNIX:
        return this.unix.create(type, protocol);
      default:
        return EAFNOSUPPORT;
    }
  }
}
