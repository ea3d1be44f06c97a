// The options of SOL_TCP. Over loopback most of them have nothing to steer: they are checked, kept and given back. tcp(7)
import { EINVAL, ENOENT, ENOPROTOOPT, EPERM, type Errno } from "../../../abi/errno.ts";
import * as abi from "../../../abi/inet.ts";
import { fromBytes, toBytes } from "../../../lib/byte-string.ts";
import { CAP_NET_ADMIN } from "../../security/cred.ts";
import type { Task } from "../../task/task.ts";
import { int, intOf } from "../options.ts";
import { check, type IntOption } from "./options.ts";
import type { TcpSocket } from "./tcp.ts";
import { CLOSE, LISTEN } from "./tcp-state.ts";

const range = (initial: number, min: number, max: number): IntOption => ({ initial, min, max });
const MAX_INT = 0x7fffffff;

const rows = new Map<number, IntOption>([
  [abi.TCP_NODELAY, range(0, 0, 1)],
  [abi.TCP_MAXSEG, range(536, 88, 32767)],
  [abi.TCP_CORK, range(0, 0, 1)],
  [abi.TCP_KEEPIDLE, range(7200, 1, 32767)],
  [abi.TCP_KEEPINTVL, range(75, 1, 32767)],
  [abi.TCP_KEEPCNT, range(9, 1, 127)],
  [abi.TCP_SYNCNT, range(6, 1, 127)],
  [abi.TCP_LINGER2, range(60, -1, MAX_INT)],
  [abi.TCP_DEFER_ACCEPT, range(0, 0, MAX_INT)],
  [abi.TCP_WINDOW_CLAMP, range(0, 0, MAX_INT)],
  [abi.TCP_QUICKACK, range(1, 0, 1)],
  [abi.TCP_THIN_LINEAR_TIMEOUTS, range(0, 0, 1)],
  [abi.TCP_THIN_DUPACK, range(0, 0, 1)],
  [abi.TCP_USER_TIMEOUT, range(0, 0, MAX_INT)],
  [abi.TCP_FASTOPEN, range(0, 0, MAX_INT)],
  [abi.TCP_TIMESTAMP, range(0, 0, MAX_INT)],
  [abi.TCP_NOTSENT_LOWAT, range(0, -0x80000000, MAX_INT)],
  [abi.TCP_SAVE_SYN, range(0, 0, 1)],
  [abi.TCP_FASTOPEN_CONNECT, range(0, 0, 1)],
  [abi.TCP_FASTOPEN_NO_COOKIE, range(0, 0, 1)],
  [abi.TCP_INQ, range(0, 0, 1)],
]);

const algorithms = ["reno", "cubic"];

export function setTcpOption(socket: TcpSocket, task: Task, name: number, value: Uint8Array): 0 | Errno {
  if (name === abi.TCP_CONGESTION) {
    if (value.length < 1) return EINVAL;
    const algorithm = fromBytes(value.subarray(0, 15)).split("\0")[0]!;
    if (!algorithms.includes(algorithm)) return ENOENT;
    socket.congestion = algorithm;
    return 0;
  }
  // Upper layers (kTLS): none are here.
  if (name === abi.TCP_ULP) return ENOENT;
  if (value.length < 4) return EINVAL;
  if (name === abi.TCP_REPAIR) return task.cred.canIn(socket.net.userNamespace, CAP_NET_ADMIN) ? ENOPROTOOPT : EPERM;
  const row = rows.get(name);
  if (!row) return ENOPROTOOPT;
  if (name === abi.TCP_FASTOPEN && socket.state !== CLOSE && socket.state !== LISTEN) return EINVAL;
  const number = intOf(value);
  const result = name === abi.TCP_MAXSEG && number === 0 ? row.initial : check(row, number, name === abi.TCP_LINGER2);
  if (result === EINVAL && name !== abi.TCP_NOTSENT_LOWAT) return EINVAL;
  socket.tcp.set(name, result);
  return 0;
}

export function getTcpOption(socket: TcpSocket, name: number, length: number): Uint8Array | Errno {
  if (name === abi.TCP_INFO) return tcpInfo(socket).subarray(0, length);
  if (name === abi.TCP_CONGESTION) {
    const bytes = new Uint8Array(16);
    bytes.set(toBytes(socket.congestion));
    return bytes;
  }
  if (name === abi.TCP_ULP) return new Uint8Array(0);
  const row = rows.get(name);
  if (!row) return ENOPROTOOPT;
  if (name === abi.TCP_MAXSEG && socket.phase === "connected") return int(65483);
  return int(socket.tcp.get(name) ?? row.initial);
}

/** struct tcp_info, as an idle connection over loopback has it. */
export function tcpInfo(socket: TcpSocket): Uint8Array {
  const bytes = new Uint8Array(248);
  const view = new DataView(bytes.buffer);
  bytes[0] = socket.state;
  // timestamps, SACK, window scaling (7 both ways)
  bytes[5] = 7;
  bytes[6] = 0x77;
  const set = (offset: number, value: number): void => view.setUint32(offset, value, true);
  const connected = socket.phase === "connected";
  set(8, 200_000); // rto, microseconds
  set(12, 40_000); // ato
  set(16, connected ? 65483 : 536); // snd_mss
  set(20, 536); // rcv_mss
  set(24, socket.state === LISTEN ? socket.pending.length : 0); // unacked: a listener's queue
  set(28, socket.state === LISTEN ? socket.backlog : 0); // sacked: its limit
  set(60, 65536); // pmtu
  set(64, 65535); // rcv_ssthresh
  set(68, 50); // rtt
  set(72, 25); // rttvar
  set(76, MAX_INT); // snd_ssthresh
  set(80, 10); // snd_cwnd
  set(84, 65483); // advmss
  set(88, 3); // reordering
  set(96, 65483); // rcv_space
  const set64 = (offset: number, value: number): void => view.setBigUint64(offset, BigInt(value), true);
  set64(120, socket.bytesSent); // bytes_acked
  set64(128, socket.bytesReceived);
  set(148, 1); // min_rtt
  set64(200, socket.bytesSent);
  return bytes;
}
