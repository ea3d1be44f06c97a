// System V semaphores: semget, semop, semtimedop, semctl. svipc(7)
import { E2BIG, EACCES, EFAULT, EINVAL, ERANGE, type Errno } from "../../abi/errno.ts";
import { decodeChange, encodeSemid, SEMID_DS } from "../../abi/ipc.ts";
import {
  checkNumbers,
  SEMMNI,
  SEMMNS,
  SEMMSL,
  SEMOPM,
  SEMVMX,
  type SemaphoreOperation,
  type SemaphoreSet,
} from "../ipc/semaphores.ts";
import { IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT } from "../ipc/table.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import { readTimespec } from "../sched/timespec.ts";
import type { Task } from "../task/task.ts";
import { Bits, Flags, In, Int, type Row, Size, type SyscallResult, syscall } from "./table.ts";

const GETPID = 11;
const GETVAL = 12;
const GETALL = 13;
const GETNCNT = 14;
const GETZCNT = 15;
const SETVAL = 16;
const SETALL = 17;
const SEM_STAT = 18;
const SEM_INFO = 19;
const SEM_STAT_ANY = 20;
const READ = 0o444;
const WRITE = 0o222;

export const seconds = (task: Task): number => Number(task.kernel.clock.now() / 1_000_000_000n);

function semget(task: Task, key: number, count: number, flags: number): SyscallResult {
  const { semaphores } = task.ipc;
  if (count < 0 || count > SEMMSL) return EINVAL;
  return semaphores.sets.get(
    key,
    flags,
    task.cred,
    (set) => (count > set.semaphores.length ? EINVAL : 0),
    (permissions) => semaphores.make(permissions, count, () => seconds(task)),
  );
}

function semtimedop(task: Task, id: number, address: UserAddress, count: number, timeout: UserAddress): SyscallResult {
  if (count < 1 || id < 0) return EINVAL;
  if (count > SEMOPM) return E2BIG;
  const raw = task.mm.read(address, count * 6);
  if (typeof raw === "number") return raw;
  const time = timeout === NULL ? undefined : readTimespec(task.mm, timeout);
  if (typeof time === "number") return time;
  const view = new DataView(raw.buffer, raw.byteOffset);
  const operations: SemaphoreOperation[] = [];
  for (let i = 0; i < count; i++) {
    operations.push({
      number: view.getUint16(i * 6, true),
      change: view.getInt16(i * 6 + 2, true),
      flags: view.getInt16(i * 6 + 4, true),
    });
  }
  const set = task.ipc.semaphores.sets.find(id);
  if (typeof set === "number") return set;
  const known = checkNumbers(set, operations);
  if (known < 0) return known;
  const alters = operations.some(({ change }) => change !== 0);
  if (!set.permissions.allows(task.cred, alters ? WRITE : READ)) return EACCES;
  const deadline = time === undefined ? undefined : task.kernel.clock.monotonic() + Number(time);
  return set.operate(operations, task.pid, task.group, deadline);
}

function semctl(task: Task, id: number, number: number, command: number, union: bigint): SyscallResult {
  if (id < 0) return EINVAL;
  const argument = Number(union) as UserAddress;
  const { semaphores } = task.ipc;
  const { sets } = semaphores;
  switch (command) {
    case IPC_INFO:
    case SEM_INFO: {
      const info = Int32Array.of(SEMMNS, SEMMNI, SEMMNS, SEMMNS, SEMMSL, SEMOPM, SEMOPM, 20, SEMVMX, SEMVMX);
      if (command === SEM_INFO) {
        info[7] = sets.count;
        info[9] = semaphores.used;
      }
      return task.mm.write(argument, new Uint8Array(info.buffer)) || sets.highest;
    }
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY: {
      const set = command === IPC_STAT ? sets.find(id) : sets.at(id);
      if (typeof set === "number") return set;
      if (command !== SEM_STAT_ANY && !set.permissions.allows(task.cred, READ)) return EACCES;
      const { otime, ctime } = set;
      const bytes = encodeSemid(set.permissions, { otime, ctime, nsems: set.semaphores.length });
      return task.mm.write(argument, bytes) || (command === IPC_STAT ? 0 : set.permissions.id);
    }
    case IPC_SET: {
      const bytes = task.mm.read(argument, SEMID_DS);
      if (typeof bytes === "number") return bytes;
      const set = sets.owned(id, task.cred);
      if (typeof set === "number") return set;
      Object.assign(set.permissions, decodeChange(bytes));
      set.ctime = seconds(task);
      return 0;
    }
    case IPC_RMID: {
      const set = sets.owned(id, task.cred);
      if (typeof set === "number") return set;
      semaphores.remove(set);
      return 0;
    }
    case GETALL:
    case SETALL:
      return all(task, id, command === SETALL, argument);
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
    case SETVAL:
      return one(task, id, number, command, Number(BigInt.asIntN(32, union)));
    default:
      return EINVAL;
  }
}

function accessible(task: Task, id: number, mode: number): SemaphoreSet | Errno {
  const set = task.ipc.semaphores.sets.find(id);
  if (typeof set === "number") return set;
  return set.permissions.allows(task.cred, mode) ? set : EACCES;
}

function all(task: Task, id: number, writes: boolean, address: UserAddress): SyscallResult {
  const set = accessible(task, id, writes ? WRITE : READ);
  if (typeof set === "number") return set;
  const count = set.semaphores.length;
  if (!writes) {
    const values = Uint16Array.from(set.semaphores, ({ value }) => value);
    return task.mm.write(address, new Uint8Array(values.buffer));
  }
  const raw = task.mm.read(address, count * 2);
  if (typeof raw === "number") return EFAULT;
  const view = new DataView(raw.buffer, raw.byteOffset);
  const values = Array.from({ length: count }, (_, i) => view.getUint16(i * 2, true));
  return set.set(0, values, task.pid);
}

function one(task: Task, id: number, number: number, command: number, value: number): SyscallResult {
  if (command === SETVAL && (value < 0 || value > SEMVMX)) return ERANGE;
  const set = accessible(task, id, command === SETVAL ? WRITE : READ);
  if (typeof set === "number") return set;
  const semaphore = set.semaphores[number];
  if (!semaphore) return EINVAL;
  if (command === GETVAL) return semaphore.value;
  if (command === GETPID) return semaphore.pid;
  if (command === SETVAL) return set.set(number, [value], task.pid);
  return set.waiting(number, command === GETZCNT);
}

const id = Int("semid");
export const rows: Row[] = [
  syscall(190, "semget", [Int("key", "ipc-key"), Int("nsems"), Flags("semflg", "IPC")], semget),
  syscall(191, "semctl", [id, Int("semnum"), Int("cmd", "SEM_CMD"), Bits("arg")], semctl),
  syscall(192, "semtimedop", [id, In("sops", "sembuf"), Size("nsops"), In("timeout", "timespec")], semtimedop),
  syscall(193, "semop", [id, In("sops", "sembuf"), Size("nsops")], (task, set, operations, count) =>
    semtimedop(task, set, operations, count, NULL),
  ),
];
