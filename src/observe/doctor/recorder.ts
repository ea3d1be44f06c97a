// Turns calls that have ended into facts: the same for a call in this kernel and for a line of a real machine's strace.
import { EAGAIN, EFBIG, EMFILE, ENFILE, ENOENT, ENOMEM, ENOSPC, errnoName } from "../../abi/errno.ts";
import { count, type Direction, entry, type Facts, notePlace } from "./facts.ts";

/** What a descriptor refers to. */
export interface FileName {
  readonly path: string;
  readonly kind: "file" | "pipe" | "socket" | "terminal" | "other";
}

/** A call that has ended. */
export interface CallRecord {
  program: string;
  pid: number;
  tid: number;
  name: string;
  /** What it answered; an errno as a negative number. */
  result: number;
  fd: number;
  file: FileName | undefined;
  /** The path among its arguments. */
  path: string | undefined;
  /** Nanoseconds that a poll or a sleep may take; undefined: for ever, or not said. */
  timeout: number | undefined;
  /** The futex operation. */
  futex: "wait" | "wake" | "other" | undefined;
  /** It had to wait. */
  blocked: boolean;
  /** The function that made it. */
  where: () => string;
}

const directions: Readonly<Record<string, Direction>> = {
  read: "read",
  readv: "read",
  pread64: "read",
  preadv: "read",
  preadv2: "read",
  recvfrom: "read",
  recvmsg: "read",
  write: "write",
  writev: "write",
  pwrite64: "write",
  pwritev: "write",
  pwritev2: "write",
  sendto: "send",
  sendmsg: "send",
};
export const lookups: ReadonlySet<string> = new Set(
  "openat openat2 open stat lstat access newfstatat faccessat faccessat2 statx readlink readlinkat execve".split(" "),
);
const statuses = new Set("stat lstat access newfstatat statx faccessat faccessat2 readlink readlinkat".split(" "));
const opens = new Set(["open", "openat", "openat2", "creat"]);
export const polls: ReadonlySet<string> = new Set(
  "ppoll pselect6 epoll_pwait epoll_pwait2 poll select epoll_wait".split(" "),
);
const sleeps = new Set(["clock_nanosleep", "nanosleep"]);
const syncs = new Set(["fsync", "fdatasync", "sync_file_range"]);
const clocks = new Set(["clock_gettime", "gettimeofday", "time"]);
const mappings = new Set(["mmap", "munmap", "brk", "mremap", "madvise"]);
/** Answer with a descriptor. */
const makers = new Set(
  "open openat openat2 creat socket accept accept4 dup epoll_create1 eventfd2 timerfd_create signalfd4 memfd_create inotify_init1 pidfd_open".split(
    " ",
  ),
);
const forks = new Set(["clone", "clone3", "fork", "vfork"]);
/** What loading a program takes, its interpreter's modules included. */
const loading = new Set(
  `execve brk mmap munmap mprotect openat open newfstatat stat lstat fstat statx close read pread64 set_tid_address
  set_robust_list rseq prlimit64 getrandom faccessat faccessat2 access readlinkat readlink uname ioctl lseek fcntl
  rt_sigaction rt_sigprocmask getuid geteuid getgid getegid getpid gettid futex sysinfo arch_prctl getdents64 getcwd
  sched_getaffinity sigaltstack riscv_hwprobe riscv_flush_icache madvise`.split(/\s+/),
);

const TINY = 5_000_000;

/** What one process has open, by descriptor, and how often each path is among it. */
class Held {
  readonly paths = new Map<number, string>();
  readonly counts = new Map<string, number>();

  open(fd: number, path: string): number {
    this.close(fd);
    this.paths.set(fd, path);
    const n = (this.counts.get(path) ?? 0) + 1;
    this.counts.set(path, n);
    return n;
  }
  close(fd: number): void {
    const path = this.paths.get(fd);
    if (path === undefined) return;
    this.paths.delete(fd);
    this.counts.set(path, this.counts.get(path)! - 1);
  }
}

export class Recorder {
  readonly facts: Facts;
  private readonly held = new Map<number, Held>();
  /** The last call that said EAGAIN, by thread: the next one may be the same again. */
  private readonly again = new Map<number, string>();
  /** Processes whose program is still being loaded. */
  private readonly starting = new Set<number>();

  constructor(facts: Facts) {
    this.facts = facts;
  }

