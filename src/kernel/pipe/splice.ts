// Moving data between pipes and files without the program's memory in between. splice(2), tee(2), sendfile(2)
// Argument checks are in syscalls/splice.ts.
import { EAGAIN, ENOMEM, ERESTARTSYS, type Errno } from "../../abi/errno.ts";
import { O_NONBLOCK, POLLERR, POLLHUP, POLLIN, POLLOUT } from "../../abi/flags.ts";
import { type IoBuffer, KernelBuffer } from "../mm/user.ts";
import { readyEvents } from "../poll/ready.ts";
import { andThen, Wait, waitOn } from "../sched/wait-queue.ts";
import type { Task } from "../task/task.ts";
import type { File, IoResult } from "../vfs/file.ts";
import { readFile, writeFile } from "../vfs/io.ts";
import { PIPE_PAGE } from "./page.ts";
import type { Pipe } from "./pipe.ts";

/** Bytes that sendfile and copy_file_range carry at a time: a pipe's worth, as in Linux. */
const CHUNK = 65536;

/** Repeats `step` until `limit` bytes are moved or it moves none. What was moved counts for more than an error or a
 *  signal that comes after. */
export function repeat(limit: number, step: (left: number, done: number) => IoResult, done = 0): IoResult {
  while (done < limit) {
    const moved = step(limit - done, done);
    if (moved instanceof Wait) return resume(limit, step, done, moved);
    if (moved <= 0) return done > 0 ? done : moved;
    done += moved;
  }
  return done;
}

function resume(limit: number, step: (left: number, done: number) => IoResult, done: number, inner: Wait): Wait {
  const total = (moved: number | Errno): number | Errno => (moved > 0 ? done + moved : done > 0 ? done : moved);
  const wait = waitOn<number>(
    inner.queues,
    () => {
      const moved = inner.retry();
      if (moved instanceof Wait) return resume(limit, step, done, moved);
      return moved <= 0 ? total(moved) : repeat(limit, step, done + moved);
    },
    {
      exclusive: inner.exclusive,
      killable: inner.killable,
      io: inner.io,
      onTimeout: () => total(inner.onTimeout()),
      interrupt: () => total(typeof inner.interrupt === "function" ? inner.interrupt() : inner.interrupt),
    },
  );
  wait.deadline = inner.deadline;
  return wait;
}

/** Runs `operation` on a file that must not block in the middle of it, then waits outside if it had to. `events` say
 *  when to try again. */
function withoutBlocking(file: File, events: number, operation: () => IoResult, again: () => IoResult): IoResult {
  const { flags, ops } = file;
  if (!ops.poll || (flags & O_NONBLOCK) !== 0) return operation();
  file.flags = flags | O_NONBLOCK;
  const result = operation();
  file.flags = flags;
  if (result !== EAGAIN) return result;
  const wait: Wait = waitOn<number>(ops.pollQueues?.(file) ?? [], () =>
    (readyEvents(file) & (events | POLLERR | POLLHUP)) !== 0 ? again() : wait,
  );
  return wait;
}

/** Waits until the pipe has a free slot. Errors: EPIPE with SIGPIPE; EAGAIN. */
function room(pipe: Pipe, nonblocking: boolean): 0 | Errno | Wait {
  if (pipe.readers === 0) return pipe.broken(0) as Errno;
  if (!pipe.full) return 0;
  if (nonblocking) return EAGAIN;
  return waitOn<number>(pipe.writable, () => room(pipe, false));
}

/** Waits until the pipe has data or no writer: then 0 slots may be in use. Errors: EAGAIN. */
function data(pipe: Pipe, nonblocking: boolean): 0 | Errno | Wait {
  if (!pipe.empty || pipe.writers === 0) return 0;
  if (nonblocking) return EAGAIN;
  return waitOn<number>(pipe.readable, () => data(pipe, false));
}

/** Takes `count` bytes from the pipe's front. */
function consume(pipe: Pipe, count: number): void {
  const wasFull = pipe.full;
  while (count > 0) {
    const slot = pipe.slot(pipe.tail);
    const n = Math.min(count, slot.length);
    slot.offset += n;
    slot.length -= n;
    count -= n;
    if (slot.length === 0) pipe.drop();
  }
  if (wasFull && !pipe.full) pipe.wakeWriters();
}

/** Puts bytes into free slots; waits for more of those while others fill them. The first slot begins `inset` into its
 *  page, as the pages of a file that are spliced keep their bounds. */
function deliver(pipe: Pipe, bytes: Uint8Array, inset: number, start = 0): IoResult {
  const wasEmpty = pipe.empty;
  while (start < bytes.length && !pipe.full) {
    const n = Math.min(PIPE_PAGE - (start === 0 ? inset : 0), bytes.length - start);
    const page = pipe.kernel.pipes.take();
    if (!page) break;
    pipe.kernel.ram.u8.set(bytes.subarray(start, start + n), page.frame);
    pipe.fill(page, 0, n, false, false);
    start += n;
  }
  if (start > 0 && (wasEmpty || pipe.polled)) pipe.wakeReaders();
  if (start >= bytes.length) return bytes.length;
  if (!pipe.full) return start || ENOMEM;
  if (pipe.readers === 0) return pipe.broken(start);
  return waitOn<number>(pipe.writable, () => deliver(pipe, bytes, inset, start), {
    interrupt: () => start || ERESTARTSYS,
  });
}

