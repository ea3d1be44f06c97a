// The processor as programs ask about it: extensions, instruction caches, barriers between harts. riscv_hwprobe(2),
// membarrier(2). Linux: Documentation/arch/riscv/hwprobe.rst
import { EFAULT, EINVAL, EPERM, type Errno } from "../../abi/errno.ts";
import { probe } from "../exec/hwprobe.ts";
import { at, type UserAddress } from "../mm/user.ts";
import type { Task } from "../task/task.ts";
import { Address, InOut, Int, type Row, Size, syscall, UInt, ULong } from "./table.ts";

const WHICH_CPUS = 1;
const CPU_MASK_SIZE = 8;

function riscv_hwprobe(
  task: Task,
  pairs: UserAddress,
  count: number,
  setSize: number,
  cpus: UserAddress,
  flags: number,
): 0 | Errno {
  if ((flags & ~WHICH_CPUS) !== 0) return EINVAL;
  if (flags === WHICH_CPUS) return whichCpus(task, pairs, count, setSize, cpus);
  if (setSize !== 0 || cpus !== 0) {
    const mask = task.mm.read(cpus, Math.min(setSize, CPU_MASK_SIZE));
    if (typeof mask === "number") return mask;
    if (((mask[0] ?? 0) & 1) === 0) return EINVAL;
  }
  for (let i = 0; i < count; i++) {
    const key = task.mm.readU64(at(pairs, i * 16));
    if (key === undefined) return EFAULT;
    const value = probe(key);
    if (value === undefined && task.mm.writeU64(at(pairs, i * 16), -1n) < 0) return EFAULT;
    if (task.mm.writeU64(at(pairs, i * 16 + 8), value ?? 0n) < 0) return EFAULT;
  }
  return 0;
}

/** Which of the processors (there is one) have all that the pairs ask for. */
function whichCpus(task: Task, pairs: UserAddress, count: number, setSize: number, cpus: UserAddress): 0 | Errno {
  if (setSize === 0 || cpus === 0) return EINVAL;
  const mask = task.mm.read(cpus, Math.min(setSize, CPU_MASK_SIZE));
  if (typeof mask === "number") return mask;
  const asked = mask.some((byte) => byte !== 0) ? mask[0]! & 1 : 1;
  let match = asked;
  for (let i = 0; i < count; i++) {
    const key = task.mm.readU64(at(pairs, i * 16));
    const wanted = task.mm.readU64(at(pairs, i * 16 + 8));
    if (key === undefined || wanted === undefined) return EFAULT;
    const value = probe(key);
    if (value === undefined) {
      if (task.mm.writeU64(at(pairs, i * 16), -1n) < 0 || task.mm.writeU64(at(pairs, i * 16 + 8), 0n) < 0)
        return EFAULT;
      match = 0;
    } else if (key === 3n || key === 4n ? (value & wanted) !== wanted : value !== wanted) match = 0;
  }
  mask.fill(0);
  mask[0] = match;
  return task.mm.write(cpus, mask);
}

function riscv_flush_icache(task: Task, start: UserAddress, end: UserAddress, flags: number): 0 | Errno {
  if ((flags & ~1) !== 0) return EINVAL;
  task.kernel.hart.flushCode(undefined, start, end);
  return 0;
}

const GLOBAL = 1;
const GLOBAL_EXPEDITED = 2;
const REGISTER_GLOBAL_EXPEDITED = 4;
const PRIVATE_EXPEDITED = 8;
const REGISTER_PRIVATE_EXPEDITED = 16;
const PRIVATE_EXPEDITED_SYNC_CORE = 32;
const REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 64;
const PRIVATE_EXPEDITED_RSEQ = 128;
const REGISTER_PRIVATE_EXPEDITED_RSEQ = 256;
const GET_REGISTRATIONS = 512;

/** With one hart every thread has seen every store; what is left are the rules on registering first. */
function membarrier(task: Task, command: number, flags: number): number | Errno {
  if (flags !== 0 && command !== PRIVATE_EXPEDITED_RSEQ) return EINVAL;
  const { mm } = task;
  switch (command) {
    case 0:
      return 1023;
    case GLOBAL:
    case GLOBAL_EXPEDITED:
      return 0;
    case PRIVATE_EXPEDITED:
    case PRIVATE_EXPEDITED_SYNC_CORE:
    case PRIVATE_EXPEDITED_RSEQ:
      if ((mm.barriers & (command << 1)) === 0) return EPERM;
      if (command === PRIVATE_EXPEDITED_SYNC_CORE) task.kernel.hart.flushCode();
      return 0;
    case REGISTER_GLOBAL_EXPEDITED:
    case REGISTER_PRIVATE_EXPEDITED:
    case REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
    case REGISTER_PRIVATE_EXPEDITED_RSEQ:
      mm.barriers |= command;
      return 0;
    case GET_REGISTRATIONS:
      return mm.barriers;
    default:
      return EINVAL;
  }
}

export const rows: readonly Row[] = [
  syscall(
    258,
    "riscv_hwprobe",
    [
      InOut("pairs", "riscv_hwprobe[]"),
      Size("pair_count"),
      Size("cpusetsize"),
      InOut("cpus", "ulong[]"),
      UInt("flags"),
    ],
    riscv_hwprobe,
  ),
  syscall(259, "riscv_flush_icache", [Address("start"), Address("end"), ULong("flags")], riscv_flush_icache),
  syscall(283, "membarrier", [Int("cmd"), UInt("flags"), Int("cpu_id")], membarrier),
];
