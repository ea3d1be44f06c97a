// A listener as a file: its ioctls. Whose calls are asked about, and how they wait, is in listener.ts. seccomp_unotify(2)
import { E2BIG, EBADF, EFAULT, EINPROGRESS, EINVAL, ENOENT, type Errno } from "../../abi/errno.ts";
import { O_CLOEXEC, O_RDWR, RLIMIT_NOFILE } from "../../abi/flags.ts";
import {
  SECCOMP_IOCTL_NOTIF_ADDFD,
  SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR,
  SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND,
  SECCOMP_IOCTL_NOTIF_SET_FLAGS,
} from "../../abi/ioctl.ts";
import {
  SECCOMP_ADDFD_FLAG_SEND,
  SECCOMP_ADDFD_FLAG_SETFD,
  SECCOMP_NOTIF_ADDFD_SIZE,
  SECCOMP_NOTIF_RESP_SIZE,
  SECCOMP_NOTIF_SIZE,
  SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP,
  SECCOMP_USER_NOTIF_FLAG_CONTINUE,
} from "../../abi/seccomp.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { UserAddress } from "../mm/user.ts";
import { andThen } from "../sched/wait-queue.ts";
import { closeFile, fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { anonymousFile } from "../vfs/anonymous.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";
import type { Listener, Notification } from "./listener.ts";

const listenerOf = (file: File): Listener => file.data as Listener;
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Fills a struct seccomp_notif, which must be zero. Errors: EINVAL, EFAULT, ENOENT. */
function receive(listener: Listener, task: Task, address: UserAddress): IoResult {
  const given = task.mm.read(address, SECCOMP_NOTIF_SIZE);
  if (typeof given === "number") return given;
  if (given.some((byte) => byte !== 0)) return EINVAL;
  return andThen<Notification, number>(listener.receive(), (notification) => {
    const bytes = new Uint8Array(SECCOMP_NOTIF_SIZE);
    const view = viewOf(bytes);
    view.setBigUint64(0, notification.id, true);
    view.setUint32(8, notification.task.tid, true);
    bytes.set(notification.data, 16);
    if (task.mm.write(address, bytes) === 0) return 0;
    listener.takeBack(notification);
    return EFAULT;
  });
}

/** Errors: EFAULT, EINVAL, ENOENT, EINPROGRESS. */
function send(listener: Listener, task: Task, address: UserAddress): 0 | Errno {
  const bytes = task.mm.read(address, SECCOMP_NOTIF_RESP_SIZE);
  if (typeof bytes === "number") return bytes;
  const view = viewOf(bytes);
  const value = view.getBigInt64(8, true);
  const error = view.getInt32(16, true);
  const flags = view.getUint32(20, true);
  if ((flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0) return EINVAL;
  if (flags !== 0 && (error !== 0 || value !== 0n)) return EINVAL;
  const notification = answerable(listener, view.getBigUint64(0, true));
  if (typeof notification === "number") return notification;
  listener.reply(notification, value, error, flags);
  return 0;
}

function answerable(listener: Listener, id: bigint): Notification | Errno {
  const notification = listener.find(id);
  if (!notification) return ENOENT;
  return notification.state === "sent" ? notification : EINPROGRESS;
}

function isValid(listener: Listener, task: Task, address: UserAddress): 0 | Errno {
  const id = task.mm.readU64(address);
  if (id === undefined) return EFAULT;
  return listener.find(id)?.state === "sent" ? 0 : ENOENT;
}

/** Gives the asking task a descriptor of one of the listener's files, as its answer if that is asked for. `size`: of the
 *  struct seccomp_notif_addfd as the caller knows it. Errors: EINVAL, E2BIG, EFAULT, EBADF, ENOENT, EINPROGRESS, EMFILE. */
function addFile(listener: Listener, task: Task, address: UserAddress, size: number): number | Errno {
  if (size < SECCOMP_NOTIF_ADDFD_SIZE || size >= PAGE_SIZE) return EINVAL;
  const bytes = task.mm.read(address, size);
  if (typeof bytes === "number") return bytes;
  if (bytes.subarray(SECCOMP_NOTIF_ADDFD_SIZE).some((byte) => byte !== 0)) return E2BIG;
  const view = viewOf(bytes);
  const flags = view.getUint32(8, true);
  const newFd = view.getUint32(16, true);
  const newFlags = view.getUint32(20, true);
  if ((newFlags & ~O_CLOEXEC) !== 0) return EINVAL;
  if ((flags & ~(SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND)) !== 0) return EINVAL;
  const chosen = (flags & SECCOMP_ADDFD_FLAG_SETFD) !== 0;
  if (newFd !== 0 && !chosen) return EINVAL;
  const file = fileOf(task, view.getInt32(12, true));
  if (typeof file === "number") return file;
  const notification = answerable(listener, view.getBigUint64(0, true));
  if (typeof notification === "number") return notification;
  const fd = receiveFile(notification.task, file, newFlags !== 0, chosen ? newFd : undefined);
  if (fd >= 0 && (flags & SECCOMP_ADDFD_FLAG_SEND) !== 0) {
    listener.reply(notification, BigInt(fd), 0, 0);
    listener.forget(notification);
  }
  return fd;
}

function receiveFile(task: Task, file: File, closeOnExec: boolean, fd: number | undefined): number | Errno {
  const limit = task.group.limit(RLIMIT_NOFILE);
  if (fd === undefined) {
    const free = task.files.install(file, closeOnExec, limit);
    if (free >= 0) file.ref();
    return free;
  }
  if (fd >= limit) return EBADF;
  const old = task.files.replace(fd, file.ref(), closeOnExec);
  if (old) closeFile(task, old);
  return fd;
}

const operations: FileOperations = {
  stream: true,
  poll: (file) => listenerOf(file).poll(),
  pollQueues: (file) => [listenerOf(file).queue],
  release: (file) => listenerOf(file).close(),
  ioctl(file, task, command, argument) {
    const listener = listenerOf(file);
    switch (command >>> 0) {
      case SECCOMP_IOCTL_NOTIF_RECV:
        return receive(listener, task, argument);
      case SECCOMP_IOCTL_NOTIF_SEND:
        return send(listener, task, argument);
      case SECCOMP_IOCTL_NOTIF_ID_VALID:
      case SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR:
        return isValid(listener, task, argument);
      case SECCOMP_IOCTL_NOTIF_SET_FLAGS:
        // Who is woken runs on this processor anyway.
        return (argument & ~SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) === 0 && argument <= 1 ? 0 : EINVAL;
    }
    // The struct may grow: its size is part of the request.
    const size = (command >>> 16) & 0x3fff;
    const plain = (command & 0xc000ffff) >>> 0;
    return plain === (SECCOMP_IOCTL_NOTIF_ADDFD & 0xc000ffff) >>> 0 ? addFile(listener, task, argument, size) : EINVAL;
  },
};

export const listenerFile = (task: Task, listener: Listener): File =>
  anonymousFile(task.kernel, "anon_inode:seccomp notify", O_RDWR, operations, listener);
