// NETLINK_SOCK_DIAG: the sockets of the machine, as ss(8) lists them. sock_diag(7)
import { EINVAL, ENOENT, type Errno } from "../../../abi/errno.ts";
import * as abi from "../../../abi/netlink.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "../../../abi/socket.ts";
import { toBytes } from "../../../lib/byte-string.ts";
import { type IpAddress, isIpv4, mapped } from "../inet/address.ts";
import { IPPROTO_TCP } from "../inet/protocols.ts";
import type { RawSocket } from "../inet/raw.ts";
import type { TcpSocket } from "../inet/tcp.ts";
import { tcpInfo } from "../inet/tcp-options.ts";
import { CLOSE, ESTABLISHED, LISTEN, TIME_WAIT } from "../inet/tcp-state.ts";
import { TimeWait } from "../inet/time-wait.ts";
import type { UdpSocket } from "../inet/udp.ts";
import type { Net } from "../net.ts";
import type { Socket } from "../socket.ts";
import type { UnixSocket } from "../unix/socket.ts";
import { MessageBuilder, type Request } from "./message.ts";

/** The answers to a dump; a question about one socket finds none. */
export function diagRequest(net: Net, request: Request): Uint8Array[] | Errno {
  const { payload, type } = request;
  if (type !== abi.SOCK_DIAG_BY_FAMILY) return EINVAL;
  if (payload.length < 24) return EINVAL;
  if ((request.flags & abi.NLM_F_DUMP) === 0) return ENOENT;
  const [family = 0, protocol = 0] = payload;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const states = view.getUint32(4, true);
  if (family === AF_UNIX) {
    const show = view.getUint32(12, true);
    const wanted = [...net.unix.sockets].filter((socket) => ((states >> unixState(socket)) & 1) === 1);
    return wanted.map((socket) => unixMessage(socket, show, request));
  }
  if (family !== AF_INET && family !== AF_INET6) return ENOENT;
  if (payload.length < 56) return EINVAL;
  const { inet } = net;
  const lines: Line[] = [];
  if (protocol === IPPROTO_TCP) {
    for (const socket of inet.tcpSockets) if (socket.state !== CLOSE) lines.push(tcpLine(socket));
    for (const entry of inet.connections.values()) if (entry instanceof TimeWait) lines.push(timeWaitLine(entry));
  } else {
    for (const socket of inet.udpSockets) {
      if (socket.protocol === protocol && socket.localPort !== 0) lines.push(datagramLine(socket));
    }
    if (protocol === 255) for (const socket of inet.rawSockets) lines.push(datagramLine(socket));
  }
  const wantsInfo = (payload[2]! & 2) !== 0 && protocol === IPPROTO_TCP;
  return lines
    .filter((line) => line.family === family && ((states >> line.state) & 1) === 1)
    .map((line) => inetMessage(line, wantsInfo, request));
}

interface Line {
  readonly family: number;
  readonly state: number;
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
  readonly received: number;
  readonly sent: number;
  readonly uid: number;
  readonly ino: number;
  readonly shut: number;
  readonly tcp?: TcpSocket;
}

const inodeOf = (socket: Socket): number => socket.file?.inode.ino ?? 0;

function tcpLine(socket: TcpSocket): Line {
  const listening = socket.state === LISTEN;
  return {
    family: socket.family,
    state: socket.state,
    local: socket.localAddress,
    localPort: socket.localPort,
    remote: socket.remoteAddress,
    remotePort: socket.remotePort,
    received: listening ? socket.pending.length : socket.input.length,
    sent: listening ? socket.backlog : Math.max(0, (socket.peer?.unread ?? 0) - (socket.peer?.window ?? 0)),
    uid: socket.owner,
    ino: inodeOf(socket),
    shut: socket.shut,
    tcp: socket,
  };
}

function timeWaitLine(entry: TimeWait): Line {
  return {
    family: entry.family,
    state: TIME_WAIT,
    local: entry.localAddress,
    localPort: entry.localPort,
    remote: entry.remoteAddress,
    remotePort: entry.remotePort,
    received: 0,
    sent: 0,
    uid: 0,
    ino: 0,
    shut: 3,
  };
}

function datagramLine(socket: UdpSocket | RawSocket): Line {
  return {
    family: socket.family,
    state: socket.remotePort !== 0 ? ESTABLISHED : CLOSE,
    local: socket.localAddress,
    localPort: socket.ports ? socket.localPort : socket.protocol,
    remote: socket.remoteAddress,
    remotePort: socket.remotePort,
    received: socket.queue.memory,
    sent: 0,
    uid: socket.owner,
    ino: inodeOf(socket),
    shut: socket.shut,
  };
}

/** Sixteen bytes, of which IPv4 uses four. */
function addressBytes(address: IpAddress, family: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const four = family === AF_INET;
  bytes.set(toBytes(four ? (isIpv4(address) ? address : "\0\0\0\0") : mapped(address)));
  return bytes;
}

function inetMessage(line: Line, wantsInfo: boolean, request: Request): Uint8Array {
  const { family, localPort, remotePort } = line;
  const message = new MessageBuilder()
    .u8(family, line.state, line.state === TIME_WAIT ? 3 : 0, 0)
    .u8(localPort >> 8, localPort & 255, remotePort >> 8, remotePort & 255)
    .u8(...addressBytes(line.local, family), ...addressBytes(line.remote, family))
    .u32(0, line.ino, 0)
    .u32(0, line.received, line.sent, line.uid, line.ino)
    .byte(abi.INET_DIAG_SHUTDOWN, line.shut);
  if (wantsInfo && line.tcp) message.attribute(abi.INET_DIAG_INFO, tcpInfo(line.tcp));
  return message.finish(abi.SOCK_DIAG_BY_FAMILY, abi.NLM_F_MULTI, request);
}

/** The state as the protocols number it: established, closed, listening. */
function unixState(socket: UnixSocket): number {
  if (socket.state === "listening") return LISTEN;
  return socket.state === "connected" ? ESTABLISHED : CLOSE;
}

function unixMessage(socket: UnixSocket, show: number, request: Request): Uint8Array {
  const ino = inodeOf(socket);
  const message = new MessageBuilder().u8(AF_UNIX, socket.type, unixState(socket), 0).u32(ino, ino, 0);
  if ((show & abi.UDIAG_SHOW_NAME) !== 0 && socket.name !== undefined) {
    const path = socket.name.charCodeAt(0) !== 0;
    message.raw(abi.UNIX_DIAG_NAME, path ? `${socket.name}\0` : socket.name);
  }
  if ((show & abi.UDIAG_SHOW_VFS) !== 0 && socket.inode) {
    message.number(abi.UNIX_DIAG_VFS, socket.inode.ino, socket.inode.superblock.dev);
  }
  if ((show & abi.UDIAG_SHOW_PEER) !== 0 && socket.peer) message.number(abi.UNIX_DIAG_PEER, inodeOf(socket.peer));
  if ((show & abi.UDIAG_SHOW_RQLEN) !== 0) {
    const { pending, backlog, inputBytes, charged } = socket;
    const queues = socket.listening ? [pending.length, backlog] : [inputBytes, charged];
    message.number(abi.UNIX_DIAG_RQLEN, ...queues);
  }
  message.byte(abi.UNIX_DIAG_SHUTDOWN, socket.shut);
  return message.finish(abi.SOCK_DIAG_BY_FAMILY, abi.NLM_F_MULTI, request);
}
