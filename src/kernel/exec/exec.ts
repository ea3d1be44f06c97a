// execve(2): from a path to a running program. Everything that can fail is done before the old program is given up.
// ELF loading is in load-elf.ts, the stack in stack.ts, `#!` in script.ts.
import {
  AT_BASE,
  AT_CLKTCK,
  AT_EGID,
  AT_ENTRY,
  AT_EUID,
  AT_FLAGS,
  AT_GID,
  AT_HWCAP,
  AT_MINSIGSTKSZ,
  AT_PAGESZ,
  AT_PHDR,
  AT_PHENT,
  AT_PHNUM,
  AT_SECURE,
  AT_SYSINFO_EHDR,
  AT_UID,
  type Elf,
  ET_DYN,
  PF_X,
  PT_GNU_STACK,
  PT_INTERP,
  readElf,
} from "../../abi/elf.ts";
import {
  E2BIG,
  EACCES,
  EAGAIN,
  EINVAL,
  EIO,
  ELIBBAD,
  ELOOP,
  ENOENT,
  ENOEXEC,
  ENOMEM,
  type Errno,
} from "../../abi/errno.ts";
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_RDONLY, RLIMIT_STACK } from "../../abi/flags.ts";
import { LANDLOCK_ACCESS_FS_EXECUTE } from "../../abi/landlock.ts";
import { MS_NOEXEC } from "../../abi/mount.ts";
import { SS_DISABLE } from "../../abi/signal.ts";
import { fromBytes } from "../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { mayAccessPath } from "../landlock/paths.ts";
import { AddressSpace, TASK_SIZE } from "../mm/address-space.ts";
import { pageUp } from "../mm/map.ts";
import { KernelBuffer, type UserAddress } from "../mm/user.ts";
import { reportExec, untrace } from "../ptrace/attach.ts";
import { releaseRobustList } from "../sched/robust-list.ts";
import { andThen, type Wait } from "../sched/wait-queue.ts";
import { commitCred } from "../security/commit.ts";
import { type ExecCred, execCred } from "../security/exec-cred.ts";
import { inodePermission, MAY_EXEC, MAY_READ } from "../security/permission.ts";
import { NO_RESULT, type SyscallResult } from "../syscalls/table.ts";
import { closeFile } from "../task/descriptors.ts";
import { exitTask } from "../task/exit.ts";
import { exceedsProcessLimit } from "../task/process-limit.ts";
import type { Task } from "../task/task.ts";
import type { File } from "../vfs/file.ts";
import { EMPTY, FOLLOW, walk } from "../vfs/namei.ts";
import { openInode } from "../vfs/open.ts";
import { denyWrite } from "../vfs/write-access.ts";
import { loadElf } from "./load-elf.ts";
import { parseScript } from "./script.ts";
import { argumentLimit, argumentSize, buildStack } from "./stack.ts";
import { mapVdso } from "./vdso.ts";

export interface Program {
  dirfd: number;
  path: string;
  argv: readonly string[];
  envp: readonly string[];
  /** AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW. */
  flags: number;
}

/** Linux's BINPRM_BUF_SIZE: how much of a file decides what it is. */
const HEAD = 256;
/** RLIMIT_STACK of a program that must not trust who starts it, at most (Linux's _STK_LIM). */
const DEFAULT_STACK = 8n << 20n;
/** Scripts whose interpreter is a script, at most. */
const MAX_DEPTH = 5;
/** Two thirds of user space: where position-independent programs go. */
const PIE_BASE = 0x2a_aaaa_a000;
/** IMAFDC: bit n is letter n. */
const HWCAP = [..."imafdc"].reduce((bits, letter) => bits | (1 << (letter.charCodeAt(0) - 97)), 0);

/** Replaces the program of `task`. Returns an error with everything as it was, or NO_RESULT in the new program. */
export function execute(task: Task, program: Program): SyscallResult {
  if ((program.flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) !== 0) return EINVAL;
  if (task.tooManyProcesses) {
    if (exceedsProcessLimit(task)) return EAGAIN;
    task.tooManyProcesses = false;
  }
  // An empty vector becomes one empty string, so that no program is without its name.
  const argv = program.argv.length === 0 ? [""] : program.argv;
  const size = argumentSize(argv, program.envp);
  if (size > argumentLimit(task.group.limit(RLIMIT_STACK))) return E2BIG;
  return andThen<File, number>(openExecutable(task, program.dirfd, program.path, program.flags), (file) => {
    const result = load(task, { ...program, argv }, file, 0);
    file.unref();
    return result as number;
  }) as SyscallResult;
}

