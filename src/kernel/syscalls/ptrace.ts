// ptrace(2): one row for each request. Who traces whom is in ../ptrace/attach.ts, stops in ../ptrace/stop.ts.
import { EACCES, EFAULT, EINVAL, EIO, ENOENT, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import {
  PTRACE_ATTACH,
  PTRACE_CONT,
  PTRACE_DETACH,
  PTRACE_EVENT_STOP,
  PTRACE_GET_RSEQ_CONFIGURATION,
  PTRACE_GET_SYSCALL_INFO,
  PTRACE_GETEVENTMSG,
  PTRACE_GETREGSET,
  PTRACE_GETSIGINFO,
  PTRACE_GETSIGMASK,
  PTRACE_INTERRUPT,
  PTRACE_KILL,
  PTRACE_LISTEN,
  PTRACE_O_MASK,
  PTRACE_O_SUSPEND_SECCOMP,
  PTRACE_PEEKDATA,
  PTRACE_PEEKSIGINFO,
  PTRACE_PEEKSIGINFO_SHARED,
  PTRACE_PEEKTEXT,
  PTRACE_POKEDATA,
  PTRACE_POKETEXT,
  PTRACE_SECCOMP_GET_FILTER,
  PTRACE_SECCOMP_GET_METADATA,
  PTRACE_SEIZE,
  PTRACE_SET_SYSCALL_INFO,
  PTRACE_SETOPTIONS,
  PTRACE_SETREGSET,
  PTRACE_SETSIGINFO,
  PTRACE_SETSIGMASK,
  PTRACE_SINGLESTEP,
  PTRACE_SYSCALL,
  PTRACE_SYSEMU,
  PTRACE_SYSEMU_SINGLESTEP,
  PTRACE_TRACEME,
} from "../../abi/ptrace.ts";
import { SECCOMP_FILTER_FLAG_LOG } from "../../abi/seccomp.ts";
import { decodeSiginfo, encodeSiginfo, SIGINFO_SIZE } from "../../abi/siginfo.ts";
import { SIGKILL } from "../../abi/signal.ts";
import { readForced, writeForced } from "../mm/foreign.ts";
import { at, type UserAddress } from "../mm/user.ts";
import { attach, detach, interrupt, traceMe } from "../ptrace/attach.ts";
import { registerSets } from "../ptrace/registers.ts";
import { leaveStop, retrap } from "../ptrace/stop.ts";
import { setSystemCall, systemCallInfo } from "../ptrace/system-call.ts";
import { CALL_EMULATE, CALL_STEP, CALL_TRACE, type Tracee } from "../ptrace/tracee.ts";
import type { Filter } from "../seccomp/filter.ts";
import { CAP_SYS_ADMIN } from "../security/cred.ts";
import { sendToTask } from "../signal/send.ts";
import { killPending, UNBLOCKABLE } from "../signal/state.ts";
import type { Task } from "../task/task.ts";
import { Address, Bits, Long, Pid, type Row, type SyscallResult, syscall } from "./table.ts";

/** What a request works on: the tracer, the task that it traces, and the two arguments. */
interface Call {
  readonly task: Task;
  readonly child: Task;
  readonly tracee: Tracee;
  readonly addr: UserAddress;
  readonly data: bigint;
}

const address = (data: bigint): UserAddress => Number(data) as UserAddress;

function badOptions(task: Task, options: bigint): 0 | Errno {
  if ((options & ~BigInt(PTRACE_O_MASK)) !== 0n) return EINVAL;
  if ((options & BigInt(PTRACE_O_SUSPEND_SECCOMP)) !== 0n) {
    // Who is filtered itself could have another do for it what it may not.
    const suspended = ((task.tracee?.options ?? 0) & PTRACE_O_SUSPEND_SECCOMP) !== 0;
    if (!task.cred.can(CAP_SYS_ADMIN) || task.seccomp || suspended) return EPERM;
  }
  return 0;
}

function peek({ task, child, addr, data }: Call): number {
  const word = new Uint8Array(8);
  if (readForced(child.mm, addr, word) !== 8) return EIO;
  return task.mm.write(address(data), word);
}

function poke({ child, addr, data }: Call): number {
  const word = new Uint8Array(8);
  new DataView(word.buffer).setBigUint64(0, data, true);
  return writeForced(child.mm, addr, word) === 8 ? 0 : EIO;
}

/** The child goes on; system calls stop or not, and it runs on or for one instruction. */
const resume =
  (callWork: number) =>
  ({ child, data }: Call): number => {
    if (data > 64n) return EIO;
    child.callWork = callWork;
    leaveStop(child, Number(data));
    return 0;
  };

function kill({ child }: Call): number {
  sendToTask(child, { signal: SIGKILL, code: 0, pid: 0, uid: 0 });
  return 0;
}

function setOptions({ task, tracee, data }: Call): number {
  const bad = badOptions(task, data);
  if (bad === 0) tracee.options = Number(data);
  return bad;
}

const getEventMessage = ({ task, tracee, data }: Call): number =>
  task.mm.writeU64(address(data), BigInt(tracee.stop?.message ?? 0));

function getSiginfo({ task, tracee, data }: Call): number {
  const info = tracee.stop?.info;
  if (!info) return EINVAL;
  const bytes = new Uint8Array(SIGINFO_SIZE);
  encodeSiginfo(info, new DataView(bytes.buffer));
  return task.mm.write(address(data), bytes);
}

function setSiginfo({ task, tracee, data }: Call): number {
  const bytes = task.mm.read(address(data), SIGINFO_SIZE);
  if (typeof bytes === "number") return bytes;
  const { stop } = tracee;
  if (!stop?.info) return EINVAL;
  const { onTake } = stop.info;
  stop.info = { ...decodeSiginfo(new DataView(bytes.buffer)), raw: bytes, ...(onTake ? { onTake } : {}) };
  return 0;
}

/** struct iovec of a register set. Errors: EINVAL for a set that there is not, or half a register; EFAULT. */
const registers =
  (write: boolean) =>
  ({ task, child, addr, data }: Call): number => {
    const { mm } = task;
    const vector = mm.read(address(data), 16);
    if (typeof vector === "number") return vector;
    const view = new DataView(vector.buffer);
    const base = address(view.getBigUint64(0, true));
    const set = registerSets.get(addr);
    const length = Number(view.getBigUint64(8, true));
    if (!set || length % set.unit !== 0) return EINVAL;
    const n = Math.min(length, set.size);
    if (write) {
      const bytes = mm.read(base, n);
      if (typeof bytes === "number") return bytes;
      set.write(child.context, bytes);
    } else if (mm.write(base, set.read(child.context).subarray(0, n)) < 0) return EFAULT;
    return mm.writeU64(at(address(data), 8), BigInt(n));
  };

/** Queued signals, from the `off`-th on. Answers how many there were. */
function peekSiginfo({ task, child, addr, data }: Call): number {
  const bytes = task.mm.read(addr, 16);
  if (typeof bytes === "number") return bytes;
  const view = new DataView(bytes.buffer);
  const from = Number(view.getBigUint64(0, true));
  const flags = view.getUint32(8, true);
  const count = view.getInt32(12, true);
  if ((flags & ~PTRACE_PEEKSIGINFO_SHARED) !== 0 || count < 0) return EINVAL;
  const pending = (flags & PTRACE_PEEKSIGINFO_SHARED) !== 0 ? child.group.pending : child.pending;
  const infos = pending.infos().slice(from, from + count);
  for (const [i, info] of infos.entries()) {
    const out = new Uint8Array(SIGINFO_SIZE);
    encodeSiginfo(info, new DataView(out.buffer));
    if (task.mm.write(at(address(data), i * SIGINFO_SIZE), out) < 0) return i > 0 ? i : EFAULT;
  }
  return infos.length;
}

function getMask({ task, child, addr, data }: Call): number {
  if (addr !== 8) return EINVAL;
  return task.mm.writeU64(address(data), child.savedMask ?? child.blocked);
}

function setMask({ task, child, addr, data }: Call): number {
  if (addr !== 8) return EINVAL;
  const mask = task.mm.readU64(address(data));
  if (mask === undefined) return EFAULT;
  child.savedMask = undefined;
  child.blocked = mask & ~UNBLOCKABLE;
  return 0;
}

function listen({ child, tracee }: Call): number {
  if (!tracee.seized || (tracee.stop?.info?.code ?? 0) >> 8 !== PTRACE_EVENT_STOP) return EIO;
  tracee.listening = true;
  if (tracee.trapNotify) retrap(child, tracee);
  return 0;
}

/** How much there is to tell; as much as fits is told. */
function getSystemCallInfo({ task, child, tracee, addr, data }: Call): number {
  const bytes = systemCallInfo(child, tracee);
  const n = Math.min(bytes.length, addr);
  return task.mm.write(address(data), bytes.subarray(0, n)) < 0 ? EFAULT : bytes.length;
}

function setSystemCallInfo({ task, child, tracee, addr, data }: Call): number {
  if (addr < 24) return EINVAL;
  const bytes = new Uint8Array(88);
  const given = task.mm.read(address(data), Math.min(addr, 88));
  if (typeof given === "number") return given;
  bytes.set(given);
  return setSystemCall(child, tracee, bytes);
}

/** The filter at an index, the oldest first. Errors: EACCES, EINVAL, ENOENT. */
function filterAt(task: Task, child: Task, index: number): Filter | Errno {
  if (!task.cred.can(CAP_SYS_ADMIN) || task.seccomp) return EACCES;
  if (!child.seccomp?.filter) return EINVAL;
  return [...child.seccomp.filter.chain()].at(-1 - index) ?? ENOENT;
}

/** Answers how many instructions there are. */
function getFilter({ task, child, addr, data }: Call): number {
  const filter = filterAt(task, child, addr);
  if (typeof filter === "number") return filter;
  const { program } = filter;
  if (data !== 0n && task.mm.write(address(data), program.encode()) < 0) return EFAULT;
  return program.length;
}

/** struct seccomp_metadata: an index, and the flags of the filter there. */
function getMetadata({ task, child, addr, data }: Call): number {
  if (!task.cred.can(CAP_SYS_ADMIN) || task.seccomp) return EACCES;
  const size = Math.min(addr, 16);
  if (size < 8) return EINVAL;
  const index = task.mm.readU64(address(data));
  if (index === undefined) return EFAULT;
  const filter = filterAt(task, child, Number(index));
  if (typeof filter === "number") return filter;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, index, true);
  if (filter.log) view.setBigUint64(8, BigInt(SECCOMP_FILTER_FLAG_LOG), true);
  return task.mm.write(address(data), bytes.subarray(0, size)) < 0 ? EFAULT : size;
}