  ended(call: CallRecord): void {
    const { facts } = this;
    const { name, result, program } = call;
    const failed = result < 0 && result > -4096;
    const direction = directions[name];
    if (direction !== undefined) this.moved(call, direction);
    else if (lookups.has(name)) this.lookedUp(call);
    else if (polls.has(name)) {
      if (result === 0 && call.timeout !== undefined && call.timeout <= TINY)
        count(facts.emptyPolls, program, name, call.where).time += call.timeout;
    } else if (sleeps.has(name)) count(facts.sleeps, program, name, call.where).time += call.timeout ?? 0;
    else if (clocks.has(name)) count(facts.clocks, program, name, call.where);
    else if (mappings.has(name)) {
      if (!this.starting.has(call.pid)) count(facts.mappings, program, name, call.where);
    } else if (syncs.has(name) && call.file) facts.stream(program, "write", call.file.path, false).syncs++;
    this.spun(call);
    if (failed) this.refused(call);
    else this.holds(call);
    if (this.starting.size > 0 && !loading.has(name)) this.starting.delete(call.pid);
  }

  /** A process begins with a new program. */
  executed(pid: number): void {
    this.starting.add(pid);
    this.held.delete(pid);
  }
  gone(pid: number, tid: number): void {
    this.again.delete(tid);
    if (pid !== tid) return;
    this.held.delete(pid);
    this.starting.delete(pid);
  }
  isStarting(pid: number): boolean {
    return this.starting.has(pid);
  }

  private moved({ program, result, file, where }: CallRecord, direction: Direction): void {
    if (!file || result < 0) return;
    const { facts } = this;
    const way = direction === "write" && file.kind === "socket" ? "send" : direction;
    const stream = facts.stream(program, way, file.path, file.kind === "terminal");
    stream.calls++;
    stream.bytes += result;
    if (result === 1) stream.single++;
    facts.bytes += result;
    const size = result <= 1 ? 0 : Math.ceil(Math.log2(result));
    const sizes = facts.sizes[way];
    sizes[size] = (sizes[size] ?? 0) + 1;
    notePlace(stream, stream.calls, where);
  }

  private lookedUp({ name, program, path, result, where }: CallRecord): void {
    if (path === undefined) return;
    const { facts } = this;
    facts.lookups++;
    if (statuses.has(name)) count(facts.asked, program, folder(path), where);
    if (result === ENOENT) {
      facts.missed++;
      count(facts.missing, program, folder(path), where);
    } else if (opens.has(name) && result >= 0) count(facts.opened, program, path, where);
  }

  /** EAGAIN, and the same again with no waiting in between. */
  private spun({ tid, name, program, file, result, blocked, where }: CallRecord): void {
    if (result !== EAGAIN || name === "futex" || forks.has(name)) {
      if (blocked || (name !== "sched_yield" && result !== EAGAIN)) this.again.delete(tid);
      return;
    }
    const key = `${name} of ${file?.path ?? "?"}`;
    if (this.again.get(tid) === key) count(this.facts.spins, program, key, where);
    else this.again.set(tid, key);
  }

  private refused({ name, program, result, where }: CallRecord): void {
    const limit =
      result === EMFILE
        ? "open files, RLIMIT_NOFILE"
        : result === ENFILE
          ? "open files of the whole machine, fs.file-max"
          : result === ENOMEM && (mappings.has(name) || forks.has(name) || name === "execve")
            ? "memory, RLIMIT_AS or what the machine has"
            : result === EAGAIN && forks.has(name)
              ? "processes, RLIMIT_NPROC or pids.max"
              : result === EFBIG
                ? "size of a file, RLIMIT_FSIZE"
                : result === ENOSPC
                  ? "room on the filesystem"
                  : undefined;
    if (limit !== undefined)
      count(this.facts.refused, program, `${name}: ${errnoName(result as never)} (${limit})`, where);
  }

  private holds({ name, pid, program, result, fd, file, path }: CallRecord): void {
    if (name === "close") this.held.get(pid)?.close(fd);
    else if (makers.has(name)) {
      const { facts } = this;
      let held = this.held.get(pid);
      if (!held) {
        held = new Held();
        this.held.set(pid, held);
      }
      const what = path ?? file?.path ?? name;
      const n = held.open(result, what);
      if (result > facts.highestDescriptor) facts.highestDescriptor = result;
      if (n < 8) return;
      const found = entry(facts.held, `${program}\0${what}`, () => ({ program, what, count: 0, time: 0, where: "" }));
      found.count = Math.max(found.count, n);
    }
  }
}

const folder = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1) || "./";