/** Opens a program. Errors: those of path walking; EACCES for what is no regular file or may not be executed. */
function openExecutable(task: Task, dirfd: number, path: string, flags: number): File | Errno | Wait<File> {
  const follow = (flags & AT_SYMLINK_NOFOLLOW) === 0 ? FOLLOW : 0;
  const found = walk(task, dirfd, path, follow | ((flags & AT_EMPTY_PATH) !== 0 ? EMPTY : 0));
  if (typeof found === "number") return found;
  const { inode } = found.dentry;
  if (!inode) return ENOENT;
  if (inode.isSymlink) return ELOOP;
  if (!inode.isRegular) return EACCES;
  if ((found.mount.flags & MS_NOEXEC) !== 0) return EACCES;
  const denied = inodePermission(task.cred, inode, MAY_EXEC);
  if (denied !== 0) return denied;
  const { landlock } = task.cred;
  const barred = landlock ? mayAccessPath(landlock, found, LANDLOCK_ACCESS_FS_EXECUTE) : 0;
  return barred !== 0 ? barred : openInode(task, found, O_RDONLY);
}

function readAt(file: File, offset: number, length: number): Uint8Array | Errno {
  const bytes = new Uint8Array(length);
  const buffer = new KernelBuffer(bytes);
  const result = file.ops.read?.(file, buffer, offset) ?? EIO;
  if (typeof result !== "number") return EIO;
  return result < 0 ? (result as Errno) : bytes.subarray(0, result);
}

function load(task: Task, program: Program, file: File, depth: number): SyscallResult {
  const head = readAt(file, 0, HEAD);
  if (typeof head === "number") return head;
  const script = parseScript(head);
  if (typeof script === "number") return script;
  if (!script) return loadProgram(task, program, file, head);
  if (depth >= MAX_DEPTH) return ELOOP;
  const name = scriptName(program);
  // An interpreter could not open a script whose descriptor closes on exec.
  if (name.startsWith("/dev/fd/") && task.files.closesOnExec(program.dirfd)) return ENOENT;
  const argv = [script.interpreter, ...script.argument, name, ...program.argv.slice(1)];
  const interpreter = openExecutable(task, AT_FDCWD, script.interpreter || ".", 0);
  return andThen<File, number>(interpreter, (opened) => {
    const next: Program = { dirfd: AT_FDCWD, path: script.interpreter, argv, envp: program.envp, flags: 0 };
    const result = load(task, next, opened, depth + 1);
    opened.unref();
    return result as number;
  }) as SyscallResult;
}

/** The name under which the program (or its interpreter) can open the file. */
function scriptName({ dirfd, path }: Program): string {
  if (path === "") return `/dev/fd/${dirfd}`;
  return path.startsWith("/") || dirfd === AT_FDCWD ? path : `/dev/fd/${dirfd}/${path}`;
}

function loadProgram(task: Task, program: Program, file: File, head: Uint8Array): SyscallResult {
  let elf = readElf(head);
  if (elf === ELIBBAD) {
    // More program headers than fit into the head.
    const whole = readAt(file, 0, 65536);
    if (typeof whole === "number") return whole;
    elf = readElf(whole);
  }
  if (typeof elf === "number") return elf === ELIBBAD ? ENOEXEC : elf;
  const interpreter = openInterpreter(task, file, elf);
  if (interpreter !== undefined && typeof interpreter === "number") return interpreter;
  const built = withCred(task, file, (next) => build(task, program, file, elf, interpreter, next));
  interpreter?.file.unref();
  if (typeof built === "number") return built;
  becomes(task, program, file, built);
  return NO_RESULT;
}

/** What a program gains decides about its place in memory, too: about randomization, and how far its stack may grow. */
function withCred<T>(task: Task, file: File, work: (next: ExecCred) => T | Errno): T | Errno {
  const next = execCred(task, file);
  if (typeof next === "number") return next;
  const { group } = task;
  const { personality } = group;
  const stack = group.rlimits[RLIMIT_STACK]!;
  group.personality &= ~next.clears;
  if (next.secure && stack.soft > DEFAULT_STACK) group.rlimits[RLIMIT_STACK] = { ...stack, soft: DEFAULT_STACK };
  const result = work(next);
  if (typeof result === "number") {
    group.personality = personality;
    group.rlimits[RLIMIT_STACK] = stack;
  }
  return result;
}

