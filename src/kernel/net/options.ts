// The options of SOL_SOCKET. Most are plain fields of the socket. socket(7)
import {
  EACCES,
  EDOM,
  EINVAL,
  ENODATA,
  ENODEV,
  ENOENT,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
  ERANGE,
  type Errno,
} from "../../abi/errno.ts";
import * as abi from "../../abi/socket.ts";
import { fromBytes, toBytes } from "../../lib/byte-string.ts";
import { CAP_NET_ADMIN, CAP_NET_RAW } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import type { Socket } from "./socket.ts";

const SEND_BUFFER_MIN = 4608;
const RECEIVE_BUFFER_MIN = 2304;

export function int(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

export function ints(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setInt32(i * 4, value, true);
  return bytes;
}

/** The int at the start of an option's value. */
export function intOf(value: Uint8Array, offset = 0): number {
  return new DataView(value.buffer, value.byteOffset).getInt32(offset, true);
}

const second = 1_000_000_000;

function timeval(timeout: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  if (timeout !== Number.POSITIVE_INFINITY) {
    view.setBigInt64(0, BigInt(Math.floor(timeout / second)), true);
    view.setBigInt64(8, BigInt(Math.floor((timeout % second) / 1000)), true);
  }
  return bytes;
}

/** Nanoseconds from a timeval: zero is for ever, a negative one not at all. */
function timeoutOf(value: Uint8Array): number | Errno {
  if (value.length < 16) return EINVAL;
  const view = new DataView(value.buffer, value.byteOffset);
  const seconds = Number(view.getBigInt64(0, true));
  const micros = Number(view.getBigInt64(8, true));
  if (micros < 0 || micros >= 1_000_000) return EDOM;
  if (seconds < 0) return 0;
  const timeout = seconds * second + micros * 1000;
  return timeout === 0 ? Number.POSITIVE_INFINITY : timeout;
}

export function setSocketOption(socket: Socket, task: Task, name: number, value: Uint8Array): 0 | Errno {
  if (name === abi.SO_BINDTODEVICE) return bindToDevice(socket, task, value);
  if (value.length < 4) return EINVAL;
  const number = intOf(value);
  const on = number !== 0;
  switch (name) {
    case abi.SO_DEBUG:
      return on && !task.cred.can(CAP_NET_ADMIN) ? EACCES : 0;
    case abi.SO_REUSEADDR:
      socket.reuseAddress = on;
      return 0;
    case abi.SO_REUSEPORT:
      if (on && socket.family !== abi.AF_INET && socket.family !== abi.AF_INET6) return EOPNOTSUPP;
      socket.reusePort = on;
      return 0;
    case abi.SO_TYPE:
    case abi.SO_PROTOCOL:
    case abi.SO_DOMAIN:
    case abi.SO_ERROR:
      return ENOPROTOOPT;
    case abi.SO_DONTROUTE:
      socket.dontRoute = on;
      return 0;
    case abi.SO_BROADCAST:
      socket.broadcast = on;
      return 0;
    case abi.SO_SNDBUF:
      socket.sendBuffer = Math.max(Math.min(number >>> 0, socket.net.tunable("core/wmem_max")) * 2, SEND_BUFFER_MIN);
      socket.onBufferSet();
      socket.writers.wakeAll();
      return 0;
    case abi.SO_RCVBUF:
      socket.receiveBuffer = Math.max(
        Math.min(number >>> 0, socket.net.tunable("core/rmem_max")) * 2,
        RECEIVE_BUFFER_MIN,
      );
      socket.onBufferSet();
      return 0;
    case abi.SO_SNDBUFFORCE:
    case abi.SO_RCVBUFFORCE: {
      if (!task.cred.can(CAP_NET_ADMIN)) return EPERM;
      const size = Math.min(Math.max(number, 0), 0x3fffffff) * 2;
      if (name === abi.SO_SNDBUFFORCE) socket.sendBuffer = Math.max(size, SEND_BUFFER_MIN);
      else socket.receiveBuffer = Math.max(size, RECEIVE_BUFFER_MIN);
      socket.onBufferSet();
      return 0;
    }
    case abi.SO_KEEPALIVE:
      socket.keepAlive = on;
      return 0;
    case abi.SO_OOBINLINE:
      socket.outOfBandInline = on;
      return 0;
    case abi.SO_NO_CHECK:
    case abi.SO_BSDCOMPAT:
    case abi.SO_RXQ_OVFL:
    case abi.SO_PASSSEC:
    case abi.SO_BUSY_POLL:
    case abi.SO_MAX_PACING_RATE:
    case abi.SO_INCOMING_CPU:
    case abi.SO_PASSPIDFD:
    case abi.SO_TIMESTAMPING_OLD:
    case abi.SO_TIMESTAMPING_NEW:
      return 0;
    case abi.SO_PRIORITY:
      if (
        (number < 0 || number > 6) &&
        !task.cred.canIn(socket.net.userNamespace, CAP_NET_RAW) &&
        !task.cred.canIn(socket.net.userNamespace, CAP_NET_ADMIN)
      )
        return EPERM;
      socket.priority = number;
      return 0;
    case abi.SO_LINGER:
      if (value.length < 8) return EINVAL;
      socket.linger = on ? intOf(value, 4) : undefined;
      return 0;
    case abi.SO_PASSCRED:
      if (socket.family !== abi.AF_UNIX && socket.family !== abi.AF_NETLINK) return EOPNOTSUPP;
      socket.passCredentials = on;
      return 0;
    case abi.SO_TIMESTAMP_OLD:
    case abi.SO_TIMESTAMP_NEW:
    case abi.SO_TIMESTAMPNS_OLD:
    case abi.SO_TIMESTAMPNS_NEW:
      socket.timestamps = on ? name : 0;
      return 0;
    case abi.SO_RCVLOWAT:
      socket.receiveLowWater = number < 0 ? 0x7fffffff : number === 0 ? 1 : number;
      socket.readers.wakeAll();
      return 0;
    case abi.SO_RCVTIMEO_OLD:
    case abi.SO_RCVTIMEO_NEW:
    case abi.SO_SNDTIMEO_OLD:
    case abi.SO_SNDTIMEO_NEW: {
      const timeout = timeoutOf(value);
      if (timeout < 0) return timeout as Errno;
      if (name === abi.SO_RCVTIMEO_OLD || name === abi.SO_RCVTIMEO_NEW) socket.receiveTimeout = timeout;
      else socket.sendTimeout = timeout;
      return 0;
    }
    case abi.SO_MARK:
      if (
        !task.cred.canIn(socket.net.userNamespace, CAP_NET_ADMIN) &&
        !task.cred.canIn(socket.net.userNamespace, CAP_NET_RAW)
      )
        return EPERM;
      socket.mark = number;
      return 0;
    case abi.SO_BINDTOIFINDEX:
      if (number !== 0 && !socket.net.devices.some((device) => device.index === number)) return ENODEV;
      socket.boundDevice = number;
      return 0;
    case abi.SO_DETACH_FILTER:
      return ENOENT;
    default:
      return ENOPROTOOPT;
  }
}

function bindToDevice(socket: Socket, task: Task, value: Uint8Array): 0 | Errno {
  const name = (fromBytes(value.subarray(0, 15)).split("\0")[0] ?? "") as string;
  if (name !== "" && socket.boundDevice !== 0 && !task.cred.canIn(socket.net.userNamespace, CAP_NET_RAW)) return EPERM;
  if (name === "") {
    socket.boundDevice = 0;
    return 0;
  }
  const device = socket.net.devices.find((candidate) => candidate.name === name);
  if (!device) return ENODEV;
  socket.boundDevice = device.index;
  return 0;
}

export function getSocketOption(socket: Socket, task: Task, name: number, length: number): Uint8Array | Errno {
  switch (name) {
    case abi.SO_DEBUG:
    case abi.SO_NO_CHECK:
    case abi.SO_BSDCOMPAT:
    case abi.SO_RXQ_OVFL:
    case abi.SO_PASSSEC:
    case abi.SO_BUSY_POLL:
    case abi.SO_PASSPIDFD:
    case abi.SO_LOCK_FILTER:
    case abi.SO_ZEROCOPY:
      return int(0);
    case abi.SO_INCOMING_CPU:
      return int(0);
    case abi.SO_REUSEADDR:
      return int(Number(socket.reuseAddress));
    case abi.SO_REUSEPORT:
      return int(Number(socket.reusePort));
    case abi.SO_TYPE:
      return int(socket.type);
    case abi.SO_PROTOCOL:
      return int(socket.protocol);
    case abi.SO_DOMAIN:
      return int(socket.family);
    case abi.SO_ERROR:
      return int(-socket.takeError());
    case abi.SO_DONTROUTE:
      return int(Number(socket.dontRoute));
    case abi.SO_BROADCAST:
      return int(Number(socket.broadcast));
    case abi.SO_SNDBUF:
      return int(socket.sendBuffer);
    case abi.SO_RCVBUF:
      return int(socket.receiveBuffer);
    case abi.SO_KEEPALIVE:
      return int(Number(socket.keepAlive));
    case abi.SO_OOBINLINE:
      return int(Number(socket.outOfBandInline));
    case abi.SO_PRIORITY:
      return int(socket.priority);
    case abi.SO_LINGER:
      return ints(socket.linger === undefined ? 0 : 1, socket.linger ?? 0);
    case abi.SO_PASSCRED:
      if (socket.family !== abi.AF_UNIX && socket.family !== abi.AF_NETLINK) return EOPNOTSUPP;
      return int(Number(socket.passCredentials));
    case abi.SO_PEERCRED: {
      const peer = socket.peerCredentials;
      if (!peer) return ints(0, -1, -1);
      const { userNamespace } = task.cred;
      return ints(task.pidNamespace.of(peer.pid), userNamespace.showUid(peer.uid), userNamespace.showGid(peer.gid));
    }
    case abi.SO_PEERGROUPS: {
      const groups = socket.peerGroups;
      if (!groups) return ENODATA;
      return length < groups.length * 4 ? ERANGE : ints(...groups.map((gid) => task.cred.userNamespace.showGid(gid)));
    }
    case abi.SO_PEERNAME: {
      const name = socket.nameOf(true);
      if (typeof name === "number") return ENOTCONN;
      return name.length < length ? EINVAL : name;
    }
    case abi.SO_TIMESTAMP_OLD:
    case abi.SO_TIMESTAMP_NEW:
    case abi.SO_TIMESTAMPNS_OLD:
    case abi.SO_TIMESTAMPNS_NEW:
      return int(Number(socket.timestamps === name));
    case abi.SO_TIMESTAMPING_OLD:
    case abi.SO_TIMESTAMPING_NEW:
      return ints(0, 0);
    case abi.SO_RCVLOWAT:
      return int(socket.receiveLowWater);
    case abi.SO_SNDLOWAT:
      return int(1);
    case abi.SO_RCVTIMEO_OLD:
    case abi.SO_RCVTIMEO_NEW:
      return timeval(socket.receiveTimeout);
    case abi.SO_SNDTIMEO_OLD:
    case abi.SO_SNDTIMEO_NEW:
      return timeval(socket.sendTimeout);
    case abi.SO_ACCEPTCONN:
      return int(Number(socket.listening));
    case abi.SO_MARK:
      return int(socket.mark);
    case abi.SO_MAX_PACING_RATE:
      return int(-1);
    case abi.SO_BINDTOIFINDEX:
      return int(socket.boundDevice);
    case abi.SO_BINDTODEVICE: {
      const device = socket.net.devices.find((candidate) => candidate.index === socket.boundDevice);
      if (!device) return new Uint8Array(0);
      return length < 16 ? EINVAL : toBytes(`${device.name}\0`);
    }
    case abi.SO_COOKIE: {
      if (length < 8) return EINVAL;
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(socket.file?.inode.ino ?? 0), true);
      return bytes;
    }
    case abi.SO_MEMINFO:
      return ints(0, socket.receiveBuffer, 0, socket.sendBuffer, 0, 0, 0, 0, 0);
    default:
      return ENOPROTOOPT;
  }
}
