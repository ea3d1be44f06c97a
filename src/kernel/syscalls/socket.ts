// The socket family: each call checks its arguments and hands them to the socket. socket(2), send(2), recv(2)
// Messages with headers and ancillary data are read and written in socket-message.ts.
import { EAGAIN, EBADF, EFAULT, EINVAL, EMFILE, ENODATA, type Errno, ESRCH } from "../../abi/errno.ts";
import { RLIMIT_NOFILE } from "../../abi/flags.ts";
import { LANDLOCK_ACCESS_NET_BIND_TCP, LANDLOCK_ACCESS_NET_CONNECT_TCP } from "../../abi/landlock.ts";
import {
  MMSGHDR_SIZE,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_WAITFORONE,
  SO_PEERPIDFD,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_TYPE_MASK,
  SOL_SOCKET,
} from "../../abi/socket.ts";
import { mayUsePort } from "../landlock/ports.ts";
import { at, MAX_RW_COUNT, NULL, type UserAddress, UserBuffer } from "../mm/user.ts";
import { type Incoming, incoming, type Outgoing } from "../net/message.ts";
import { socketAt, socketFile } from "../net/operations.ts";
import { getSocketOption, setSocketOption } from "../net/options.ts";
import type { Socket } from "../net/socket.ts";
import { andThen, Wait } from "../sched/wait-queue.ts";
import { installFile } from "../task/descriptors.ts";
import { makePidfd } from "../task/pidfd.ts";
import type { Task } from "../task/task.ts";
import type { IoResult } from "../vfs/file.ts";
import { readAddress, readControl, readHeader, writeAddress, writeControl } from "./socket-message.ts";
import { Address, Fd, Flags, In, InBytes, InOut, Int, Out, OutBytes, type Row, Size, syscall, UInt } from "./table.ts";

const NEW_FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK;
const UIO_MAX = 1024;

function socket(task: Task, family: number, type: number, protocol: number): number {
  const flags = type & ~SOCK_TYPE_MASK;
  if ((flags & ~NEW_FLAGS) !== 0) return EINVAL;
  const made = task.net.create(family, type & SOCK_TYPE_MASK, protocol, task);
  if (typeof made === "number") return made;
  return installFile(task, socketFile(task.kernel, made, flags), (flags & SOCK_CLOEXEC) !== 0);
}

function socketpair(task: Task, family: number, type: number, protocol: number, fds: UserAddress): number {
  const flags = type & ~SOCK_TYPE_MASK;
  if ((flags & ~NEW_FLAGS) !== 0) return EINVAL;
  const cloexec = (flags & SOCK_CLOEXEC) !== 0;
  const first = task.net.create(family, type & SOCK_TYPE_MASK, protocol, task);
  if (typeof first === "number") return first;
  const second = task.net.create(family, type & SOCK_TYPE_MASK, protocol, task);
  if (typeof second === "number") return second;
  const paired = first.pair(second, task);
  const files = [socketFile(task.kernel, first, flags), socketFile(task.kernel, second, flags)] as const;
  if (paired < 0) {
    for (const file of files) file.unref();
    return paired;
  }
  const a = installFile(task, files[0], cloexec);
  const b = installFile(task, files[1], cloexec);
  if (a < 0 || b < 0 || task.mm.writeU32(fds, a) < 0 || task.mm.writeU32(at(fds, 4), b) < 0) {
    for (const fd of [a, b]) {
      const file = fd < 0 ? EBADF : task.files.remove(fd);
      if (typeof file !== "number") file.unref();
    }
    return a < 0 || b < 0 ? EMFILE : EFAULT;
  }
  return 0;
}

function mayUse({ cred }: Task, socket: Socket, address: Uint8Array, access: number): 0 | Errno {
  return cred.landlock ? mayUsePort(cred.landlock, socket, address, access) : 0;
}

function bind(task: Task, fd: number, address: UserAddress, length: number): IoResult {
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  const name = readAddress(task, address, length);
  if (typeof name === "number") return name;
  const barred = mayUse(task, found, name, LANDLOCK_ACCESS_NET_BIND_TCP);
  return barred !== 0 ? barred : found.bind(task, name);
}

