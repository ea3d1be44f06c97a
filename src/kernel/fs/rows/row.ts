// What proc and sysfs are made of: rows that say a name, a mode and how the content comes about. The inodes that show
// rows to the VFS are in inode.ts; the rows themselves in ../proc and ../sysfs.
import type { Errno } from "../../../abi/errno.ts";
import type { Kernel } from "../../kernel.ts";
import type { PidNamespace } from "../../namespace/pid.ts";
import type { Task } from "../../task/task.ts";
import type { FileOperations } from "../../vfs/file.ts";
import type { Path } from "../../vfs/mount.ts";

/** Who looks: the task that reads, whose root and permissions count. undefined: the kernel itself. */
export interface Reader {
  readonly kernel: Kernel;
  readonly task: Task | undefined;
  /** Processes are called what this namespace calls them: that of the instance of proc. */
  readonly pids: PidNamespace;
}

interface Named {
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  /** Only who may trace the process may open or follow it (security/ptrace-access.ts); the errno that others get. */
  readonly guarded?: Errno;
  /** Only who may also change the process may open it (PTRACE_MODE_ATTACH). */
  readonly attaching?: boolean;
}

/** A text made when it is read from its start, and kept as it was while the file is open. */
export interface Page<T> extends Named {
  readonly kind: "page";
  readonly text: (of: T, reader: Reader) => string | Errno;
  readonly write?: (of: T, text: string, reader: Reader) => 0 | Errno;
  /** May the reader do all with it, whatever the mode bits say? */
  readonly permits?: (of: T, reader: Reader) => boolean;
}
/** A symlink. With `follow` it leads where no path could (a magic link), and the text is for show. */
export interface Link<T> extends Named {
  readonly kind: "link";
  readonly text: (of: T, reader: Reader) => string | Errno;
  readonly follow?: (of: T, reader: Reader) => Path | Errno;
}
/** A file with operations of its own. */
export interface Device<T> extends Named {
  readonly kind: "device";
  readonly ops: (of: T, opener: Reader) => FileOperations;
  /** May it be opened to write, beside the mode bits? */
  readonly mayWrite?: (of: T, opener: Reader) => 0 | Errno;
}
export interface Directory<T> extends Named {
  readonly kind: "directory";
  readonly rows: readonly Row<T>[];
  /** Entries that come and go. */
  readonly dynamic?: Dynamic<T>;
  /** May the reader list and enter it, beside the mode bits? */
  readonly enter?: (of: T, reader: Reader) => boolean;
}
export type Row<T> = Page<T> | Link<T> | Device<T> | Directory<T>;

export interface Dynamic<T> {
  list(of: T, reader: Reader): readonly DynamicEntry[];
  /** The row of a name and what it is about; undefined: no such name. */
  find(of: T, name: string, reader: Reader): Found | undefined;
}
export interface DynamicEntry {
  readonly name: string;
  /** DT_*. */
  readonly type: number;
}
/** A row together with its subject. `key` tells one subject from another: the same key gives the same inode. */
export interface Found {
  readonly show: Bound;
  readonly key: object;
}
/** A row bound to its subject, whatever that is; `owner` is the task whose IDs own the inode. */
export interface Bound {
  readonly row: Row<never>;
  readonly of: unknown;
  readonly owner: Task | undefined;
}
export function bind<T>(row: Row<T>, of: T, owner: Task | undefined): Bound {
  return { row: row as unknown as Row<never>, of, owner };
}

type Options<T> = Partial<Pick<Page<T>, "write" | "guarded" | "permits">>;

export function page<T>(name: string, mode: number, text: Page<T>["text"], options: Options<T> = {}): Page<T> {
  return { kind: "page", name, mode, text, ...options };
}
export function link<T>(name: string, text: Link<T>["text"], options: Partial<Link<T>> = {}): Link<T> {
  return { kind: "link", name, mode: 0o777, text, ...options };
}
export function directory<T>(name: string, rows: readonly Row<T>[], options: Partial<Directory<T>> = {}): Directory<T> {
  return { kind: "directory", name, mode: 0o555, rows, ...options };
}
