// prctl(2): what a process sets for itself that has no call of its own. Capabilities and secure bits are capabilities(7)'s.
import { EBADF, EFAULT, EINVAL, ENOMEM, EPERM, type Errno } from "../../abi/errno.ts";
import { fromBytes, toBytes } from "../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { UserAddress } from "../mm/user.ts";
import { CAP_LAST_CAP, CAP_SETPCAP, CAP_SYS_RESOURCE, type CredFields } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { setSeccomp } from "./seccomp.ts";
import { Int, type Row, syscall, ULong } from "./table.ts";

const PR_SET_PDEATHSIG = 1;
const PR_GET_PDEATHSIG = 2;
const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;
const PR_GET_KEEPCAPS = 7;
const PR_SET_KEEPCAPS = 8;
const PR_GET_TIMING = 13;
const PR_SET_TIMING = 14;
const PR_SET_NAME = 15;
const PR_GET_NAME = 16;
const PR_GET_SECCOMP = 21;
const PR_SET_SECCOMP = 22;
const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_GET_SECUREBITS = 27;
const PR_SET_SECUREBITS = 28;
const PR_SET_TIMERSLACK = 29;
const PR_GET_TIMERSLACK = 30;
const PR_TASK_PERF_EVENTS_DISABLE = 31;
const PR_TASK_PERF_EVENTS_ENABLE = 32;
const PR_MCE_KILL = 33;
const PR_MCE_KILL_GET = 34;
const PR_SET_MM = 35;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_GET_CHILD_SUBREAPER = 37;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;
const PR_GET_TID_ADDRESS = 40;
const PR_SET_THP_DISABLE = 41;
const PR_GET_THP_DISABLE = 42;
const PR_CAP_AMBIENT = 47;
const PR_SET_IO_FLUSHER = 57;
const PR_GET_IO_FLUSHER = 58;
const PR_SET_MEMORY_MERGE = 67;
const PR_GET_MEMORY_MERGE = 68;
const PR_RISCV_SET_ICACHE_FLUSH_CTX = 71;
const PR_SET_VMA = 0x53564d41;
const PR_SET_PTRACER = 0x59616d61;

const PR_CAP_AMBIENT_IS_SET = 1;
const PR_CAP_AMBIENT_RAISE = 2;
const PR_CAP_AMBIENT_LOWER = 3;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const PR_MCE_KILL_DEFAULT = 2;
const PR_SET_VMA_ANON_NAME = 0;
/** With its NUL. */
const ANON_NAME_MAX = 80;

// Secure bits; the lock of each is the next higher bit.
const SECBIT_KEEP_CAPS = 0x10;
const SECBIT_KEEP_CAPS_LOCKED = 0x20;
const SECBIT_NO_CAP_AMBIENT_RAISE = 0x40;
const SECURE_BITS = 0x55;
const SECURE_LOCKS = 0xaa;

const COMM_SIZE = 16;
const NSIG = 64;

type Option = (task: Task, a: number, b: number, c: number, d: number) => number;

const setCred = (task: Task, changes: Partial<CredFields>): 0 => {
  task.cred = task.cred.with(changes);
  return 0;
};
const bitOf = (capability: number): bigint => 1n << BigInt(capability);
const known = (capability: number): boolean => capability >= 0 && capability <= CAP_LAST_CAP;

function setName(task: Task, address: number): number {
  // At most 15 bytes are taken; the string may go on.
  let name = "";
  for (let i = 0; i < COMM_SIZE - 1; i++) {
    const byte = task.mm.read((address + i) as UserAddress, 1);
    if (typeof byte === "number") return EFAULT;
    if (byte[0] === 0) break;
    name += fromBytes(byte);
  }
  task.comm = name;
  return 0;
}

function getName(task: Task, address: number): number {
  const bytes = new Uint8Array(COMM_SIZE);
  bytes.set(toBytes(task.comm.slice(0, COMM_SIZE - 1)));
  return task.mm.write(address as UserAddress, bytes);
}

function keepCaps(task: Task, on: number): number {
  if (on > 1) return EINVAL;
  const { securebits } = task.cred;
  if ((securebits & SECBIT_KEEP_CAPS_LOCKED) !== 0) return EPERM;
  return setCred(task, { securebits: on ? securebits | SECBIT_KEEP_CAPS : securebits & ~SECBIT_KEEP_CAPS });
}

