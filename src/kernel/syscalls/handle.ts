// File handles. No filesystem here gives them out so far, which Linux's own answer for such filesystems says.
// name_to_handle_at(2), open_by_handle_at(2)
import { EINVAL, EOPNOTSUPP, EPERM, ESTALE } from "../../abi/errno.ts";
import { AT_EMPTY_PATH, AT_SYMLINK_FOLLOW } from "../../abi/flags.ts";
import type { UserAddress } from "../mm/user.ts";
import { CAP_DAC_READ_SEARCH } from "../security/cred.ts";
import { anyFileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { EMPTY, FOLLOW, pathArgument, walk } from "../vfs/namei.ts";
import { DirFd, Fd, Flags, In, InOut, Out, PathName, type Row, type SyscallResult, syscall } from "./table.ts";

const AT_HANDLE_FID = 0x200;
const AT_FDCWD = -100;

function name_to_handle_at(
  task: Task,
  dirfd: number,
  address: UserAddress,
  _handle: UserAddress,
  _mount: UserAddress,
  flags: number,
): SyscallResult {
  if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_FOLLOW | AT_HANDLE_FID)) !== 0) return EINVAL;
  const path = pathArgument(task, address);
  if (typeof path === "number") return path;
  const how = ((flags & AT_SYMLINK_FOLLOW) !== 0 ? FOLLOW : 0) | ((flags & AT_EMPTY_PATH) !== 0 ? EMPTY : 0);
  const found = walk(task, dirfd, path, how);
  return typeof found === "number" ? found : EOPNOTSUPP;
}

function open_by_handle_at(task: Task, mount: number, _handle: UserAddress, _flags: number): SyscallResult {
  if (!task.cred.can(CAP_DAC_READ_SEARCH)) return EPERM;
  if (mount !== AT_FDCWD) {
    const file = anyFileOf(task, mount);
    if (typeof file === "number") return file;
  }
  return ESTALE;
}

const gaps = "no filesystem gives out handles: EOPNOTSUPP";

export const rows: readonly Row[] = [
  syscall(
    264,
    "name_to_handle_at",
    [DirFd("dirfd"), PathName("pathname"), InOut("handle"), Out("mount_id"), Flags("flags", "at")],
    name_to_handle_at,
    { gaps },
  ),
  syscall(265, "open_by_handle_at", [Fd("mount_fd"), In("handle"), Flags("flags", "open")], open_by_handle_at, {
    gaps,
  }),
];
