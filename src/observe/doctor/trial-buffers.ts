// Buffers as a program's own would be, kept at the gate: small writes gather, small reads are served from what was read
// ahead. They are emptied where a program's would have to be: when full, and before any other call that could tell.
import { ERESTARTNOINTR } from "../../abi/errno.ts";
import { S_IFCHR, S_IFMT } from "../../abi/flags.ts";
import { KernelBuffer, type UserAddress } from "../../kernel/mm/user.ts";
import { andThen, Wait } from "../../kernel/sched/wait-queue.ts";
import type { Row, SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { ThreadGroup } from "../../kernel/task/thread-group.ts";
import type { File, IoResult } from "../../kernel/vfs/file.ts";
import { readFile, writeFile } from "../../kernel/vfs/io.ts";

const SIZE = 65536;

/** Can what was read ahead be given back, or does it not matter? */
const rewindable = (file: File): boolean => file.isRegular || (file.inode.mode & S_IFMT) === S_IFCHR;

type Wanted = (task: Task, file: File) => boolean;
type Spare = (name: string) => void;

/** Calls behind which nobody may still wait for what lies in a buffer. */
const ending = new Set(
  "exit exit_group execve clone clone3 wait4 waitid ppoll pselect6 epoll_pwait futex kill pause rt_sigsuspend".split(
    " ",
  ),
);

interface Gathered {
  /** Whose buffer it is: nobody else may have to wait for its room. */
  readonly owner: ThreadGroup;
  readonly bytes: Uint8Array;
  length: number;
}

export class WriteBuffers {
  private readonly wanted: Wanted;
  private readonly spare: Spare;
  private readonly gathered = new Map<File, Gathered>();

  constructor(wanted: Wanted, spare: Spare) {
    this.wanted = wanted;
    this.spare = spare;
  }

  answer(task: Task, row: Row): SyscallResult | undefined {
    const { context } = task;
    if (row.name === "write") {
      const file = task.files.get(context.xi(10));
      const length = context.xn(12);
      if (file?.writable && length > 0 && length < SIZE && this.wanted(task, file))
        return this.gather(task, file, context.xn(11) as UserAddress, length);
    }
    // Anything else about the file, or whatever could let somebody else look for its bytes.
    if (this.gathered.size === 0) return undefined;
    // dup3 closes what its second descriptor was.
    const fd = row.name === "dup3" ? context.xi(11) : context.xi(10);
    const about = row.arguments[0]?.kind === "fd" ? task.files.get(fd) : undefined;
    const files = ending.has(row.name) ? this.of(task.group) : about && this.gathered.has(about) ? [about] : [];
    for (const file of files) {
      const flushed = this.flush(task, file);
      // The call itself is made once more when there was room for all of it.
      if (flushed instanceof Wait) return andThen<number, number>(flushed, () => ERESTARTNOINTR);
    }
    return undefined;
  }

  private of(group: ThreadGroup): File[] {
    return [...this.gathered].flatMap(([file, { owner }]) => (owner === group ? [file] : []));
  }

  private gather(task: Task, file: File, from: UserAddress, length: number): SyscallResult | undefined {
    let gathered = this.gathered.get(file);
    if (!gathered) {
      gathered = { owner: task.group, bytes: new Uint8Array(SIZE), length: 0 };
      this.gathered.set(file, gathered);
    }
    if (gathered.length + length > SIZE) {
      const flushed = this.flush(task, file);
      if (flushed instanceof Wait) return andThen<number, number>(flushed, () => ERESTARTNOINTR);
      if (flushed < 0) return flushed;
    }
    const n = task.mm.copyIn(from, gathered.bytes.subarray(gathered.length, gathered.length + length));
    if (n < length) return undefined;
    gathered.length += n;
    this.spare("write");
    return n;
  }

  private flush(task: Task, file: File): IoResult {
    const gathered = this.gathered.get(file);
    if (!gathered || gathered.length === 0) return 0;
    const bytes = gathered.bytes.slice(0, gathered.length);
    gathered.length = 0;
    return this.write(task, file, bytes);
  }
  private write(task: Task, file: File, bytes: Uint8Array): IoResult {
    return andThen(writeFile(task, file, new KernelBuffer(bytes)), (n) =>
      n < bytes.length ? this.write(task, file, bytes.subarray(n)) : n,
    );
  }
}

interface Ahead {
  bytes: Uint8Array;
  at: number;
}

export class ReadBuffers {
  private readonly wanted: Wanted;
  private readonly spare: Spare;
  private readonly ahead = new Map<File, Ahead>();

  constructor(wanted: Wanted, spare: Spare) {
    this.wanted = wanted;
    this.spare = spare;
  }

  answer(task: Task, row: Row): SyscallResult | undefined {
    const { context } = task;
    const file = row.arguments[0]?.kind === "fd" ? task.files.get(context.xi(10)) : undefined;
    if (row.name === "read" && file?.readable && rewindable(file)) {
      const length = context.xn(12);
      if (length > 0 && length < SIZE && this.wanted(task, file))
        return this.read(task, file, context.xn(11) as UserAddress, length);
    }
    for (const each of ending.has(row.name) ? [...this.ahead.keys()] : file ? [file] : []) this.giveBack(each);
    return undefined;
  }

  private read(task: Task, file: File, to: UserAddress, length: number): SyscallResult | undefined {
    let ahead = this.ahead.get(file);
    const spared = ahead !== undefined && ahead.at < ahead.bytes.length;
    if (!ahead || !spared) {
      const bytes = new Uint8Array(SIZE);
      const n = readFile(task, file, new KernelBuffer(bytes));
      // Files that can be read ahead don't wait; what does is left to the call itself.
      if (typeof n !== "number") return undefined;
      if (n <= 0) return n;
      ahead = { bytes: bytes.subarray(0, n), at: 0 };
      this.ahead.set(file, ahead);
    }
    const n = task.mm.copyOut(to, ahead.bytes.subarray(ahead.at, ahead.at + length));
    ahead.at += n;
    if (spared) this.spare("read");
    return n;
  }

  private giveBack(file: File): void {
    const ahead = this.ahead.get(file);
    if (!ahead) return;
    this.ahead.delete(file);
    if (file.isRegular) file.position -= ahead.bytes.length - ahead.at;
  }
}
