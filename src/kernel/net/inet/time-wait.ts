// What is left of a TCP connection that this side closed first: for 60 seconds its port can't be bound without
// SO_REUSEADDR. tcp(7)
import type { Kernel } from "../../kernel.ts";
import type { Net } from "../net.ts";
import type { IpAddress } from "./address.ts";
import type { Bound } from "./ports.ts";
import type { TcpSocket } from "./tcp.ts";

/** TCP_TIMEWAIT_LEN, nanoseconds. */
const LENGTH = 60_000_000_000;

export class TimeWait implements Bound {
  readonly timeWait = true;
  readonly listening = false;
  readonly family: number;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  readonly v6only: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly boundDevice: number;
  readonly owner: number;
  readonly implicit: boolean;
  private readonly kernel: Kernel;
  private readonly net: Net;
  private readonly key: string;

  constructor(socket: TcpSocket, key: string) {
    this.kernel = socket.kernel;
    this.net = socket.net;
    this.key = key;
    this.family = socket.family;
    this.localAddress = socket.localAddress;
    this.localPort = socket.localPort;
    this.remoteAddress = socket.remoteAddress;
    this.remotePort = socket.remotePort;
    this.v6only = socket.v6only;
    this.reuseAddress = socket.reuseAddress;
    this.reusePort = socket.reusePort;
    this.boundDevice = socket.boundDevice;
    this.owner = socket.owner;
    this.implicit = socket.implicit;
    const { inet } = this.net;
    inet.tcpPorts.add(this.localPort, this);
    inet.connections.set(key, this);
    this.kernel.timers.set(this.kernel.clock.monotonic() + LENGTH, () => this.end());
  }
  end(): void {
    const { inet } = this.net;
    inet.tcpPorts.remove(this.localPort, this);
    if (inet.connections.get(this.key) === this) inet.connections.delete(this.key);
  }
}
