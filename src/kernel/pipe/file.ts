// What can be done with a descriptor of a pipe or FIFO. pipe(7)
import { ENOTTY } from "../../abi/errno.ts";
import {
  O_DIRECT,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
  S_IFIFO,
} from "../../abi/flags.ts";
import type { Kernel } from "../kernel.ts";
import { anonymousFile, anonymousInode } from "../vfs/anonymous.ts";
import type { File, FileOperations } from "../vfs/file.ts";
import { Pipe } from "./pipe.ts";

const FIONREAD = 0x541b;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;

/** What File.data holds for a pipe's end. */
export class PipeEnd {
  readonly pipe: Pipe;
  /** Writers seen when a FIFO was opened for reading without one: no POLLHUP until one has come. */
  readonly quiet: number;
  constructor(pipe: Pipe, quiet = 0) {
    this.pipe = pipe;
    this.quiet = quiet;
  }
}

const end = (file: File): PipeEnd => file.data as PipeEnd;

export const pipeOperations: FileOperations = {
  stream: true,
  read: (file, into) => {
    const { pipe } = end(file);
    const result = pipe.read(into, (file.flags & O_NONBLOCK) !== 0);
    if (file.path.mount !== pipe.kernel.vfs.anonymous) touch(pipe.kernel, file, result, false);
    return result;
  },
  write: (file, from) => {
    const { pipe } = end(file);
    const result = pipe.write(from, (file.flags & O_NONBLOCK) !== 0, (file.flags & O_DIRECT) !== 0);
    if (file.path.mount !== pipe.kernel.vfs.anonymous) touch(pipe.kernel, file, result, true);
    return result;
  },
  poll: (file) => {
    const { pipe, quiet } = end(file);
    let ready = 0;
    if (file.readable) {
      if (!pipe.empty) ready |= POLLIN | POLLRDNORM;
      if (pipe.writers === 0 && quiet !== pipe.writerOpens) ready |= POLLHUP;
    }
    if (file.writable) {
      if (!pipe.full) ready |= POLLOUT | POLLWRNORM;
      if (pipe.readers === 0) ready |= POLLERR;
    }
    return ready;
  },
  pollQueues: (file) => {
    const { pipe } = end(file);
    pipe.polled = true;
    return !file.writable ? pipe.readQueues : !file.readable ? pipe.writeQueues : pipe.queues;
  },
  ioctl: (file, task, command, argument) =>
    command === FIONREAD ? task.mm.writeU32(argument, end(file).pipe.bytes) : ENOTTY,
  fcntl: (file, _task, command, argument) => {
    const { pipe } = end(file);
    if (command === F_GETPIPE_SZ) return pipe.slots * 4096;
    return command === F_SETPIPE_SZ ? pipe.resize(argument) : undefined;
  },
  release: (file) => {
    const { pipe } = end(file);
    if (file.readable) pipe.readers--;
    if (file.writable) pipe.writers--;
    if (pipe.closed()) file.inode.special = undefined;
  },
};

/** A FIFO's times follow; those of a nameless pipe are what they were when it was made, as nobody looks. */
function touch(kernel: Kernel, file: File, result: unknown, wrote: boolean): void {
  if (typeof result !== "number" || result <= 0) return;
  const now = kernel.clock.now();
  if (wrote) file.inode.mtime = file.inode.ctime = now;
  else file.inode.atime = now;
}

/** Both ends of a new pipe, reading end first. `flags`: O_NONBLOCK and O_DIRECT. */
export function makePipe(kernel: Kernel, flags = 0): [File, File] {
  const pipe = new Pipe(kernel);
  pipe.readers = pipe.writers = pipe.readerOpens = pipe.writerOpens = 1;
  const inode = anonymousInode(kernel, S_IFIFO | 0o600);
  inode.special = pipe;
  const data = new PipeEnd(pipe);
  const open = (mode: number): File => anonymousFile(kernel, "pipe:", mode, pipeOperations, data, inode);
  return [open(O_RDONLY | (flags & O_NONBLOCK)), open(O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)))];
}

/** The pipe behind a file that is an end of one. */
export function pipeOf(file: File): Pipe | undefined {
  return file.data instanceof PipeEnd ? file.data.pipe : undefined;
}
