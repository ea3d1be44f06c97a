// POSIX message queues: mq_open, mq_unlink, mq_timedsend, mq_timedreceive, mq_notify, mq_getsetattr. mq_overview(7)
import {
  EACCES,
  EBADF,
  EEXIST,
  EFAULT,
  EINVAL,
  EMFILE,
  ENAMETOOLONG,
  ENOENT,
  ENOSPC,
  EPERM,
  type Errno,
} from "../../abi/errno.ts";
import {
  O_ACCMODE,
  O_CREAT,
  O_EXCL,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  RLIMIT_MSGQUEUE,
  S_IFREG,
} from "../../abi/flags.ts";
import { NSIG } from "../../abi/signal.ts";
import { Mqueue, mqueueOf, mqueueOperations, type QueueMessage, queueCost } from "../ipc/mqueue.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import { NetlinkSocket } from "../net/netlink/socket.ts";
import { readTimespec } from "../sched/timespec.ts";
import { andThen } from "../sched/wait-queue.ts";
import { CAP_FOWNER, CAP_SYS_RESOURCE } from "../security/cred.ts";
import { inodePermission, MAY_READ, MAY_WRITE } from "../security/permission.ts";
import { installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { anonymousFile, anonymousInode } from "../vfs/anonymous.ts";
import type { File } from "../vfs/file.ts";
import { pathArgument } from "../vfs/namei.ts";
import {
  Fd,
  Flags,
  In,
  InBytes,
  Mode,
  Out,
  OutBytes,
  type Row,
  Size,
  type SyscallResult,
  syscall,
  Text,
  UInt,
} from "./table.ts";

const NAME_MAX = 255;
const PRIO_MAX = 32768;
const HARD_MSGMAX = 65536;
const HARD_MSGSIZEMAX = 16 << 20;
/** What a thread that waits for a notification is sent. */
const COOKIE = 32;
/** struct mq_attr: flags, maxmsg, msgsize, curmsgs, four spare longs. */
const ATTR = 64;

function nameArgument(task: Task, address: UserAddress): string | Errno {
  const name = pathArgument(task, address);
  if (typeof name === "number") return name;
  if (name === "") return ENOENT;
  if (name.length > NAME_MAX) return ENAMETOOLONG;
  return name.includes("/") || name === "." || name === ".." ? EACCES : name;
}

interface Attributes {
  flags: number;
  maxMessages: number;
  messageSize: number;
}

function readAttributes(task: Task, address: UserAddress): Attributes | Errno {
  const raw = task.mm.read(address, ATTR);
  if (typeof raw === "number") return raw;
  const view = new DataView(raw.buffer, raw.byteOffset);
  const long = (index: number): number => Number(view.getBigInt64(index * 8, true));
  return { flags: long(0), maxMessages: long(1), messageSize: long(2) };
}

function mq_open(task: Task, address: UserAddress, flags: number, mode: number, attr: UserAddress): SyscallResult {
  const wanted = attr === NULL ? undefined : readAttributes(task, attr);
  if (typeof wanted === "number") return wanted;
  const name = nameArgument(task, address);
  if (typeof name === "number") return name;
  const { mqueues } = task.ipc;
  let queue = mqueues.byName.get(name);
  if (!queue) {
    if ((flags & O_CREAT) === 0) return ENOENT;
    const made = create(task, mode, wanted);
    if (typeof made === "number") return made;
    mqueues.add(name, made);
    queue = made;
  } else {
    if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) return EEXIST;
    const access = flags & O_ACCMODE;
    if (access === O_ACCMODE) return EINVAL;
    const mask = access === O_RDONLY ? MAY_READ : access === O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
    const allowed = inodePermission(task.cred, queue.inode, mask);
    if (allowed < 0) return allowed;
  }
  queue.opens++;
  const ops = mqueueOperations(mqueues);
  const file = anonymousFile(task.kernel, `/${name}`, flags & (O_ACCMODE | O_NONBLOCK), ops, queue, queue.inode);
  return installFile(task, file, true);
}