function setSecureBits(task: Task, bits: number): number {
  const { cred } = task;
  const locks = cred.securebits & SECURE_LOCKS;
  const changesLocked = ((locks >> 1) & (cred.securebits ^ bits)) !== 0;
  const unlocks = (locks & ~bits) !== 0;
  const unknown = bits > 0xff || (bits & ~(SECURE_BITS | SECURE_LOCKS)) !== 0;
  if (changesLocked || unlocks || unknown || !cred.has(CAP_SETPCAP)) return EPERM;
  return setCred(task, { securebits: bits });
}

function dropBounding(task: Task, capability: number): number {
  if (!task.cred.has(CAP_SETPCAP)) return EPERM;
  if (!known(capability)) return EINVAL;
  return setCred(task, { bounding: task.cred.bounding & ~bitOf(capability) });
}

function ambient(task: Task, action: number, capability: number, c: number, d: number): number {
  const { cred } = task;
  if (action === PR_CAP_AMBIENT_CLEAR_ALL) {
    return capability !== 0 || c !== 0 || d !== 0 ? EINVAL : setCred(task, { ambient: 0n });
  }
  if (!known(capability) || c !== 0 || d !== 0) return EINVAL;
  const wanted = bitOf(capability);
  switch (action) {
    case PR_CAP_AMBIENT_IS_SET:
      return (cred.ambient & wanted) !== 0n ? 1 : 0;
    case PR_CAP_AMBIENT_RAISE:
      if ((cred.permitted & cred.inheritable & wanted) === 0n) return EPERM;
      if ((cred.securebits & SECBIT_NO_CAP_AMBIENT_RAISE) !== 0) return EPERM;
      return setCred(task, { ambient: cred.ambient | wanted });
    case PR_CAP_AMBIENT_LOWER:
      return setCred(task, { ambient: cred.ambient & ~wanted });
    default:
      return EINVAL;
  }
}

function setDumpable(task: Task, value: number): number {
  if (value > 1) return EINVAL;
  for (const thread of task.group.threads) thread.dumpable = value;
  return 0;
}

const putInt = (task: Task, address: number, value: number): number =>
  task.mm.writeU32(address as UserAddress, value >>> 0);

/** A flag that is kept and has no effect. */
const acknowledged: Option = () => 0;
const all0 = (...values: number[]): boolean => values.every((value) => value === 0);