/** splice(2) into a pipe. `offset` undefined: at the file's position. */
export function fileToPipe(
  task: Task,
  file: File,
  offset: number | undefined,
  pipe: Pipe,
  length: number,
  nonblocking: boolean,
): IoResult {
  return andThen<number, number>(room(pipe, nonblocking), () => {
    const inset = file.inode.isRegular ? (offset ?? file.position) % PIPE_PAGE : 0;
    const free = (pipe.slots - pipe.used) * PIPE_PAGE - inset;
    const bytes = new Uint8Array(Math.min(length, free));
    const into = new KernelBuffer(bytes);
    const read = withoutBlocking(
      file,
      POLLIN,
      () => readFile(task, file, into, offset),
      () => fileToPipe(task, file, offset, pipe, length, nonblocking),
    );
    // After a wait the bytes may be in the pipe already: then nothing was put into `bytes` here.
    return andThen<number, number>(read, (n) => (into.position > 0 ? deliver(pipe, bytes.subarray(0, n), inset) : n));
  });
}

/** splice(2) out of a pipe. */
export function pipeToFile(
  task: Task,
  pipe: Pipe,
  file: File,
  offset: number | undefined,
  length: number,
  nonblocking: boolean,
): IoResult {
  const step = (left: number, done: number): IoResult => {
    if (pipe.empty && done > 0) return 0;
    return andThen<number, number>(data(pipe, nonblocking), () => {
      if (pipe.empty) return 0;
      const slot = pipe.slot(pipe.tail);
      const n = Math.min(slot.length, left);
      const at = offset === undefined ? undefined : offset + done;
      const from = slot.page!.frame + slot.offset;
      const bytes = task.kernel.ram.u8.slice(from, from + n);
      const write = (): IoResult => {
        const result = writeFile(task, file, new KernelBuffer(bytes), at);
        if (typeof result === "number" && result > 0) consume(pipe, result);
        // It is on its way (a host's file): others must not read it again.
        else if (result instanceof Wait) consume(pipe, n);
        return result;
      };
      return withoutBlocking(file, POLLOUT, write, () => step(left, done));
    });
  };
  return repeat(length, step);
}

/** splice(2) between two pipes: whole slots change hands, the last one perhaps in part. */
export function pipeToPipe(from: Pipe, to: Pipe, length: number, nonblocking: boolean): IoResult {
  return andThen<number, number>(room(to, nonblocking), () =>
    andThen<number, number>(data(from, nonblocking), () => {
      // The one may have filled up while the other was waited for.
      if (to.full && !nonblocking && to.readers > 0) return pipeToPipe(from, to, length, false);
      const moved = link(from, to, length, true);
      return moved === 0 && to.full ? EAGAIN : moved;
    }),
  );
}

/** tee(2): the data are in both pipes afterwards. */
export function duplicate(from: Pipe, to: Pipe, length: number, nonblocking: boolean): IoResult {
  return andThen<number, number>(data(from, nonblocking), () =>
    andThen<number, number>(room(to, nonblocking), () => link(from, to, length, false)),
  );
}

function link(from: Pipe, to: Pipe, length: number, take: boolean): number | Errno {
  if (to.readers === 0) return to.broken(0);
  const wasEmpty = to.empty;
  const wasFull = from.full;
  let done = 0;
  for (let i = from.tail; i < from.head && done < length && !to.full; i++) {
    const { page, offset, length: size, merge, packet } = from.slot(i);
    const n = Math.min(size, length - done);
    page!.references++;
    to.fill(page!, offset, n, take && n === size && merge, packet);
    done += n;
    if (!take) continue;
    if (n === size) from.drop();
    else {
      from.slot(i).offset += n;
      from.slot(i).length -= n;
    }
  }
  if (done > 0 && (wasEmpty || to.polled)) to.wakeReaders();
  if (wasFull && !from.full) from.wakeWriters();
  return done;
}

/** vmsplice(2) into a pipe: a copy, a slot for each page. */
export function memoryToPipe(from: IoBuffer, pipe: Pipe, nonblocking: boolean): IoResult {
  return andThen<number, number>(room(pipe, nonblocking), () => {
    const bytes = from.takeAll((pipe.slots - pipe.used) * PIPE_PAGE);
    return typeof bytes === "number" ? bytes : deliver(pipe, bytes, 0);
  });
}

/** sendfile(2) and copy_file_range(2): between two files. The positions that are undefined are the files' own. */
export function fileToFile(
  task: Task,
  from: File,
  fromOffset: number | undefined,
  to: File,
  toOffset: number | undefined,
  length: number,
): IoResult {
  const step = (left: number, done: number): IoResult => {
    const at = fromOffset === undefined ? from.position : fromOffset + done;
    const bytes = new Uint8Array(Math.min(left, CHUNK));
    return andThen<number, number>(readFile(task, from, new KernelBuffer(bytes), at), (n) => {
      if (n === 0) return 0;
      const write = (): IoResult => {
        const target = toOffset === undefined ? undefined : toOffset + done;
        return andThen<number, number>(
          writeFile(task, to, new KernelBuffer(bytes.subarray(0, n)), target),
          (written) => {
            if (fromOffset === undefined) from.position = at + written;
            return written;
          },
        );
      };
      return withoutBlocking(to, POLLOUT, write, () => step(left, done));
    });
  };
  return repeat(length, step);
}
