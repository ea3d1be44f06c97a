// The network stack's state: sockets by address, devices, ports.
import type { Kernel } from "../kernel.ts";

export class Net {
  readonly kernel: Kernel;
  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
}