interface Interpreter {
  file: File;
  elf: Elf;
}

function openInterpreter(task: Task, file: File, elf: Elf): Interpreter | Errno | undefined {
  const segment = elf.segments.find((each) => each.type === PT_INTERP);
  if (!segment) return undefined;
  if (segment.filesz < 2 || segment.filesz > 4096) return ENOEXEC;
  const bytes = readAt(file, segment.offset, segment.filesz);
  if (typeof bytes === "number") return bytes;
  if (bytes.length < segment.filesz) return EIO;
  if (bytes[bytes.length - 1] !== 0) return ENOEXEC;
  const opened = openExecutable(task, AT_FDCWD, fromBytes(bytes, 0, bytes.indexOf(0)), 0);
  if (typeof opened === "number") return opened;
  if (!("ops" in opened)) return EIO;
  const head = readAt(opened, 0, 4096);
  const parsed = typeof head === "number" ? head : readElf(head);
  if (typeof parsed === "number") {
    opened.unref();
    return parsed === ENOEXEC ? ELIBBAD : parsed;
  }
  return { file: opened, elf: parsed };
}

interface Built extends ExecCred {
  mm: AddressSpace;
  entry: number;
  sp: number;
}

/** The new address space, complete: nothing of the task has changed yet. */
function build(
  task: Task,
  program: Program,
  file: File,
  elf: Elf,
  interpreter: Interpreter | undefined,
  next: ExecCred,
): Built | Errno {
  const { kernel } = task;
  const mm = AddressSpace.create(kernel);
  if (!mm) return ENOMEM;
  const result = fill(task, mm, program, file, elf, interpreter, next);
  if (typeof result === "number") mm.unref();
  return result;
}

function fill(
  task: Task,
  mm: AddressSpace,
  program: Program,
  file: File,
  elf: Elf,
  interpreter: Interpreter | undefined,
  next: ExecCred,
): Built | Errno {
  const { kernel } = task;
  const stackLimit = task.group.limit(RLIMIT_STACK);
  const gap = Math.min(Math.max(stackLimit, 128 << 20), Math.floor(TASK_SIZE / 6) * 5);
  const top = TASK_SIZE - kernel.randomPages(task, 18) * PAGE_SIZE;
  mm.mmapBase = Math.floor((TASK_SIZE - gap - (2 ** 18 + 256) * PAGE_SIZE) / PAGE_SIZE) * PAGE_SIZE;
  mm.mmapBase -= kernel.randomPages(task, 18) * PAGE_SIZE;

  const base = interpreter ? PIE_BASE + kernel.randomPages(task, 18) * PAGE_SIZE : undefined;
  const loaded = loadElf(
    mm,
    file,
    elf,
    elf.type === ET_DYN ? (base ?? PIE_BASE + kernel.randomPages(task, 18) * PAGE_SIZE) : undefined,
  );
  if (typeof loaded === "number") return loaded;
  let { entry } = loaded;
  let interpreterBase = 0;
  if (interpreter) {
    const linker = loadElf(mm, interpreter.file, interpreter.elf, undefined);
    if (typeof linker === "number") return linker;
    entry = linker.entry;
    interpreterBase = linker.bias;
  }
  mm.startCode = loaded.startCode;
  mm.endCode = loaded.endCode;
  mm.startData = loaded.startData;
  mm.endData = loaded.endData;
  mm.brkStart = mm.brk = pageUp(loaded.end) + kernel.randomPages(task, 13) * PAGE_SIZE;
  const vdso = mapVdso(mm, task.nsproxy.timeForChildren.shifts);
  if (vdso < 0) return vdso as Errno;

  const { cred, secure } = next;
  const random = new Uint8Array(16);
  kernel.host.random(random);
  const gnuStack = elf.segments.find((segment) => segment.type === PT_GNU_STACK);
  const sp = buildStack(mm, {
    top,
    argv: program.argv,
    envp: program.envp,
    execfn: scriptName(program),
    random,
    executable: gnuStack ? (gnuStack.flags & PF_X) !== 0 : false,
    auxv: [
      [AT_SYSINFO_EHDR, vdso],
      [AT_MINSIGSTKSZ, 1088 + 16],
      [AT_HWCAP, HWCAP],
      [AT_PAGESZ, PAGE_SIZE],
      [AT_CLKTCK, 100],
      [AT_PHDR, loaded.phdr],
      [AT_PHENT, 56],
      [AT_PHNUM, elf.phnum],
      [AT_BASE, interpreterBase],
      [AT_FLAGS, 0],
      [AT_ENTRY, loaded.entry],
      [AT_UID, cred.userNamespace.showUid(cred.uid)],
      [AT_EUID, cred.userNamespace.showUid(cred.euid)],
      [AT_GID, cred.userNamespace.showGid(cred.gid)],
      [AT_EGID, cred.userNamespace.showGid(cred.egid)],
      [AT_SECURE, secure ? 1 : 0],
    ],
  });
  if (sp < 0) return sp as Errno;
  const busy = denyWrite(file.inode);
  if (busy !== 0) return busy;
  mm.executable = file.ref();
  return { ...next, mm, entry, sp };
}