function listen(task: Task, fd: number, backlog: number): number {
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  // A negative backlog is a very large one.
  return found.listen(task, Math.min(backlog >>> 0, task.net.tunable("core/somaxconn")));
}

const accept = (task: Task, fd: number, address: UserAddress, length: UserAddress): IoResult =>
  accept4(task, fd, address, length, 0);

function accept4(task: Task, fd: number, address: UserAddress, length: UserAddress, flags: number): IoResult {
  if ((flags & ~NEW_FLAGS) !== 0) return EINVAL;
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  // The descriptor comes first: a connection must not be lost for want of one.
  if (!task.files.hasRoom(task.group.limit(RLIMIT_NOFILE))) return EMFILE;
  const until = found.receiveUntil(found.file?.nonblocking ? MSG_DONTWAIT : 0);
  return andThen(found.accept(until), (connection) => {
    const file = socketFile(task.kernel, connection, flags);
    if (address !== NULL) {
      const name = connection.nameOf(true);
      const written = writeAddress(task, address, length, typeof name === "number" ? new Uint8Array(2) : name);
      if (written < 0) {
        file.unref();
        return written;
      }
    }
    return installFile(task, file, (flags & SOCK_CLOEXEC) !== 0);
  });
}

function connect(task: Task, fd: number, address: UserAddress, length: number): IoResult {
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  const name = readAddress(task, address, length);
  if (typeof name === "number") return name;
  const barred = mayUse(task, found, name, LANDLOCK_ACCESS_NET_CONNECT_TCP);
  if (barred !== 0) return barred;
  return found.connect(task, name, found.sendUntil(found.file?.nonblocking ? MSG_DONTWAIT : 0));
}

const getsockname = (task: Task, fd: number, address: UserAddress, length: UserAddress): number =>
  nameOf(task, fd, address, length, false);
const getpeername = (task: Task, fd: number, address: UserAddress, length: UserAddress): number =>
  nameOf(task, fd, address, length, true);

function nameOf(task: Task, fd: number, address: UserAddress, length: UserAddress, peer: boolean): number {
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  const name = found.nameOf(peer);
  return typeof name === "number" ? name : writeAddress(task, address, length, name);
}

/** MSG_DONTWAIT joined where the file is non-blocking; flags that only the kernel sets are taken out. */
const flagsOf = (found: Socket, flags: number): number => (found.file?.nonblocking ? flags | MSG_DONTWAIT : flags);

function sendto(
  task: Task,
  fd: number,
  buffer: UserAddress,
  size: number,
  flags: number,
  address: UserAddress,
  length: number,
): IoResult {
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  let name: Uint8Array | undefined;
  if (address !== NULL) {
    const read = readAddress(task, address, length);
    if (typeof read === "number") return read;
    if (read.length > 0) name = read;
  }
  const all = flagsOf(found, flags);
  return found.send(
    { from: new UserBuffer(task.mm, buffer, Math.min(size, MAX_RW_COUNT)), flags: all, name },
    found.sendUntil(all),
  );
}

function recvfrom(
  task: Task,
  fd: number,
  buffer: UserAddress,
  size: number,
  flags: number,
  address: UserAddress,
  length: UserAddress,
): IoResult {
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  const all = flagsOf(found, flags);
  const message = incoming(new UserBuffer(task.mm, buffer, Math.min(size, MAX_RW_COUNT)), all);
  const result = found.receive(message, found.receiveUntil(all));
  // The common case of recv(2): nothing besides bytes.
  if (typeof result === "number" && address === NULL && !message.rights) return result;
  return andThen(result, (count) => {
    if (message.rights) task.net.unix.release(message.rights);
    if (address === NULL) return count;
    const written = writeAddress(task, address, length, message.name ?? new Uint8Array(0));
    return written < 0 ? written : count;
  });
}

function sendmsg(task: Task, fd: number, address: UserAddress, flags: number): IoResult {
  const found = socketAt(task, fd);
  return typeof found === "number" ? found : sendOne(task, found, address, flags);
}