const options = new Map<number, Option>([
  [
    PR_SET_PDEATHSIG,
    (task, signal) => {
      if (signal > NSIG) return EINVAL;
      task.parentDeathSignal = signal;
      return 0;
    },
  ],
  [PR_GET_PDEATHSIG, (task, address) => putInt(task, address, task.parentDeathSignal)],
  [PR_GET_DUMPABLE, (task) => task.dumpable],
  [PR_SET_DUMPABLE, setDumpable],
  [PR_GET_KEEPCAPS, (task) => ((task.cred.securebits & SECBIT_KEEP_CAPS) !== 0 ? 1 : 0)],
  [PR_SET_KEEPCAPS, keepCaps],
  [PR_GET_TIMING, () => 0],
  [PR_SET_TIMING, (_task, mode) => (mode === 0 ? 0 : EINVAL)],
  [PR_SET_NAME, setName],
  [PR_GET_NAME, getName],
  [PR_GET_SECCOMP, (task) => task.seccomp?.mode ?? 0],
  [PR_SET_SECCOMP, setSeccomp],
  [
    PR_CAPBSET_READ,
    (task, capability) => {
      if (!known(capability)) return EINVAL;
      return (task.cred.bounding & bitOf(capability)) !== 0n ? 1 : 0;
    },
  ],
  [PR_CAPBSET_DROP, dropBounding],
  [PR_GET_SECUREBITS, (task) => task.cred.securebits],
  [PR_SET_SECUREBITS, setSecureBits],
  [
    PR_SET_TIMERSLACK,
    (task, slack) => {
      // As a signed value: what is not positive restores the default.
      task.timerSlack = slack === 0 || slack >= 2 ** 63 ? task.defaultTimerSlack : slack;
      return 0;
    },
  ],
  [PR_GET_TIMERSLACK, (task) => task.timerSlack],
  [PR_TASK_PERF_EVENTS_DISABLE, acknowledged],
  [PR_TASK_PERF_EVENTS_ENABLE, acknowledged],
  [
    PR_MCE_KILL,
    (_task, action, policy, c, d) => {
      if (!all0(c, d)) return EINVAL;
      if (action === 0) return policy === 0 ? 0 : EINVAL;
      return action === 1 && policy <= 2 ? 0 : EINVAL;
    },
  ],
  [PR_MCE_KILL_GET, (_task, a, b, c, d) => (all0(a, b, c, d) ? PR_MCE_KILL_DEFAULT : EINVAL)],
  [PR_SET_MM, (task) => (task.cred.can(CAP_SYS_RESOURCE) ? EINVAL : EPERM)],
  [
    PR_SET_CHILD_SUBREAPER,
    (task, on) => {
      task.group.subreaper = on !== 0;
      return 0;
    },
  ],
  [PR_GET_CHILD_SUBREAPER, (task, address) => putInt(task, address, task.group.subreaper ? 1 : 0)],
  [
    PR_SET_NO_NEW_PRIVS,
    (task, on, b, c, d) => (on !== 1 || !all0(b, c, d) ? EINVAL : setCred(task, { noNewPrivileges: true })),
  ],
  [PR_GET_NO_NEW_PRIVS, (task, a, b, c, d) => (all0(a, b, c, d) ? (task.cred.noNewPrivileges ? 1 : 0) : EINVAL)],
  [PR_GET_TID_ADDRESS, (task, address) => task.mm.writeU64(address as UserAddress, BigInt(task.clearChildTid))],
  [
    PR_SET_THP_DISABLE,
    (task, on, b, c, d) => {
      if (!all0(b, c, d)) return EINVAL;
      task.group.thpDisabled = on !== 0;
      return 0;
    },
  ],
  [PR_GET_THP_DISABLE, (task, a, b, c, d) => (all0(a, b, c, d) ? (task.group.thpDisabled ? 1 : 0) : EINVAL)],
  [PR_CAP_AMBIENT, ambient],
  [
    PR_SET_IO_FLUSHER,
    (task, on, b, c, d) => {
      if (!task.cred.can(CAP_SYS_RESOURCE)) return EPERM;
      return on > 1 || !all0(b, c, d) ? EINVAL : 0;
    },
  ],
  [
    PR_GET_IO_FLUSHER,
    (task, a, b, c, d) => {
      if (!task.cred.can(CAP_SYS_RESOURCE)) return EPERM;
      return all0(a, b, c, d) ? 0 : EINVAL;
    },
  ],
  [PR_SET_MEMORY_MERGE, (_task, _on, b, c, d) => (all0(b, c, d) ? 0 : EINVAL)],
  [PR_GET_MEMORY_MERGE, (_task, a, b, c, d) => (all0(a, b, c, d) ? 0 : EINVAL)],
  // Fences are exact here, wherever a thread runs.
  [PR_RISCV_SET_ICACHE_FLUSH_CTX, (_task, on, scope) => (on <= 1 && scope <= 1 ? 0 : EINVAL)],
  // Yama, which Debian has.
  [
    PR_SET_PTRACER,
    (task, pid) => {
      const allowed = pid >= 2 ** 63 ? "any" : pid === 0 ? 0 : task.pidNamespace.find(pid);
      if (allowed !== "any" && allowed !== 0 && !task.kernel.tasks.task(allowed)) return EINVAL;
      task.group.ptracer = allowed;
      return 0;
    },
  ],
  [PR_SET_VMA, nameVma],
]);

/** Names anonymous memory, for /proc/PID/maps. Errors: EINVAL, EFAULT; EBADF for a file's; ENOMEM for a hole. */
function nameVma(task: Task, action: number, start: number, length: number, name: number): number {
  if (action !== PR_SET_VMA_ANON_NAME) return EINVAL;
  let text: string | undefined;
  if (name !== 0) {
    const string = task.mm.readString(name as UserAddress, ANON_NAME_MAX);
    if (typeof string === "number") return string === EFAULT ? EFAULT : EINVAL;
    if (/[^ -~]|[\\`$[\]]/.test(string)) return EINVAL;
    text = `[anon:${string}]`;
  }
  if (start % PAGE_SIZE !== 0) return EINVAL;
  const end = start + Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
  if (end === start) return 0;
  const { mm } = task;
  mm.splitAt(start);
  mm.splitAt(end);
  let covered = start;
  for (const vma of mm.areas.within(start, end)) {
    if (vma.file) return EBADF;
    if (vma.start > covered) break;
    vma.name = text;
    covered = vma.end;
  }
  return covered < end ? ENOMEM : 0;
}

function prctl(task: Task, option: number, a: number, b: number, c: number, d: number): number | Errno {
  return options.get(option)?.(task, a, b, c, d) ?? EINVAL;
}

export const rows: Row[] = [
  syscall(167, "prctl", [Int("option"), ULong("arg2"), ULong("arg3"), ULong("arg4"), ULong("arg5")], prctl, {
    gaps: "PR_SET_MM, PR_SET_MDWE, PR_SET_SYSCALL_USER_DISPATCH, PR_SCHED_CORE",
  }),
];
