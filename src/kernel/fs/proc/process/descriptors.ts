// /proc/PID/fd and fdinfo: open files by descriptor. Each link leads to the file's own place, whatever its name says.
import { EACCES, ENOENT, type Errno } from "../../../../abi/errno.ts";
import { O_CLOEXEC, O_LARGEFILE, O_PATH } from "../../../../abi/flags.ts";
import { mayRead } from "../../../security/ptrace-access.ts";
import type { Task } from "../../../task/task.ts";
import type { File } from "../../../vfs/file.ts";
import { bind, type Directory, type Dynamic, directory, type Link, type Page, type Reader } from "../../rows/row.ts";
import { lockLines } from "../locks.ts";
import { shownPath } from "../text.ts";

interface Descriptor {
  readonly task: Task;
  readonly fd: number;
}

const fileOf = ({ task, fd }: Descriptor): File | undefined => task.files?.get(fd);

/** The link's mode shows what the descriptor allows: r and x to read, w to write. */
function fdLink(descriptor: Descriptor, file: File): Link<Descriptor> {
  const path = (file.flags & O_PATH) !== 0;
  const mode = path ? 0o100 : (file.readable ? 0o500 : 0) | (file.writable ? 0o300 : 0);
  return {
    kind: "link",
    name: String(descriptor.fd),
    mode,
    guarded: EACCES,
    text: (of, reader) => {
      const open = fileOf(of);
      return open ? shownPath(open.path, reader) : ENOENT;
    },
    follow: (of) => fileOf(of)?.path ?? ENOENT,
  };
}

function fdinfo(of: Descriptor, { pids }: Reader): string | Errno {
  const file = fileOf(of);
  if (!file) return ENOENT;
  let { flags } = file;
  if (!file.path.dentry.superblock.filesystem.internal) flags |= O_LARGEFILE;
  if (of.task.files.closesOnExec(of.fd)) flags |= O_CLOEXEC;
  const lines = [
    `pos:\t${file.position}\n`,
    `flags:\t0${flags.toString(8)}\n`,
    `mnt_id:\t${file.path.mount.id}\n`,
    `ino:\t${file.inode.ino}\n`,
  ];
  return `${lines.join("")}${lockLines(of.task.kernel, file, pids)}${file.ops.fdinfo?.(file, pids) ?? ""}`;
}

const infoPage: Page<Descriptor> = { kind: "page", name: "fdinfo", mode: 0o444, guarded: EACCES, text: fdinfo };

function entries(
  type: number,
  find: (task: Task, fd: number, file: File) => ReturnType<Dynamic<Task>["find"]>,
): Dynamic<Task> {
  return {
    list: (task) => (task.files ? [...task.files.open()].map(([fd]) => ({ name: String(fd), type })) : []),
    find(task, name) {
      if (!/^(0|[1-9]\d{0,8})$/.test(name)) return undefined;
      const file = task.files?.get(Number(name));
      return file ? find(task, Number(name), file) : undefined;
    },
  };
}

/** Threads of one process may always look at its descriptors. */
const enter = (task: Task, reader: Reader): boolean => reader.task?.group === task.group || mayRead(reader.task, task);

export const fdDirectory: Directory<Task> = directory("fd", [], {
  mode: 0o500,
  enter,
  // A link is new each time: what a descriptor allows may have changed.
  dynamic: entries(10, (task, fd, file) => {
    const descriptor = { task, fd };
    return { show: bind(fdLink(descriptor, file), descriptor, task), key: descriptor };
  }),
});

export const fdinfoDirectory: Directory<Task> = directory("fdinfo", [], {
  mode: 0o555,
  dynamic: entries(8, (task, fd) => {
    const descriptor = { task, fd };
    return { show: bind(infoPage, descriptor, task), key: descriptor };
  }),
});
