// Anonymous files in memory: memfd_create. memfd_create(2)
import { EINVAL, ENAMETOOLONG, ENOSYS } from "../../abi/errno.ts";
import { F_SEAL_EXEC } from "../../abi/fcntl.ts";
import { memoryFile } from "../fs/tmpfs/memory.ts";
import type { UserAddress } from "../mm/user.ts";
import { installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { Flags, type Row, type SyscallResult, syscall, Text } from "./table.ts";

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_HUGETLB = 4;
const MFD_NOEXEC_SEAL = 8;
const MFD_EXEC = 16;
const MFD_HUGE_SIZES = 0xfc000000;
const PREFIX = "memfd:";
const NAME_MAX = 255;

function memfd_create(task: Task, address: UserAddress, flags: number): SyscallResult {
  const known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC;
  const huge = (flags & MFD_HUGETLB) !== 0;
  if ((flags & ~(huge ? known | MFD_HUGE_SIZES : known)) !== 0) return EINVAL;
  if ((flags & MFD_EXEC) !== 0 && (flags & MFD_NOEXEC_SEAL) !== 0) return EINVAL;
  const name = task.mm.readString(address, NAME_MAX - PREFIX.length + 1);
  if (typeof name === "number") return name === ENAMETOOLONG ? EINVAL : name;
  if (huge) return ENOSYS;
  let seals: number | undefined;
  if ((flags & MFD_NOEXEC_SEAL) !== 0) seals = F_SEAL_EXEC;
  else if ((flags & MFD_ALLOW_SEALING) !== 0) seals = 0;
  const file = memoryFile(task.kernel, PREFIX + name, 0o777, seals);
  return typeof file === "number" ? file : installFile(task, file, (flags & MFD_CLOEXEC) !== 0);
}

export const rows: Row[] = [
  syscall(279, "memfd_create", [Text("name"), Flags("flags", "MFD")], memfd_create, { gaps: "MFD_HUGETLB" }),
];
