// The file around a socket: read, write, poll and ioctl on its descriptor.
import { EBADF, EFAULT, ENOTSOCK, type Errno } from "../../abi/errno.ts";
import { O_NONBLOCK, O_RDWR, S_IFSOCK } from "../../abi/flags.ts";
import {
  FIOGETOWN,
  FIOSETOWN,
  MSG_DONTWAIT,
  SIOCGPGRP,
  SIOCSPGRP,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
} from "../../abi/socket.ts";
import type { Kernel } from "../kernel.ts";
import { andThen } from "../sched/wait-queue.ts";
import { fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { anonymousFile, anonymousInode } from "../vfs/anonymous.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";
import { incoming } from "./message.ts";
import { Socket } from "./socket.ts";

const socketOf = (file: File): Socket => file.data as Socket;
const nonblocking = (file: File): number => (file.nonblocking ? MSG_DONTWAIT : 0);

const socketOperations: FileOperations = {
  stream: true,
  read(file, into): IoResult {
    // An empty read never waits.
    if (into.length === 0) return 0;
    const socket = socketOf(file);
    const flags = nonblocking(file);
    const message = incoming(into, flags);
    const result = socket.receive(message, socket.receiveUntil(flags));
    // A read has no room for rights; they are dropped with the message when the wait is over.
    return message.rights === undefined && typeof result === "number" ? result : dropRights(socket, message, result);
  },
  write(file, from): IoResult {
    const socket = socketOf(file);
    const flags = nonblocking(file);
    return socket.send({ from, flags }, socket.sendUntil(flags));
  },
  poll: (file) => socketOf(file).poll(),
  pollQueues: (file) => socketOf(file).pollQueues,
  ioctl(file, task, command, argument): IoResult {
    switch (command) {
      case FIOSETOWN:
      case SIOCSPGRP: {
        const owner = task.mm.readU32(argument);
        if (owner === undefined) return EFAULT;
        file.owner = signed(owner | 0, (pid) => task.pidNamespace.find(pid));
        return 0;
      }
      case FIOGETOWN:
      case SIOCGPGRP:
        return task.mm.writeU32(argument, signed(file.owner, (pid) => task.pidNamespace.of(pid)) >>> 0);
      default:
        return socketOf(file).ioctl(task, command, argument);
    }
  },
  release: (file) => socketOf(file).close(),
};

function dropRights(socket: Socket, message: ReturnType<typeof incoming>, result: IoResult): IoResult {
  if (typeof result !== "number") return andThen(result, (n) => dropRights(socket, message, n));
  const { rights } = message;
  message.rights = undefined;
  if (rights) socket.net.unix.release(rights);
  return result;
}

/** The open description of a new socket. `flags`: SOCK_NONBLOCK. */
/** A process, or negative a process group. */
const signed = (owner: number, turn: (pid: number) => number): number => (owner < 0 ? -turn(-owner) : turn(owner));

export function socketFile(kernel: Kernel, socket: Socket, flags: number): File {
  const inode = anonymousInode(kernel, S_IFSOCK | 0o777);
  const open = O_RDWR | ((flags & SOCK_NONBLOCK) !== 0 ? O_NONBLOCK : 0);
  const file = anonymousFile(kernel, "socket:", open, socketOperations, socket, inode);
  socket.file = file;
  return file;
}

/** The socket behind a descriptor. Errors: EBADF, ENOTSOCK. */
export function socketAt(task: Task, fd: number): Socket | Errno {
  const file = fileOf(task, fd);
  if (typeof file === "number") return EBADF;
  return file.data instanceof Socket ? file.data : ENOTSOCK;
}

export const NEW_FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK;