/** The point of no return: the task takes on the new program. */
function becomes(task: Task, program: Program, file: File, built: Built): void {
  const { group, kernel, context } = task;
  const oldTid = task.tid;
  killOtherThreads(task);
  releaseRobustList(task);
  if (task.clearChildTid !== 0 && task.mm.users > 1) {
    task.mm.writeU32(task.clearChildTid, 0);
    kernel.futexes.wakeAddress(task.mm, task.clearChildTid, 1);
  }
  task.clearChildTid = 0 as UserAddress;
  task.rseq = undefined;
  const { nsproxy } = task;
  if (nsproxy.time !== nsproxy.timeForChildren) {
    task.nsproxy = nsproxy.with({ time: nsproxy.timeForChildren });
    task.nsproxy.time.frozen = true;
    nsproxy.unref();
  }
  group.usage.maxRss = Math.max(group.usage.maxRss, task.mm.peakRss);
  task.mm.unref();
  task.mm = built.mm;
  task.vforkDone?.();
  task.vforkDone = undefined;

  if (task.files.shared) {
    const own = task.files.copy();
    task.files.unref((other) => other.unref());
    task.files = own;
  }
  for (const [fd] of [...task.files.open()]) {
    if (!task.files.closesOnExec(fd)) continue;
    const closed = task.files.remove(fd);
    if (typeof closed !== "number") closeFile(task, closed);
  }
  if (task.handlersShared) group.handlers = group.handlers.copy();
  group.handlers.reset();
  task.altStack = { address: 0, size: 0, flags: SS_DISABLE };
  // By the identity that it had: what it gains is seen to when that is committed.
  const { euid, uid, egid, gid } = task.cred;
  const open = euid === uid && egid === gid && inodePermission(task.cred, file.inode, MAY_READ) === 0;
  task.dumpable = open ? 1 : kernel.sysctl.number("fs/suid_dumpable");
  commitCred(task, built.cred);
  if (built.secure) task.parentDeathSignal = 0;
  group.execed = true;
  group.executable = file.path;
  group.onExec?.();
  const slash = program.path.lastIndexOf("/");
  task.comm = (program.path === "" ? file.path.dentry.name : program.path.slice(slash + 1)).slice(0, 15);

  // Behind x31 come f0 to f31.
  for (let i = 1; i < 64; i++) context.setHalves(i, 0, 0);
  context.fcsr = 0;
  context.pc = built.entry;
  context.setXn(2, built.sp);
  kernel.trace.taskExec?.(task);
  if (task.tracee) reportExec(task, oldTid);
}

/** The process goes on with this thread alone, under the process's id. */
function killOtherThreads(task: Task): void {
  const { group, kernel } = task;
  const oldLeader = group.leader;
  for (const thread of [...group.threads]) {
    if (thread === task) continue;
    thread.exitReported = true;
    exitTask(thread);
  }
  if (oldLeader === task) return;
  untrace(oldLeader);
  task.exitSignal = oldLeader.exitSignal;
  kernel.tasks.removeTask(oldLeader.tid);
  oldLeader.state = "X";
  oldLeader.context.free();
  kernel.tasks.rename(task, group.pid);
  group.leader = task;
}