function sendOne(task: Task, found: Socket, address: UserAddress, flags: number): IoResult {
  const header = readHeader(task, address);
  if (typeof header === "number") return header;
  let name: Uint8Array | undefined;
  if (header.nameLength > 0) {
    const read = readAddress(task, header.name, header.nameLength);
    if (typeof read === "number") return read;
    name = read;
  }
  const all = flagsOf(found, flags);
  const sent = readControl(task, found, header.control, header.control === NULL ? 0 : header.controlLength);
  if (typeof sent === "number") return sent;
  const message: Outgoing = { from: header.buffer, flags: all, name, ...sent };
  const result = found.send(message, found.sendUntil(all));
  return sent.rights ? afterSend(task, message, result) : result;
}

/** Lets go of the files that the socket did not take, whichever way the send ends. */
function afterSend(task: Task, message: Outgoing, result: IoResult): IoResult {
  const finish = (value: number): number => {
    const { rights } = message;
    message.rights = undefined;
    if (rights) task.net.unix.release(rights);
    return value;
  };
  if (!(result instanceof Wait)) return finish(result);
  const { interrupt, onTimeout } = result;
  const wait = new Wait<number>(result.queues, () => afterSend(task, message, result.retry()));
  wait.deadline = result.deadline;
  wait.exclusive = result.exclusive;
  wait.onTimeout = () => finish(onTimeout());
  wait.interrupt = () => finish(typeof interrupt === "function" ? interrupt() : interrupt);
  return wait;
}

function recvmsg(task: Task, fd: number, address: UserAddress, flags: number): IoResult {
  const found = socketAt(task, fd);
  return typeof found === "number" ? found : receiveOne(task, found, address, flags, flagsUntil(found, flags));
}

const flagsUntil = (found: Socket, flags: number): number => found.receiveUntil(flagsOf(found, flags));

function receiveOne(task: Task, found: Socket, address: UserAddress, flags: number, until: number): IoResult {
  const header = readHeader(task, address);
  if (typeof header === "number") return header;
  const message: Incoming = incoming(header.buffer, flagsOf(found, flags));
  return andThen(found.receive(message, until), (count) => {
    const { mm } = task;
    const control = writeControl(task, message, header.control, header.controlLength);
    if (header.name !== NULL) {
      const name = message.name ?? new Uint8Array(0);
      const part = name.subarray(0, Math.min(name.length, header.nameLength));
      if (part.length > 0 && mm.write(header.name, part) < 0) return EFAULT;
      if (mm.writeU32(at(address, 8), name.length) < 0) return EFAULT;
    }
    const out = message.outFlags | control.flags | (flags & MSG_CMSG_CLOEXEC);
    if (mm.writeU32(at(address, 48), out) < 0) return EFAULT;
    if (mm.writeU64(at(address, 40), BigInt(control.used)) < 0) return EFAULT;
    return count;
  });
}

function sendmmsg(task: Task, fd: number, vector: UserAddress, count: number, flags: number): IoResult {
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  return sendMany(task, found, vector, Math.min(count, UIO_MAX), flags, 0);
}

function sendMany(
  task: Task,
  found: Socket,
  vector: UserAddress,
  count: number,
  flags: number,
  done: number,
): IoResult {
  for (; done < count; done++) {
    const address = at(vector, done * MMSGHDR_SIZE);
    const result = sendOne(task, found, address, flags);
    const record = (sent: number): number =>
      task.mm.writeU32(at(address, 56), sent) < 0 ? (done > 0 ? done : EFAULT) : done + 1;
    if (result instanceof Wait) {
      const index = done;
      const wait = andThen(result, (sent) =>
        record(sent) === index + 1 ? sendMany(task, found, vector, count, flags, index + 1) : EFAULT,
      );
      return index > 0 && wait instanceof Wait ? atLeast(wait, index) : wait;
    }
    if (result < 0) return done > 0 ? done : result;
    if (record(result) !== done + 1) return done > 0 ? done : EFAULT;
  }
  return done;
}

