// struct msghdr, iovecs and ancillary data between user memory and the sockets. recvmsg(2), cmsg(3)
import { EFAULT, EINVAL, EMSGSIZE, ENOBUFS, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import {
  AF_UNIX,
  CMSGHDR_SIZE,
  cmsgAlign,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSGHDR_SIZE,
  SCM_CREDENTIALS,
  SCM_MAX_FD,
  SCM_RIGHTS,
  SOCKADDR_MAX,
  SOL_SOCKET,
} from "../../abi/socket.ts";
import { at, type IoBuffer, NULL, readIovec, readWords, type UserAddress, unsignedAt } from "../mm/user.ts";
import type { Control, Credentials, Incoming } from "../net/message.ts";
import type { Socket } from "../net/socket.ts";
import { CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN } from "../security/cred.ts";
import { anyFileOf, installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import type { File } from "../vfs/file.ts";

/** net.core.optmem_max: no more ancillary data than this. */
const OPTMEM_MAX = 131072;
const IOV_MAX = 1024;

export interface MessageHeader {
  readonly address: UserAddress;
  readonly name: UserAddress;
  readonly nameLength: number;
  readonly buffer: IoBuffer;
  readonly control: UserAddress;
  readonly controlLength: number;
}

/** Errors: EFAULT, EINVAL, EMSGSIZE for too many iovecs. */
export function readHeader(task: Task, address: UserAddress): MessageHeader | Errno {
  const words = readWords(task.mm, address, MSGHDR_SIZE / 4);
  if (!words) return EFAULT;
  const name = unsignedAt(words, 0) as UserAddress;
  let nameLength = name === NULL ? 0 : words[2]!;
  if (nameLength < 0) return EINVAL;
  nameLength = Math.min(nameLength, SOCKADDR_MAX);
  const vector = unsignedAt(words, 4) as UserAddress;
  const count = unsignedAt(words, 6);
  const control = unsignedAt(words, 8) as UserAddress;
  const controlLength = unsignedAt(words, 10);
  if (count > IOV_MAX) return EMSGSIZE;
  const buffer = readIovec(task.mm, vector, count);
  if (typeof buffer === "number") return buffer;
  if (controlLength > 0x7fffffff) return ENOBUFS;
  return { address, name, nameLength, buffer, control, controlLength };
}

/** A sockaddr argument. Errors: EINVAL for its length, EFAULT. */
export function readAddress(task: Task, address: UserAddress, length: number): Uint8Array | Errno {
  if (length < 0 || length > SOCKADDR_MAX) return EINVAL;
  return length === 0 ? new Uint8Array(0) : task.mm.read(address, length);
}

/** Writes a sockaddr and its full length, the address cut to the room given at `lengthAddress`. Errors: EFAULT, EINVAL. */
export function writeAddress(
  task: Task,
  address: UserAddress,
  lengthAddress: UserAddress,
  name: Uint8Array,
): 0 | Errno {
  const room = task.mm.readU32(lengthAddress);
  if (room === undefined) return EFAULT;
  if ((room | 0) < 0) return EINVAL;
  const part = name.length > room ? name.subarray(0, room) : name;
  if (part.length > 0 && task.mm.write(address, part) < 0) return EFAULT;
  return task.mm.writeU32(lengthAddress, name.length);
}

export interface SentControl {
  rights: File[] | undefined;
  credentials: Credentials | undefined;
  control: Control[] | undefined;
}

/** Reads the ancillary data of a send. Files come with a reference each. Errors: EINVAL, EBADF, EPERM, ESRCH, ENOBUFS. */
export function readControl(task: Task, socket: Socket, address: UserAddress, length: number): SentControl | Errno {
  if (length > OPTMEM_MAX) return ENOBUFS;
  const sent: SentControl = { rights: undefined, credentials: undefined, control: undefined };
  if (length === 0) return sent;
  const raw = task.mm.read(address, length);
  if (typeof raw === "number") return raw;
  const view = new DataView(raw.buffer, raw.byteOffset);
  const fail = (errno: Errno): Errno => {
    if (sent.rights) task.net.unix.release(sent.rights);
    return errno;
  };
  for (let offset = 0; offset + CMSGHDR_SIZE <= length; ) {
    const size = Number(view.getBigUint64(offset, true));
    if (size < CMSGHDR_SIZE || size > length - offset) return fail(EINVAL);
    const level = view.getInt32(offset + 8, true);
    const type = view.getInt32(offset + 12, true);
    const start = offset + CMSGHDR_SIZE;
    const end = offset + size;
    offset += cmsgAlign(size);
    if (level !== SOL_SOCKET) {
      (sent.control ??= []).push({ level, type, data: raw.slice(start, end) });
      continue;
    }
    // Only AF_UNIX carries files; credentials go wherever SCM does.
    if (type === SCM_RIGHTS) {
      if (socket.family !== AF_UNIX) return fail(EINVAL);
      const error = takeFiles(task, view, start, end, (sent.rights ??= []));
      if (error < 0) return fail(error as Errno);
    } else if (type === SCM_CREDENTIALS) {
      if (size !== CMSGHDR_SIZE + 12) return fail(EINVAL);
      const { userNamespace } = task.cred;
      const credentials = {
        pid: task.pidNamespace.find(view.getInt32(start, true)),
        uid: userNamespace.uid(view.getUint32(start + 4, true)),
        gid: userNamespace.gid(view.getUint32(start + 8, true)),
      };
      const error = mayClaim(task, credentials);
      if (error < 0) return fail(error as Errno);
      sent.credentials = credentials;
    } else return fail(EINVAL);
  }
  if (sent.rights?.length === 0) sent.rights = undefined;
  return sent;
}

function takeFiles(task: Task, view: DataView, start: number, end: number, files: File[]): 0 | Errno {
  const count = (end - start) >> 2;
  if (count + files.length > SCM_MAX_FD) return EINVAL;
  for (let i = 0; i < count; i++) {
    const file = anyFileOf(task, view.getInt32(start + i * 4, true));
    if (typeof file === "number") return file;
    files.push(file.ref());
  }
  return 0;
}

/** May the task say that it is this process and user? unix(7) */
function mayClaim(task: Task, { pid, uid, gid }: Credentials): 0 | Errno {
  const { cred } = task;
  if (uid === 0xffffffff || gid === 0xffffffff) return EINVAL;
  const ownUid = uid === cred.uid || uid === cred.euid || uid === cred.suid;
  const ownGid = gid === cred.gid || gid === cred.egid || gid === cred.sgid;
  if (pid !== task.pid && !cred.canIn(task.pidNamespace.userNamespace, CAP_SYS_ADMIN)) return EPERM;
  if (!ownUid && !cred.has(CAP_SETUID)) return EPERM;
  if (!ownGid && !cred.has(CAP_SETGID)) return EPERM;
  return pid === task.pid || task.kernel.tasks.group(pid) ? 0 : ESRCH;
}

/** Writes ancillary data piece by piece into the receiver's buffer. */
class ControlWriter {
  private readonly task: Task;
  private readonly address: UserAddress;
  private readonly length: number;
  used = 0;
  flags = 0;

  constructor(task: Task, address: UserAddress, length: number) {
    this.task = task;
    this.address = address;
    this.length = length;
  }
  /** Cuts what does not fit, and says so with MSG_CTRUNC. */
  put(level: number, type: number, data: Uint8Array): void {
    const left = this.length - this.used;
    if (left < CMSGHDR_SIZE) {
      this.flags |= MSG_CTRUNC;
      return;
    }
    const size = Math.min(CMSGHDR_SIZE + data.length, left);
    if (size < CMSGHDR_SIZE + data.length) this.flags |= MSG_CTRUNC;
    this.write(level, type, size, data.subarray(0, size - CMSGHDR_SIZE));
  }
  /** Gives the files descriptors as far as there is room for their numbers. */
  rights(files: readonly File[], closeOnExec: boolean): void {
    const room = Math.max(0, (this.length - this.used - CMSGHDR_SIZE) >> 2);
    const data = new Uint8Array(Math.min(room, files.length) * 4);
    const view = new DataView(data.buffer);
    let count = 0;
    for (; count < files.length && count < room; count++) {
      const fd = installFile(this.task, files[count]!.ref(), closeOnExec);
      if (fd < 0) break;
      view.setInt32(count * 4, fd, true);
    }
    if (count > 0) this.write(SOL_SOCKET, SCM_RIGHTS, CMSGHDR_SIZE + count * 4, data.subarray(0, count * 4));
    if (count < files.length) this.flags |= MSG_CTRUNC;
    this.task.net.unix.release(files);
  }
  private write(level: number, type: number, size: number, data: Uint8Array): void {
    const bytes = new Uint8Array(CMSGHDR_SIZE + data.length);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(size), true);
    view.setInt32(8, level, true);
    view.setInt32(12, type, true);
    bytes.set(data, CMSGHDR_SIZE);
    this.task.mm.write(at(this.address, this.used), bytes);
    this.used = Math.min(this.length, this.used + cmsgAlign(size));
  }
}

/** Writes what came beside the bytes; returns the flags and the length for the msghdr. */
export function writeControl(
  task: Task,
  message: Incoming,
  address: UserAddress,
  length: number,
): { flags: number; used: number } {
  const { credentials, control, rights } = message;
  message.rights = undefined;
  if (address === NULL || length === 0) {
    if (rights) task.net.unix.release(rights);
    return { flags: rights || credentials ? MSG_CTRUNC : 0, used: 0 };
  }
  const writer = new ControlWriter(task, address, length);
  for (const { level, type, data } of control ?? []) writer.put(level, type, data);
  if (credentials) {
    const data = new Uint8Array(12);
    const view = new DataView(data.buffer);
    const { userNamespace } = task.cred;
    view.setInt32(0, task.pidNamespace.of(credentials.pid), true);
    view.setUint32(4, userNamespace.showUid(credentials.uid), true);
    view.setUint32(8, userNamespace.showGid(credentials.gid), true);
    writer.put(SOL_SOCKET, SCM_CREDENTIALS, data);
  }
  if (rights) writer.rights(rights, (message.flags & MSG_CMSG_CLOEXEC) !== 0);
  return { flags: writer.flags, used: writer.used };
}
