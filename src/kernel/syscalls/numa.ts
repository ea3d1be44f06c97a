// Memory policy on a machine whose memory is one node: what is asked for is checked and kept, and changes nothing.
// numa(7), set_mempolicy(2), get_mempolicy(2), mbind(2), move_pages(2)
import { EFAULT, EINVAL, ENODEV, ENOENT, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { at, NULL, type UserAddress } from "../mm/user.ts";
import { mayRead } from "../security/ptrace-access.ts";
import type { Task } from "../task/task.ts";
import { Address, Flags, In, Int, Out, Pid, type Row, syscall, ULong } from "./table.ts";

const MPOL_DEFAULT = 0;
const MPOL_PREFERRED = 1;
const MPOL_LOCAL = 4;
const MPOL_MAX = 7;
const MPOL_F_NUMA_BALANCING = 1 << 13;
const MPOL_F_RELATIVE_NODES = 1 << 14;
const MPOL_F_STATIC_NODES = 1 << 15;
const MODE_FLAGS = MPOL_F_NUMA_BALANCING | MPOL_F_RELATIVE_NODES | MPOL_F_STATIC_NODES;

/** Node 0's bit of a mask; undefined bits are none. Errors: EFAULT; EINVAL for nodes that there are not. */
function readNodes(task: Task, mask: UserAddress, maxNode: number): number | Errno {
  if (mask === NULL || maxNode === 0) return 0;
  // The count is one more than the bits that are looked at. set_mempolicy(2)
  const bits = maxNode - 1;
  if (bits > 8 * 4096) return EINVAL;
  let first = 0;
  for (let bit = 0; bit < bits; bit += 64) {
    const word = task.mm.readU64(at(mask, bit / 8));
    if (word === undefined) return EFAULT;
    const used = bits - bit >= 64 ? word : word & ((1n << BigInt(bits - bit)) - 1n);
    if (bit === 0) first = Number(used & 1n);
    if ((bit === 0 ? used >> 1n : used) !== 0n) return EINVAL;
  }
  return first;
}

/** The nodes of a policy. Errors: EINVAL. */
function checkPolicy(task: Task, mode: number, mask: UserAddress, maxNode: number): number | Errno {
  const kind = mode & ~MODE_FLAGS;
  if (kind < 0 || kind >= MPOL_MAX) return EINVAL;
  if ((mode & MPOL_F_STATIC_NODES) !== 0 && (mode & MPOL_F_RELATIVE_NODES) !== 0) return EINVAL;
  const nodes = readNodes(task, mask, maxNode);
  if (nodes < 0) return nodes as Errno;
  if (kind === MPOL_DEFAULT || kind === MPOL_LOCAL) return nodes === 0 ? 0 : EINVAL;
  return nodes === 0 && kind !== MPOL_PREFERRED ? EINVAL : nodes;
}

function set_mempolicy(task: Task, mode: number, mask: UserAddress, maxNode: number): 0 | Errno {
  const nodes = checkPolicy(task, mode, mask, maxNode);
  if (nodes < 0) return nodes as Errno;
  task.memoryPolicy = { mode, nodes };
  return 0;
}

const MPOL_F_NODE = 1;
const MPOL_F_ADDR = 2;
const MPOL_F_MEMS_ALLOWED = 4;

function get_mempolicy(
  task: Task,
  modeTo: UserAddress,
  mask: UserAddress,
  maxNode: number,
  address: UserAddress,
  flags: number,
): 0 | Errno {
  if ((flags & ~7) !== 0) return EINVAL;
  // There is one node: a mask with room for it is large enough.
  if (mask !== NULL && maxNode < 1) return EINVAL;
  const writeNodes = (nodes: number): 0 | Errno => {
    if (mask === NULL) return 0;
    const bytes = new Uint8Array(Math.ceil(Math.min(maxNode, 8 * 4096) / 64) * 8);
    bytes[0] = nodes;
    return task.mm.write(mask, bytes);
  };
  if ((flags & MPOL_F_MEMS_ALLOWED) !== 0) {
    if ((flags & (MPOL_F_NODE | MPOL_F_ADDR)) !== 0) return EINVAL;
    if (modeTo !== NULL && task.mm.writeU32(modeTo, 0) < 0) return EFAULT;
    return writeNodes(1);
  }
  if ((flags & MPOL_F_ADDR) !== 0) {
    if (!task.mm.areas.find(address)) return EFAULT;
  } else if (address !== NULL) return EINVAL;
  const { mode, nodes } = task.memoryPolicy;
  if (modeTo !== NULL && task.mm.writeU32(modeTo, (flags & MPOL_F_NODE) !== 0 ? 0 : mode) < 0) return EFAULT;
  return writeNodes((flags & MPOL_F_ADDR) !== 0 ? 0 : nodes);
}

const MBIND_FLAGS = 7;

function mbind(
  task: Task,
  start: UserAddress,
  length: number,
  mode: number,
  mask: UserAddress,
  maxNode: number,
  flags: number,
): 0 | Errno {
  if (start % 4096 !== 0 || (flags & ~MBIND_FLAGS) !== 0) return EINVAL;
  const nodes = checkPolicy(task, mode, mask, maxNode);
  if (nodes < 0) return nodes as Errno;
  const end = start + Math.ceil(length / 4096) * 4096;
  let covered: number = start;
  for (const vma of task.mm.areas.within(start, end)) {
    if (vma.start > covered) return EFAULT;
    covered = vma.end;
  }
  return covered >= end ? 0 : EFAULT;
}

function target(task: Task, pid: number): Task | Errno {
  const found = pid === 0 ? task : task.kernel.tasks.task(pid);
  if (!found) return ESRCH;
  return mayRead(task, found) ? found : EPERM;
}

function migrate_pages(task: Task, pid: number, maxNode: number, from: UserAddress, to: UserAddress): number | Errno {
  for (const mask of [from, to]) {
    const nodes = readNodes(task, mask, maxNode);
    if (nodes < 0) return nodes as Errno;
  }
  const found = target(task, pid);
  return typeof found === "number" ? found : 0;
}

function move_pages(
  task: Task,
  pid: number,
  count: number,
  pages: UserAddress,
  nodes: UserAddress,
  status: UserAddress,
  flags: number,
): number | Errno {
  if ((flags & ~6) !== 0) return EINVAL;
  const found = target(task, pid);
  if (typeof found === "number") return found;
  for (let i = 0; i < count; i++) {
    const page = task.mm.readU64(at(pages, i * 8));
    if (page === undefined) return EFAULT;
    let result = 0;
    if (nodes !== NULL) {
      const node = task.mm.readU32(at(nodes, i * 4));
      if (node === undefined) return EFAULT;
      if (node !== 0) return ENODEV;
    }
    const address = Number(page) - (Number(page) % 4096);
    if (!found.mm.areas.find(address)) result = EFAULT;
    else if (found.mm.table.get(address) === 0) result = ENOENT;
    if (task.mm.writeU32(at(status, i * 4), result >>> 0) < 0) return EFAULT;
  }
  return 0;
}

export const rows: readonly Row[] = [
  syscall(
    235,
    "mbind",
    [Address("start"), ULong("len"), Int("mode"), In("nmask", "ulong[]"), ULong("maxnode"), Flags("flags", "mbind")],
    mbind,
  ),
  syscall(
    236,
    "get_mempolicy",
    [Out("policy", "int"), Out("nmask", "ulong[]"), ULong("maxnode"), Address("addr"), Flags("flags", "mempolicy")],
    get_mempolicy,
  ),
  syscall(237, "set_mempolicy", [Int("mode"), In("nmask", "ulong[]"), ULong("maxnode")], set_mempolicy),
  syscall(
    238,
    "migrate_pages",
    [Pid("pid"), ULong("maxnode"), In("old_nodes", "ulong[]"), In("new_nodes", "ulong[]")],
    migrate_pages,
  ),
  syscall(
    239,
    "move_pages",
    [Pid("pid"), ULong("nr_pages"), In("pages", "ptr[]"), In("nodes", "int[]"), Out("status", "int[]"), Int("flags")],
    move_pages,
  ),
];