/** A wait whose early end, or error, answers with the messages that were moved. */
function atLeast(wait: Wait<number>, done: number): Wait<number> {
  const either = (result: number): number => (result < 0 ? done : result);
  const { retry } = wait;
  const same = new Wait<number>(wait.queues, () => {
    const result = retry();
    return result instanceof Wait ? atLeast(result, done) : either(result);
  });
  same.deadline = wait.deadline;
  same.exclusive = wait.exclusive;
  same.onTimeout = () => done;
  same.interrupt = () => done;
  return same;
}

function recvmmsg(
  task: Task,
  fd: number,
  vector: UserAddress,
  count: number,
  flags: number,
  timeout: UserAddress,
): IoResult {
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  let end = Number.POSITIVE_INFINITY;
  if (timeout !== NULL) {
    const raw = task.mm.read(timeout, 16);
    if (typeof raw === "number") return raw;
    const view = new DataView(raw.buffer, raw.byteOffset);
    const seconds = Number(view.getBigInt64(0, true));
    const nanos = Number(view.getBigInt64(8, true));
    if (seconds < 0 || nanos < 0 || nanos >= 1e9) return EINVAL;
    end = task.kernel.clock.monotonic() + seconds * 1e9 + nanos;
  }
  if ((flags & MSG_ERRQUEUE) === 0 && found.error !== 0) return found.takeError();
  return receiveMany(task, found, vector, Math.min(count, UIO_MAX), flags, end, 0);
}

function receiveMany(
  task: Task,
  found: Socket,
  vector: UserAddress,
  count: number,
  flags: number,
  end: number,
  done: number,
): IoResult {
  while (done < count) {
    const address = at(vector, done * MMSGHDR_SIZE);
    const once = done > 0 && (flags & MSG_WAITFORONE) !== 0 ? flags | MSG_DONTWAIT : flags;
    const result = receiveOne(task, found, address, once & ~MSG_WAITFORONE, flagsUntil(found, once));
    if (result instanceof Wait) {
      const index = done;
      const wait = andThen(result, (got) => {
        if (task.mm.writeU32(at(address, 56), got) < 0) return EFAULT;
        return receiveMany(task, found, vector, count, flags, end, index + 1);
      });
      return index > 0 && wait instanceof Wait ? atLeast(wait, index) : wait;
    }
    if (result < 0) {
      if (done === 0) return result;
      // An error after messages is the next call's.
      if (result !== EAGAIN) found.error = result as Errno;
      return done;
    }
    if (task.mm.writeU32(at(address, 56), result) < 0) return done > 0 ? done : EFAULT;
    done++;
    // The time-out is looked at between messages only. recvmmsg(2), BUGS
    if (end !== Number.POSITIVE_INFINITY && task.kernel.clock.monotonic() >= end) break;
  }
  return done;
}

function setsockopt(task: Task, fd: number, level: number, name: number, value: UserAddress, length: number): number {
  if (length < 0) return EINVAL;
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  const bytes = task.mm.read(value, Math.min(length, 65536));
  if (typeof bytes === "number") return bytes;
  return level === SOL_SOCKET ? setSocketOption(found, task, name, bytes) : found.setOption(task, level, name, bytes);
}

function getsockopt(
  task: Task,
  fd: number,
  level: number,
  name: number,
  value: UserAddress,
  lengthAddress: UserAddress,
): number {
  const found = socketAt(task, fd);
  if (typeof found === "number") return found;
  const room = task.mm.readU32(lengthAddress);
  if (room === undefined) return EFAULT;
  const length = room | 0;
  if (length < 0) return EINVAL;
  if (level === SOL_SOCKET && name === SO_PEERPIDFD) return peerPidfd(task, found, value, lengthAddress, length);
  const bytes =
    level === SOL_SOCKET ? getSocketOption(found, task, name, length) : found.getOption(task, level, name, length);
  if (typeof bytes === "number") return bytes;
  const part = bytes.subarray(0, Math.min(length, bytes.length));
  if (part.length > 0 && task.mm.write(value, part) < 0) return EFAULT;
  return task.mm.writeU32(lengthAddress, part.length);
}