/** struct ptrace_rseq_configuration. */
function getRseq({ task, child, addr, data }: Call): number {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(child.rseq?.address ?? 0), true);
  view.setUint32(8, child.rseq?.length ?? 0, true);
  view.setUint32(12, child.rseq?.signature ?? 0, true);
  return task.mm.write(address(data), bytes.subarray(0, Math.min(24, addr))) < 0 ? EFAULT : 24;
}

const requests: ReadonlyMap<number, (call: Call) => number> = new Map([
  [PTRACE_PEEKTEXT, peek],
  [PTRACE_PEEKDATA, peek],
  [PTRACE_POKETEXT, poke],
  [PTRACE_POKEDATA, poke],
  [PTRACE_CONT, resume(0)],
  [PTRACE_SYSCALL, resume(CALL_TRACE)],
  [PTRACE_SINGLESTEP, resume(CALL_STEP)],
  [PTRACE_SYSEMU, resume(CALL_EMULATE)],
  [PTRACE_SYSEMU_SINGLESTEP, resume(CALL_EMULATE | CALL_STEP)],
  [PTRACE_KILL, kill],
  [PTRACE_DETACH, ({ child, data }) => (data > 64n ? EIO : detach(child, Number(data)))],
  [PTRACE_SETOPTIONS, setOptions],
  [PTRACE_GETEVENTMSG, getEventMessage],
  [PTRACE_GETSIGINFO, getSiginfo],
  [PTRACE_SETSIGINFO, setSiginfo],
  [PTRACE_GETREGSET, registers(false)],
  [PTRACE_SETREGSET, registers(true)],
  [
    PTRACE_INTERRUPT,
    ({ child, tracee }) => {
      if (!tracee.seized) return EIO;
      interrupt(child, tracee);
      return 0;
    },
  ],
  [PTRACE_LISTEN, listen],
  [PTRACE_PEEKSIGINFO, peekSiginfo],
  [PTRACE_GETSIGMASK, getMask],
  [PTRACE_SETSIGMASK, setMask],
  [PTRACE_SECCOMP_GET_FILTER, getFilter],
  [PTRACE_SECCOMP_GET_METADATA, getMetadata],
  [PTRACE_GET_SYSCALL_INFO, getSystemCallInfo],
  [PTRACE_SET_SYSCALL_INFO, setSystemCallInfo],
  [PTRACE_GET_RSEQ_CONFIGURATION, getRseq],
]);

