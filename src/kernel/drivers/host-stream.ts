// Standard streams without a terminal: files that look like pipes and whose other end is outside, with back-pressure
// both ways. The host's ends are ByteSource and ByteSink (host/host.ts).
import { EAGAIN, EFAULT, ENOTTY, EPIPE } from "../../abi/errno.ts";
import {
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
import { FIONREAD } from "../../abi/ioctl.ts";
import { SI_USER, SIGPIPE } from "../../abi/signal.ts";
import type { ByteSink, ByteSource } from "../../host/host.ts";
import type { Kernel } from "../kernel.ts";
import type { IoBuffer } from "../mm/user.ts";
import { WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { sendToTask } from "../signal/send.ts";
import { anonymousFile, anonymousInode } from "../vfs/anonymous.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";

/** The source is told to pause above it. */
const CAPACITY = 65536;
const CHUNK = 65536;

/** The reading end of what a host sends. */
export function hostInput(kernel: Kernel, source: ByteSource): File {
  const queue = new WaitQueue();
  const chunks: Uint8Array[] = [];
  let used = 0;
  let ended = false;
  let paused = true;

  source.onData = (bytes) => {
    if (bytes.length === 0) ended = true;
    else {
      chunks.push(bytes.slice());
      used += bytes.length;
    }
    paused = used >= CAPACITY;
    queue.wakeAll(POLLIN | POLLRDNORM);
    return !paused;
  };
  const resume = () => {
    if (!paused || ended || used >= CAPACITY) return;
    paused = false;
    source.resume();
  };
  const take = (into: IoBuffer): number => {
    let done = 0;
    while (into.length > 0 && chunks.length > 0) {
      const first = chunks[0]!;
      const part = first.length > into.length ? first.subarray(0, into.length) : first;
      const n = into.put(part);
      done += n;
      used -= n;
      if (n === first.length) chunks.shift();
      else chunks[0] = first.subarray(n);
      if (n < part.length) break;
    }
    return done;
  };

  const read = (file: File, into: IoBuffer): IoResult => {
    if (into.length === 0) return 0;
    if (used > 0) {
      const done = take(into);
      resume();
      return done === 0 ? EFAULT : done;
    }
    if (ended) return 0;
    resume();
    // The host may have answered at once.
    if (used > 0 || ended) return read(file, into);
    return file.nonblocking ? EAGAIN : waitOn(queue, () => read(file, into));
  };

  const ops: FileOperations = {
    stream: true,
    read,
    poll() {
      resume();
      return (used > 0 ? POLLIN | POLLRDNORM : 0) | (ended ? POLLHUP : 0);
    },
    pollQueues: () => [queue],
    ioctl: (_file, task, command, argument) => (command === FIONREAD ? task.mm.writeU32(argument, used) : ENOTTY),
    release() {
      source.onData = undefined;
      source.close();
    },
  };
  return anonymousFile(kernel, "pipe:", O_RDONLY, ops, source, anonymousInode(kernel, S_IFIFO | 0o600));
}

/** The writing end of what a host receives. */
export function hostOutput(kernel: Kernel, sink: ByteSink): File {
  const queue = new WaitQueue();
  let full = false;
  let closed = false;

  sink.onDrain = () => {
    full = false;
    queue.wakeAll(POLLOUT | POLLWRNORM);
  };
  sink.onClose = () => {
    closed = true;
    queue.wakeAll(POLLERR);
  };

  const write = (file: File, from: IoBuffer, done = 0): IoResult => {
    for (;;) {
      if (closed) {
        if (done > 0) return done;
        const { current } = kernel;
        if (current) {
          sendToTask(current, { signal: SIGPIPE, code: SI_USER, pid: current.pid, uid: current.cred.uid });
        }
        return EPIPE;
      }
      if (from.length === 0) return done;
      if (full) break;
      const chunk = from.takeAll(CHUNK);
      if (typeof chunk === "number") return done > 0 ? done : EFAULT;
      done += chunk.length;
      full = !sink.write(chunk);
    }
    if (file.nonblocking) return done > 0 ? done : EAGAIN;
    const wait = waitOn(queue, () => write(file, from, done));
    if (done > 0) wait.interrupt = () => done;
    return wait;
  };

  const ops: FileOperations = {
    stream: true,
    write: (file, from) => write(file, from),
    poll: () => (closed ? POLLERR : 0) | (full ? 0 : POLLOUT | POLLWRNORM),
    pollQueues: () => [queue],
    ioctl: (_file, task, command, argument) => (command === FIONREAD ? task.mm.writeU32(argument, 0) : ENOTTY),
    release() {
      sink.onDrain = sink.onClose = undefined;
      sink.end();
    },
  };
  return anonymousFile(kernel, "pipe:", O_WRONLY, ops, sink, anonymousInode(kernel, S_IFIFO | 0o600));
}
