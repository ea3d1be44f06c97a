// Opening a FIFO: an opener for reading waits for one for writing and the other way round. fifo(7)
import { ENXIO, ERESTARTSYS, type Errno } from "../../abi/errno.ts";
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from "../../abi/flags.ts";
import type { Kernel } from "../kernel.ts";
import { type Wait, waitOn } from "../sched/wait-queue.ts";
import type { File, FileOperations } from "../vfs/file.ts";
import { PipeEnd, pipeOperations } from "./file.ts";
import { Pipe } from "./pipe.ts";

type Opened = FileOperations | Errno | Wait<FileOperations>;

/** Errors: ENXIO for a writer that will not wait and finds no reader. */
export function openFifo(kernel: Kernel, file: File): Opened {
  const { inode } = file;
  const known = inode.special instanceof Pipe ? inode.special : undefined;
  const mode = file.flags & O_ACCMODE;
  const nonblocking = (file.flags & O_NONBLOCK) !== 0;
  // A pipe without a name, opened through /proc/PID/fd: nobody waits for anybody.
  const nameless = inode.superblock === kernel.vfs.anonymous.superblock;
  if (mode === O_WRONLY && nonblocking && !nameless && !known?.readers) return ENXIO;
  const pipe = known ?? new Pipe(kernel);
  inode.special = pipe;
  if (mode === O_RDONLY) return openReader(pipe, file, nonblocking, nameless);
  if (mode === O_WRONLY) return openWriter(pipe, file, nameless);
  if (mode !== O_RDWR) return ENXIO;
  pipe.readers++;
  pipe.writers++;
  pipe.readerOpens++;
  pipe.writerOpens++;
  pipe.readable.wakeAll();
  return opened(pipe, file);
}

function opened(pipe: Pipe, file: File, quiet = 0): FileOperations {
  file.data = new PipeEnd(pipe, quiet);
  return pipeOperations;
}

function openReader(pipe: Pipe, file: File, nonblocking: boolean, nameless: boolean): Opened {
  pipe.readerOpens++;
  if (pipe.readers++ === 0) pipe.readable.wakeAll();
  if (pipe.writers > 0 || nameless) return opened(pipe, file);
  if (nonblocking) return opened(pipe, file, pipe.writerOpens);
  const seen = pipe.writerOpens;
  return partner(
    pipe,
    file,
    () => pipe.writerOpens !== seen,
    () => pipe.readers--,
  );
}

function openWriter(pipe: Pipe, file: File, nameless: boolean): Opened {
  pipe.writerOpens++;
  if (pipe.writers++ === 0) pipe.readable.wakeAll();
  if (pipe.readers > 0 || nameless) return opened(pipe, file);
  const seen = pipe.readerOpens;
  return partner(
    pipe,
    file,
    () => pipe.readerOpens !== seen,
    () => pipe.writers--,
  );
}

/** Waits until the other end was opened, be it closed again by then. */
function partner(pipe: Pipe, file: File, came: () => boolean, undo: () => void): Wait<FileOperations> {
  const retry = (): FileOperations | Wait<FileOperations> => (came() ? opened(pipe, file) : wait());
  const wait = (): Wait<FileOperations> =>
    waitOn<FileOperations>(pipe.readable, retry, {
      interrupt: () => {
        undo();
        if (pipe.closed()) file.inode.special = undefined;
        return ERESTARTSYS;
      },
    });
  return wait();
}