/** SO_PEERPIDFD: a descriptor of the process that SO_PEERCRED names. Errors: ENODATA without one; ESRCH when it is gone. */
function peerPidfd(task: Task, found: Socket, value: UserAddress, lengthAddress: UserAddress, room: number): number {
  if (room < 4) return EINVAL;
  const peer = found.peerCredentials;
  if (!peer) return ENODATA;
  const group = task.kernel.tasks.group(peer.pid);
  if (!group) return ESRCH;
  const fd = installFile(task, makePidfd(task.kernel, group), true);
  if (fd < 0) return fd;
  if (task.mm.writeU32(value, fd) < 0) return EFAULT;
  return task.mm.writeU32(lengthAddress, 4);
}

function shutdown(task: Task, fd: number, how: number): number {
  const found = socketAt(task, fd);
  return typeof found === "number" ? found : found.shutdown(how);
}

export const rows: readonly Row[] = [
  syscall(198, "socket", [Int("family", "AF"), Int("type", "SOCK"), Int("protocol", "protocol")], socket, {
    gaps: "AF_PACKET, AF_VSOCK and other families",
  }),
  syscall(
    199,
    "socketpair",
    [Int("family", "AF"), Int("type", "SOCK"), Int("protocol", "protocol"), Out("fds", "int[2]")],
    socketpair,
  ),
  syscall(200, "bind", [Fd("fd"), In("address", "sockaddr"), Int("length")], bind),
  syscall(201, "listen", [Fd("fd"), Int("backlog")], listen),
  syscall(202, "accept", [Fd("fd"), Out("address", "sockaddr"), InOut("length", "socklen_t")], accept),
  syscall(203, "connect", [Fd("fd"), In("address", "sockaddr"), Int("length")], connect),
  syscall(204, "getsockname", [Fd("fd"), Out("address", "sockaddr"), InOut("length", "socklen_t")], getsockname),
  syscall(205, "getpeername", [Fd("fd"), Out("address", "sockaddr"), InOut("length", "socklen_t")], getpeername),
  syscall(
    206,
    "sendto",
    [
      Fd("fd"),
      InBytes("buffer", "size"),
      Size("size"),
      Flags("flags", "MSG"),
      In("address", "sockaddr"),
      Int("length"),
    ],
    sendto,
    { gaps: "MSG_OOB on AF_UNIX, MSG_ZEROCOPY" },
  ),
  syscall(
    207,
    "recvfrom",
    [
      Fd("fd"),
      OutBytes("buffer", "size"),
      Size("size"),
      Flags("flags", "MSG"),
      Out("address", "sockaddr"),
      InOut("length", "socklen_t"),
    ],
    recvfrom,
  ),
  syscall(
    208,
    "setsockopt",
    [Fd("fd"), Int("level", "SOL"), Int("name", "SO"), In("value", "sockopt"), Int("length")],
    setsockopt,
    {
      gaps: "socket filters, SO_PEEK_OFF, time stamps of hardware",
    },
  ),
  syscall(
    209,
    "getsockopt",
    [Fd("fd"), Int("level", "SOL"), Int("name", "SO"), Out("value", "sockopt"), InOut("length", "socklen_t")],
    getsockopt,
  ),
  syscall(210, "shutdown", [Fd("fd"), Int("how", "SHUT")], shutdown),
  syscall(211, "sendmsg", [Fd("fd"), In("message", "msghdr"), Flags("flags", "MSG")], sendmsg),
  syscall(212, "recvmsg", [Fd("fd"), InOut("message", "msghdr"), Flags("flags", "MSG")], recvmsg),
  syscall(
    242,
    "accept4",
    [Fd("fd"), Out("address", "sockaddr"), InOut("length", "socklen_t"), Flags("flags", "SOCK")],
    accept4,
  ),
  syscall(
    243,
    "recvmmsg",
    [Fd("fd"), InOut("vector", "mmsghdr"), UInt("count"), Flags("flags", "MSG"), Address("timeout", "timespec")],
    recvmmsg,
  ),
  syscall(269, "sendmmsg", [Fd("fd"), InOut("vector", "mmsghdr"), UInt("count"), Flags("flags", "MSG")], sendmmsg),
];
