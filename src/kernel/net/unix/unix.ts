// AF_UNIX as a whole: its names, its sockets, the files in flight. unix(7)
import { EPROTONOSUPPORT, type Errno, ESOCKTNOSUPPORT } from "../../../abi/errno.ts";
import { AF_UNIX, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM } from "../../../abi/socket.ts";
import type { File } from "../../vfs/file.ts";
import type { Net } from "../net.ts";
import { UnixDatagram } from "./datagram.ts";
import { FilesInFlight } from "./rights.ts";
import type { UnixSocket } from "./socket.ts";
import { UnixStream } from "./stream.ts";

export class Unix {
  private readonly net: Net;
  /** The abstract namespace. */
  readonly abstract = new Map<string, UnixSocket>();
  /** All sockets, for /proc/net/unix. */
  readonly sockets = new Set<UnixSocket>();
  /** One for all namespaces: sockets with names in the filesystem, and descriptors, cross them. */
  readonly inFlight: FilesInFlight;
  private nextAuto = 0;

  constructor(net: Net) {
    this.net = net;
    this.inFlight = net.kernel.net?.unix.inFlight ?? new FilesInFlight();
  }
  create(type: number, protocol: number): UnixSocket | Errno {
    if (protocol !== 0 && protocol !== AF_UNIX) return EPROTONOSUPPORT;
    switch (type) {
      case SOCK_STREAM:
        return new UnixStream(this.net, SOCK_STREAM);
      case SOCK_DGRAM:
      // BSD: a raw socket of this family is a datagram one.
      case SOCK_RAW:
        return new UnixDatagram(this.net, SOCK_DGRAM);
      case SOCK_SEQPACKET:
        return new UnixDatagram(this.net, SOCK_SEQPACKET);
      default:
        return ESOCKTNOSUPPORT;
    }
  }
  /** A free name of five hexadecimal digits: autobind. */
  freeName(): string | undefined {
    for (let tries = 0; tries < 0x100000; tries++) {
      this.nextAuto = (this.nextAuto + 1) & 0xfffff;
      const name = `\0${this.nextAuto.toString(16).padStart(5, "0")}`;
      if (!this.abstract.has(name)) return name;
    }
    return undefined;
  }
  release(files: readonly File[]): void {
    this.inFlight.release(files);
  }
}
