// System V shared memory: shmget, shmat, shmdt, shmctl. svipc(7)
import { EACCES, EINVAL, EPERM } from "../../abi/errno.ts";
import { MAP_FIXED, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from "../../abi/flags.ts";
import { decodeChange, encodeShmid, SHMID_DS } from "../../abi/ipc.ts";
import { type Segment, SHMMAX, SHMMNI, segmentOf } from "../ipc/shared-memory.ts";
import { IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT } from "../ipc/table.ts";
import { map, unmap } from "../mm/map.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import { CAP_IPC_LOCK } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { seconds } from "./semaphore.ts";
import { Address, Flags, Int, type Row, Size, type SyscallResult, syscall } from "./table.ts";

const SHM_RDONLY = 0o10000;
const SHM_RND = 0o20000;
const SHM_REMAP = 0o40000;
const SHM_EXEC = 0o100000;
const SHM_DEST = 0o1000;
const SHM_LOCKED = 0o2000;
const SHM_LOCK = 11;
const SHM_UNLOCK = 12;
const SHM_STAT = 13;
const SHM_INFO = 14;
const SHM_STAT_ANY = 15;
const PAGE = 4096;
const READ = 0o444;
const WRITE = 0o222;
const EXECUTE = 0o111;

function shmget(task: Task, key: number, size: number, flags: number): SyscallResult {
  const { kernel } = task;
  const { memory } = task.ipc;
  return memory.segments.get(
    key,
    flags,
    task.cred,
    (segment) => (size > segment.size ? EINVAL : 0),
    (permissions) => memory.make(kernel, permissions, size),
  );
}

function shmat(task: Task, id: number, at: UserAddress, flags: number): SyscallResult {
  if (id < 0) return EINVAL;
  let address: number = at;
  if (address % PAGE !== 0) {
    if ((flags & SHM_RND) === 0) return EINVAL;
    address -= address % PAGE;
    if (address === 0 && (flags & SHM_REMAP) !== 0) return EINVAL;
  }
  const remap = (flags & SHM_REMAP) !== 0;
  if (at === NULL && remap) return EINVAL;
  const { memory } = task.ipc;
  const segment = memory.segments.find(id);
  if (typeof segment === "number") return segment;
  const readOnly = (flags & SHM_RDONLY) !== 0;
  const executes = (flags & SHM_EXEC) !== 0;
  const wanted = READ | (readOnly ? 0 : WRITE) | (executes ? EXECUTE : 0);
  if (!segment.permissions.allows(task.cred, wanted)) return EACCES;
  const length = segment.pages * PAGE;
  if (at !== NULL && !remap && !task.mm.areas.isFree(address, address + length)) return EINVAL;
  const file = memory.open(segment, readOnly);
  const prot = PROT_READ | (readOnly ? 0 : PROT_WRITE) | (executes ? PROT_EXEC : 0);
  const result = map(task.mm, { address, length, prot, flags: MAP_SHARED | (at === NULL ? 0 : MAP_FIXED), file });
  file.unref();
  if (result < 0) return result;
  segment.atime = seconds(task);
  segment.last = task.pid;
  return result;
}

function shmdt(task: Task, address: UserAddress): SyscallResult {
  if (address % PAGE !== 0) return EINVAL;
  const { mm } = task;
  // The attachment is known by an area that lies where the segment would begin at `address`.
  let found: ReturnType<typeof segmentOf>;
  for (const vma of [...mm.areas]) {
    const segment = segmentOf(vma.file);
    if (!segment || vma.start - vma.offset !== address || (found && segment !== found)) continue;
    found = segment;
    unmap(mm, vma.start, vma.end - vma.start);
  }
  if (!found) return EINVAL;
  found.dtime = seconds(task);
  found.last = task.pid;
  return 0;
}

function describe(segment: Segment): Uint8Array {
  const { permissions, size, atime, dtime, ctime, creator, last, attached, doomed, file } = segment;
  const perm = {
    key: permissions.key,
    uid: permissions.uid,
    gid: permissions.gid,
    cuid: permissions.cuid,
    cgid: permissions.cgid,
    mode: permissions.mode | (doomed ? SHM_DEST : 0) | (file.data === "locked" ? SHM_LOCKED : 0),
    sequence: permissions.sequence,
  };
  return encodeShmid(perm, { segsz: size, atime, dtime, ctime, cpid: creator, lpid: last, nattch: attached });
}

function shmctl(task: Task, id: number, command: number, argument: UserAddress): SyscallResult {
  if (id < 0 || command < 0) return EINVAL;
  const { memory } = task.ipc;
  const { segments } = memory;
  switch (command) {
    case IPC_INFO: {
      const limits = [SHMMAX, 1, SHMMNI, SHMMNI, memory.pagesMax, 0, 0, 0, 0].map(BigInt);
      return task.mm.write(argument, new Uint8Array(BigUint64Array.from(limits).buffer)) || segments.highest;
    }
    case SHM_INFO: {
      let resident = 0;
      for (const { file } of segments.all) resident += file.inode.pages?.count ?? 0;
      const info = [segments.count, memory.pages, resident, 0, 0, 0].map(BigInt);
      return task.mm.write(argument, new Uint8Array(BigUint64Array.from(info).buffer)) || segments.highest;
    }
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY: {
      const segment = command === IPC_STAT ? segments.find(id) : segments.at(id);
      if (typeof segment === "number") return segment;
      if (command !== SHM_STAT_ANY && !segment.permissions.allows(task.cred, READ)) return EACCES;
      return task.mm.write(argument, describe(segment)) || (command === IPC_STAT ? 0 : segment.permissions.id);
    }
    case IPC_SET: {
      const bytes = task.mm.read(argument, SHMID_DS);
      if (typeof bytes === "number") return bytes;
      const segment = segments.owned(id, task.cred);
      if (typeof segment === "number") return segment;
      Object.assign(segment.permissions, decodeChange(bytes));
      segment.ctime = seconds(task);
      return 0;
    }
    case IPC_RMID: {
      const segment = segments.owned(id, task.cred);
      if (typeof segment === "number") return segment;
      memory.remove(segment);
      return 0;
    }
    case SHM_LOCK:
    case SHM_UNLOCK: {
      const segment = segments.find(id);
      if (typeof segment === "number") return segment;
      if (!segment.permissions.owns(task.cred) && !task.cred.canIn(task.ipc.userNamespace, CAP_IPC_LOCK)) return EPERM;
      // Nothing is ever swapped out: only what IPC_STAT shows changes.
      segment.file.data = command === SHM_LOCK ? "locked" : undefined;
      return 0;
    }
    default:
      return EINVAL;
  }
}

export const rows: Row[] = [
  syscall(194, "shmget", [Int("key", "ipc-key"), Size("size"), Flags("shmflg", "IPC")], shmget, {
    gaps: "SHM_HUGETLB",
  }),
  syscall(195, "shmctl", [Int("shmid"), Int("cmd", "SHM_CMD"), Address("buf")], shmctl),
  syscall(196, "shmat", [Int("shmid"), Address("shmaddr"), Flags("shmflg", "SHM")], shmat),
  syscall(197, "shmdt", [Address("shmaddr")], shmdt),
];