function create(task: Task, mode: number, wanted: Attributes | undefined): Mqueue | Errno {
  const { kernel, cred, group } = task;
  const { mqueues } = task.ipc;
  const privileged = cred.can(CAP_SYS_RESOURCE);
  if (mqueues.total >= mqueues.limit("queues_max") && !privileged) return ENOSPC;
  const maxMessages = wanted?.maxMessages ?? Math.min(mqueues.limit("msg_default"), mqueues.limit("msg_max"));
  const messageSize = wanted?.messageSize ?? Math.min(mqueues.limit("msgsize_default"), mqueues.limit("msgsize_max"));
  if (maxMessages <= 0 || messageSize <= 0) return EINVAL;
  if (maxMessages > (privileged ? HARD_MSGMAX : mqueues.limit("msg_max"))) return EINVAL;
  if (messageSize > (privileged ? HARD_MSGSIZEMAX : mqueues.limit("msgsize_max"))) return EINVAL;
  const cost = queueCost(maxMessages, messageSize);
  if (mqueues.bytesOf(cred.uid) + cost > group.limit(RLIMIT_MSGQUEUE)) return EMFILE;
  const inode = anonymousInode(kernel, S_IFREG | (mode & 0o7777 & ~task.fs.umask));
  inode.size = 80;
  return new Mqueue(inode, maxMessages, messageSize, cred.uid);
}

function mq_unlink(task: Task, address: UserAddress): SyscallResult {
  const name = nameArgument(task, address);
  if (typeof name === "number") return name;
  const { mqueues } = task.ipc;
  const queue = mqueues.byName.get(name);
  if (!queue) return ENOENT;
  // The directory of queues is sticky. unlink(2)
  if (task.cred.fsuid !== queue.inode.uid && task.cred.fsuid !== 0 && !task.cred.canOver(queue.inode, CAP_FOWNER))
    return EPERM;
  mqueues.unlink(name, queue);
  return 0;
}

/** The deadline on CLOCK_MONOTONIC for a time on CLOCK_REALTIME; undefined without one. */
function takeDeadline(task: Task, address: UserAddress): number | undefined | "fault" | "invalid" {
  if (address === NULL) return undefined;
  const time = readTimespec(task.mm, address);
  if (typeof time === "number") return time === EFAULT ? "fault" : "invalid";
  return Number(time - task.kernel.clock.offset);
}

function queueFile(task: Task, fd: number): { file: File; queue: Mqueue } | Errno {
  const file = task.files.get(fd);
  const queue = file && mqueueOf(file);
  return queue ? { file, queue } : EBADF;
}

function mq_timedsend(
  task: Task,
  fd: number,
  address: UserAddress,
  length: number,
  priority: number,
  timeout: UserAddress,
): SyscallResult {
  const deadline = takeDeadline(task, timeout);
  if (deadline === "fault") return EFAULT;
  if (deadline === "invalid" || priority >= PRIO_MAX) return EINVAL;
  const found = queueFile(task, fd);
  if (typeof found === "number") return found;
  const { file, queue } = found;
  if (!file.writable) return EBADF;
  const room = Math.min(length, queue.messageSize + 1);
  const text = task.mm.read(address, room);
  if (typeof text === "number") return text;
  return queue.send(task, { priority, text: text.slice() }, file.nonblocking, deadline);
}

function mq_timedreceive(
  task: Task,
  fd: number,
  address: UserAddress,
  length: number,
  priority: UserAddress,
  timeout: UserAddress,
): SyscallResult {
  const deadline = takeDeadline(task, timeout);
  if (deadline === "fault") return EFAULT;
  if (deadline === "invalid") return EINVAL;
  const found = queueFile(task, fd);
  if (typeof found === "number") return found;
  const { file, queue } = found;
  if (!file.readable) return EBADF;
  return andThen<QueueMessage, number>(queue.receive(length, file.nonblocking, deadline), (message) => {
    if (priority !== NULL && task.mm.writeU32(priority, message.priority) < 0) return EFAULT;
    return task.mm.write(address, message.text) || message.text.length;
  });
}