function seize(task: Task, child: Task, addr: UserAddress, data: bigint): 0 | Errno {
  if (addr !== 0 || (data & ~BigInt(PTRACE_O_MASK)) !== 0n) return EIO;
  const bad = badOptions(task, data);
  return bad < 0 ? bad : attach(task, child, true, Number(data));
}

function ptrace(task: Task, request: number, pid: number, addr: UserAddress, data: bigint): SyscallResult {
  if (request === PTRACE_TRACEME) return traceMe(task);
  const child = task.kernel.tasks.task(pid);
  if (!child) return ESRCH;
  if (request === PTRACE_ATTACH) return attach(task, child, false, 0);
  if (request === PTRACE_SEIZE) return seize(task, child, addr, data);
  const { tracee } = child;
  if (!tracee || tracee.tracer !== task) return ESRCH;
  // In the stop before its end it can be looked at, although it is dying.
  const dying = killPending(child) && !child.exitReported;
  const stopped = child.state === "t" && !tracee.listening && !dying;
  if (!stopped && request !== PTRACE_KILL && request !== PTRACE_INTERRUPT) return ESRCH;
  return requests.get(request)?.({ task, child, tracee, addr, data }) ?? EIO;
}

export const rows: readonly Row[] = [
  syscall(117, "ptrace", [Long("request", "ptrace"), Pid("pid"), Address("addr"), Bits("data")], ptrace),
];
