// What the doctor collects beside the account: reads and writes by program, file and size; look-ups that failed; files
// opened again and again; waits by what they were for. Bounded: a long run keeps the figures, not the events.
import { EAGAIN, ENOENT } from "../../abi/errno.ts";
import { AT_EMPTY_PATH, RLIMIT_NOFILE } from "../../abi/flags.ts";
import type { UserAddress } from "../../kernel/mm/user.ts";
import type { Row, SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { File } from "../../kernel/vfs/file.ts";
import { pathName } from "../../kernel/vfs/path-name.ts";
import { toText } from "../../lib/byte-string.ts";
import { Account } from "../account.ts";

/** Reads or writes of one program on one file. */
export interface Stream {
  readonly program: string;
  readonly kind: "read" | "write" | "send";
  readonly path: string;
  calls: number;
  bytes: number;
  /** Calls that moved exactly one byte. */
  single: number;
  /** fsync and fdatasync of the file. */
  syncs: number;
}

export interface PathCount {
  readonly program: string;
  readonly path: string;
  count: number;
}

const MOST_KEYS = 20_000;
const kinds: Readonly<Record<string, Stream["kind"]>> = {
  read: "read",
  readv: "read",
  pread64: "read",
  preadv: "read",
  write: "write",
  writev: "write",
  pwrite64: "write",
  pwritev: "write",
  sendto: "send",
  sendmsg: "send",
};
const polls = new Set(["ppoll", "pselect6", "epoll_pwait", "epoll_pwait2"]);
const lookups = new Set(["openat", "newfstatat", "faccessat", "faccessat2", "statx", "readlinkat", "execve"]);

export class Evidence extends Account {
  readonly streams = new Map<string, Stream>();
  /** Look-ups of what is not there, by folder. */
  readonly missing = new Map<string, PathCount>();
  missingCalls = 0;
  lookupCalls = 0;
  readonly opened = new Map<string, PathCount>();
  /** Polls that came back with nothing although they did not wait long. */
  emptyPolls = 0;
  /** EAGAIN by call. */
  readonly again = new Map<string, number>();
  bytes = 0;
  /** Programs by the instructions that they have retired. */
  readonly instructionsBy = new Map<string, number>();
  highestDescriptor = 0;
  descriptorLimit = 0;
  private readonly names = new WeakMap<File, string>();
  private readonly arguments = new Map<
    Task,
    { fd: number; path: UserAddress; name: string | undefined; stream: Stream | undefined; poll: boolean }
  >();

  override syscallEnter(task: Task, row: Row | undefined, number: number): void {
    super.syscallEnter(task, row, number);
    if (!row) return;
    const { name } = row;
    const { context } = task;
    const kind = kinds[name];
    if (kind !== undefined) {
      const file = task.files.get(context.xi(10));
      const stream = file && this.stream(task, kind, file);
      this.arguments.set(task, { fd: -1, path: 0 as UserAddress, name: undefined, stream, poll: false });
    } else if (lookups.has(name)) {
      const at = context.xn(name === "execve" ? 10 : 11) as UserAddress;
      const { minorFaults } = task;
      const path = task.mm.readString(at, 4096);
      task.minorFaults = minorFaults;
      const bare = typeof path !== "string" || (path === "" && (context.xi(13) & AT_EMPTY_PATH) !== 0);
      this.arguments.set(task, {
        fd: -1,
        path: at,
        name: bare ? undefined : toText(path),
        stream: undefined,
        poll: false,
      });
    } else if (polls.has(name)) {
      this.arguments.set(task, {
        fd: -1,
        path: 0 as UserAddress,
        name: undefined,
        stream: undefined,
        poll: shortTimeout(task, name),
      });
    } else if (name === "fsync" || name === "fdatasync") {
      const file = task.files.get(context.xi(10));
      if (file) this.stream(task, "write", file).syncs++;
    }
  }

  override syscallExit(task: Task, row: Row | undefined, result: SyscallResult): void {
    super.syscallExit(task, row, result);
    if (!row) return;
    if (result === EAGAIN) this.again.set(row.name, (this.again.get(row.name) ?? 0) + 1);
    const given = this.arguments.get(task);
    if (!given) return;
    this.arguments.delete(task);
    const { stream, name, poll } = given;
    if (stream && typeof result === "number" && result >= 0) {
      stream.calls++;
      stream.bytes += result;
      this.bytes += result;
      if (result === 1) stream.single++;
    }
    if (poll && result === 0) this.emptyPolls++;
    if (name === undefined) return;
    this.lookupCalls++;
    if (result === ENOENT) {
      this.missingCalls++;
      count(this.missing, task.comm, name.slice(0, name.lastIndexOf("/") + 1) || "./");
    } else if (row.name === "openat" && typeof result === "number" && result >= 0) {
      count(this.opened, task.comm, name);
      if (result > this.highestDescriptor) {
        this.highestDescriptor = result;
        this.descriptorLimit = task.group.limit(RLIMIT_NOFILE);
      }
    }
  }

  override taskExit(task: Task): void {
    super.taskExit(task);
    this.arguments.delete(task);
    this.instructionsBy.set(task.comm, (this.instructionsBy.get(task.comm) ?? 0) + task.instructions);
  }

  private stream(task: Task, kind: Stream["kind"], file: File): Stream {
    let path = this.names.get(file);
    if (path === undefined) {
      path = toText(pathName(file.path, task.fs.root));
      this.names.set(file, path);
    }
    const key = `${task.comm}\0${kind}\0${path}`;
    let stream = this.streams.get(key);
    if (!stream) {
      stream = { program: task.comm, kind, path, calls: 0, bytes: 0, single: 0, syncs: 0 };
      if (this.streams.size < MOST_KEYS) this.streams.set(key, stream);
    }
    return stream;
  }
}

function count(map: Map<string, PathCount>, program: string, path: string): void {
  const key = `${program}\0${path}`;
  const entry = map.get(key);
  if (entry) entry.count++;
  else if (map.size < MOST_KEYS) map.set(key, { program, path, count: 1 });
}

/** At most 5 ms, or none at all. */
function shortTimeout(task: Task, name: string): boolean {
  const { context } = task;
  if (name === "epoll_pwait") {
    const timeout = context.xi(13);
    return timeout >= 0 && timeout <= 5;
  }
  const at = context.xn(name === "ppoll" ? 12 : name === "pselect6" ? 14 : 13) as UserAddress;
  if (at === 0) return false;
  const seconds = task.mm.readU64(at);
  const nanoseconds = task.mm.readU64((at + 8) as UserAddress);
  return seconds === 0n && nanoseconds !== undefined && nanoseconds <= 5_000_000n;
}