const SIGEV_SIGNAL = 0;
const SIGEV_NONE = 1;
const SIGEV_THREAD = 2;

/** The C library's SIGEV_THREAD: a netlink socket in place of the signal, 32 bytes for it in place of the value; the last
 *  of them says what became of the notification. Errors: EFAULT, EBADF, EINVAL. */
function cookieSender(task: Task, fd: number, address: UserAddress): ((outcome: number) => void) | Errno {
  const cookie = task.mm.read(address, COOKIE);
  if (typeof cookie === "number") return cookie;
  const file = task.files.get(fd);
  if (!file) return EBADF;
  const socket = file.data;
  if (!(socket instanceof NetlinkSocket)) return EINVAL;
  return (outcome) => {
    const message = cookie.slice();
    message[COOKIE - 1] = outcome;
    socket.push(message, 0);
  };
}

function mq_notify(task: Task, fd: number, address: UserAddress): SyscallResult {
  let signal = 0;
  let value = 0n;
  let kind = SIGEV_NONE;
  if (address !== NULL) {
    const raw = task.mm.read(address, 64);
    if (typeof raw === "number") return raw;
    const view = new DataView(raw.buffer, raw.byteOffset);
    value = view.getBigUint64(0, true);
    signal = view.getInt32(8, true);
    kind = view.getInt32(12, true);
    if (kind !== SIGEV_SIGNAL && kind !== SIGEV_NONE && kind !== SIGEV_THREAD) return EINVAL;
    if (kind === SIGEV_SIGNAL && (signal < 0 || signal > NSIG)) return EINVAL;
  }
  const wake = kind === SIGEV_THREAD ? cookieSender(task, signal, Number(value) as UserAddress) : undefined;
  if (typeof wake === "number") return wake;
  const found = queueFile(task, fd);
  if (typeof found === "number") return found;
  const { group } = task;
  const who =
    address === NULL ? undefined : { group, signal, value, silent: kind === SIGEV_NONE, ...(wake ? { wake } : {}) };
  return found.queue.register(group, who);
}

function mq_getsetattr(task: Task, fd: number, change: UserAddress, old: UserAddress): SyscallResult {
  const wanted = change === NULL ? undefined : readAttributes(task, change);
  if (typeof wanted === "number") return wanted;
  if (wanted && (wanted.flags & ~O_NONBLOCK) !== 0) return EINVAL;
  const found = queueFile(task, fd);
  if (typeof found === "number") return found;
  const { file, queue } = found;
  const { maxMessages, messageSize, messages } = queue;
  const now = [file.flags & O_NONBLOCK, maxMessages, messageSize, messages.length].map(BigInt);
  if (wanted) file.flags = (file.flags & ~O_NONBLOCK) | wanted.flags;
  if (old === NULL) return 0;
  return task.mm.write(old, new Uint8Array(BigInt64Array.of(...now, 0n, 0n, 0n, 0n).buffer));
}

const queue = Fd("mqdes");
export const rows: Row[] = [
  syscall(180, "mq_open", [Text("name"), Flags("oflag", "O"), Mode("mode", "open"), In("attr", "mq_attr")], mq_open),
  syscall(181, "mq_unlink", [Text("name")], mq_unlink),
  syscall(
    182,
    "mq_timedsend",
    [queue, InBytes("msg", "len"), Size("len"), UInt("prio"), In("timeout", "timespec")],
    mq_timedsend,
  ),
  syscall(
    183,
    "mq_timedreceive",
    [queue, OutBytes("msg", "len"), Size("len"), Out("prio", "uint"), In("timeout", "timespec")],
    mq_timedreceive,
  ),
  syscall(184, "mq_notify", [queue, In("sevp", "sigevent")], mq_notify),
  syscall(185, "mq_getsetattr", [queue, In("new", "mq_attr"), Out("old", "mq_attr")], mq_getsetattr),
];
