// From descriptors to files, in the name of a task.
import { EBADF, type Errno } from "../../abi/errno.ts";
import { O_PATH, RLIMIT_NOFILE } from "../../abi/flags.ts";
import type { File } from "../vfs/file.ts";
import { releaseRecordLocks } from "../vfs/locks.ts";
import type { Task } from "./task.ts";

/** The file behind a descriptor, for calls that work on its content: not one opened with O_PATH. Errors: EBADF. */
export function fileOf(task: Task, fd: number): File | Errno {
  const file = task.files.get(fd);
  if (!file || (file.flags & O_PATH) !== 0) return EBADF;
  task.callFiles[task.callFileCount++] = file;
  return file;
}

/** The file behind a descriptor, O_PATH included. Errors: EBADF. */
export function anyFileOf(task: Task, fd: number): File | Errno {
  const file = task.files.get(fd);
  if (!file) return EBADF;
  task.callFiles[task.callFileCount++] = file;
  return file;
}

/** A call is about to wait: the files that it works on stay open, whatever other threads do to the descriptors. */
export function holdFiles(task: Task): void {
  for (let i = 0; i < task.callFileCount; i++) task.callFiles[i]!.ref();
  task.holdsFiles = true;
}

/** The call is over, or its task is. */
export function dropFiles(task: Task): void {
  if (!task.holdsFiles) return;
  task.holdsFiles = false;
  const { callFileCount } = task;
  task.callFileCount = 0;
  for (let i = 0; i < callFileCount; i++) task.callFiles[i]!.unref();
  // The list keeps no file from being collected that a rare call with many of them had.
  if (callFileCount > 4) task.callFiles.length = 0;
}

/** Gives a new file a descriptor; takes over the reference, and drops it when there is no room. Errors: EMFILE. */
export function installFile(task: Task, file: File, closeOnExec: boolean): number | Errno {
  const fd = task.files.install(file, closeOnExec, task.group.limit(RLIMIT_NOFILE));
  if (fd < 0) file.unref();
  return fd;
}

/** Closes a file that was taken out of the table of `task`: close(2)'s work. */
export function closeFile(task: Task, file: File): 0 | Errno {
  // A process loses its record locks on a file with the first descriptor of it that it closes. fcntl(2)
  if (file.inode.locks) releaseRecordLocks(file.inode, task.files);
  const result = file.ops.flush?.(file, task) ?? 0;
  file.unref();
  return result;
}
