// -yy: internet sockets by their protocol and the ends of their connection.

import { RawSocket } from "../../kernel/net/inet/raw.ts";
import { InetSocket } from "../../kernel/net/inet/socket.ts";
import { TcpSocket } from "../../kernel/net/inet/tcp.ts";
import { CLOSE } from "../../kernel/net/inet/tcp-state.ts";
import type { File } from "../../kernel/vfs/file.ts";
import { inet6 } from "./sockets.ts";

const IPPROTO_UDPLITE = 136;

const end = (address: string, port: number): string => {
  if (address.length === 4) return `${Array.from(address, (byte) => byte.charCodeAt(0)).join(".")}:${port}`;
  const view = new DataView(Uint8Array.from(address, (byte) => byte.charCodeAt(0)).buffer);
  return `[${inet6(view, 0)}]:${port}`;
};

/** "TCP:[127.0.0.1:80->127.0.0.1:90]"; undefined for what is no internet socket, or has no end yet. */
export function socketName(file: File): string | undefined {
  const socket = file.data;
  if (!(socket instanceof InetSocket)) return undefined;
  const raw = socket instanceof RawSocket;
  const tcp = socket instanceof TcpSocket;
  if (tcp ? socket.state === CLOSE && socket.remotePort === 0 : !raw && socket.localPort === 0) return undefined;
  const name = raw ? "RAW" : tcp ? "TCP" : socket.protocol === IPPROTO_UDPLITE ? "UDPLITE" : "UDP";
  const version = socket.family === 10 ? "v6" : "";
  const local = end(socket.localAddress, raw ? socket.protocol : socket.localPort);
  const remote = socket.remotePort === 0 ? "" : `->${end(socket.remoteAddress, socket.remotePort)}`;
  return `${name}${version}:[${local}${remote}]`;
}
