// Extended attributes. xattr(7), setxattr(2), getxattr(2), listxattr(2), removexattr(2)
import {
  E2BIG,
  EFAULT,
  EINVAL,
  ENAMETOOLONG,
  ENODATA,
  EOPNOTSUPP,
  EPERM,
  ERANGE,
  type Errno,
} from "../../abi/errno.ts";
import { XATTR_CREATE, XATTR_LIST_MAX, XATTR_NAME_MAX, XATTR_REPLACE, XATTR_SIZE_MAX } from "../../abi/fcntl.ts";
import { AT_FDCWD, S_IFDIR, S_IFMT, S_IFREG, S_ISVTX } from "../../abi/flags.ts";
import { toBytes } from "../../lib/byte-string.ts";
import type { UserAddress } from "../mm/user.ts";
import { CAP_SETFCAP, CAP_SYS_ADMIN } from "../security/cred.ts";
import { CAPABILITY_ATTRIBUTE, capabilitiesToSet, capabilitiesToShow } from "../security/file-capabilities.ts";
import { inodePermission, MAY_READ, MAY_WRITE, ownerOrCapable } from "../security/permission.ts";
import { fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import type { Path } from "../vfs/mount.ts";
import { FOLLOW, pathArgument, walk } from "../vfs/namei.ts";
import { IN_ATTRIB, notifyDentry } from "../vfs/notify.ts";
import { wantWrite } from "../vfs/write-access.ts";
import { Fd, Flags, InBytes, OutBytes, PathName, type Row, Size, type SyscallResult, syscall, Text } from "./table.ts";

type Place = (task: Task, where: number) => Path | Errno;

const byPath =
  (flags: number): Place =>
  (task, address) => {
    const name = pathArgument(task, address as UserAddress);
    return typeof name === "number" ? name : walk(task, AT_FDCWD, name, flags);
  };
const follow = byPath(FOLLOW);
const noFollow = byPath(0);
const byDescriptor: Place = (task, fd) => {
  const file = fileOf(task, fd);
  return typeof file === "number" ? file : file.path;
};

/** Errors: ERANGE for an empty name or one that is too long. */
function nameArgument(task: Task, address: UserAddress): string | Errno {
  const name = task.mm.readString(address, XATTR_NAME_MAX + 1);
  if (name === ENAMETOOLONG || name === "") return ERANGE;
  return name;
}

/** A namespace alone names no attribute. */
const bare = (name: string): boolean => name === "user." || name === "trusted." || name === "security.";

/** Linux's xattr_permission: each namespace has its own rule. */
function permitted(task: Task, path: Path, name: string, mask: number): 0 | Errno {
  const inode = path.dentry.inode!;
  const writes = mask === MAY_WRITE;
  if (writes && (inode.immutable || inode.appendOnly)) return EPERM;
  if (name.startsWith("security.") || name.startsWith("system.")) return 0;
  if (name.startsWith("trusted.")) return task.cred.can(CAP_SYS_ADMIN) ? 0 : writes ? EPERM : ENODATA;
  if (name.startsWith("user.")) {
    const type = inode.mode & S_IFMT;
    if (type !== S_IFREG && type !== S_IFDIR) return writes ? EPERM : ENODATA;
    if (type === S_IFDIR && (inode.mode & S_ISVTX) !== 0 && writes && !ownerOrCapable(task.cred, inode)) return EPERM;
  }
  return inodePermission(task.cred, inode, mask);
}

/** What changing security.* takes. capabilities(7) */
function securityPermitted({ cred }: Task, { dentry }: Path, name: string): boolean {
  if (!name.startsWith("security.")) return true;
  return name === CAPABILITY_ATTRIBUTE ? cred.canOver(dentry.inode!, CAP_SETFCAP) : cred.can(CAP_SYS_ADMIN);
}

function mayChange(task: Task, path: Path, name: string): 0 | Errno {
  const readOnly = wantWrite(path.mount);
  if (readOnly !== 0) return readOnly;
  const denied = permitted(task, path, name, MAY_WRITE);
  if (denied !== 0) return denied;
  if (bare(name)) return EINVAL;
  return securityPermitted(task, path, name) ? 0 : EPERM;
}

const set =
  (place: Place) =>
  (
    task: Task,
    where: number,
    nameAddress: UserAddress,
    value: UserAddress,
    size: number,
    flags: number,
  ): SyscallResult => {
    if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) !== 0) return EINVAL;
    const name = nameArgument(task, nameAddress);
    if (typeof name === "number") return name;
    if (size > XATTR_SIZE_MAX) return E2BIG;
    const bytes = new Uint8Array(size);
    if (task.mm.copyIn(value, bytes) !== size) return EFAULT;
    const path = place(task, where);
    if (typeof path === "number") return path;
    const inode = path.dentry.inode!;
    const kept = name === CAPABILITY_ATTRIBUTE ? capabilitiesToSet(task.cred, inode, bytes) : bytes;
    if (typeof kept === "number") return kept;
    const denied = mayChange(task, path, name);
    if (denied !== 0) return denied;
    const result = inode.setxattr(name, kept, flags);
    if (result === 0) notifyDentry(path.dentry, IN_ATTRIB);
    return result;
  };

const get =
  (place: Place) =>
  (task: Task, where: number, nameAddress: UserAddress, into: UserAddress, size: number): SyscallResult => {
    const name = nameArgument(task, nameAddress);
    if (typeof name === "number") return name;
    const path = place(task, where);
    if (typeof path === "number") return path;
    const denied = permitted(task, path, name, MAY_READ);
    if (denied !== 0) return denied;
    if (bare(name)) return EINVAL;
    const found = path.dentry.inode!.getxattr(name);
    if (typeof found === "number") return found;
    const value = name === CAPABILITY_ATTRIBUTE ? capabilitiesToShow(task.cred, found) : found;
    if (typeof value === "number") return value;
    if (size === 0) return value.length;
    if (size < value.length) return ERANGE;
    const result = task.mm.write(into, value);
    return result < 0 ? result : value.length;
  };

const list =
  (place: Place) =>
  (task: Task, where: number, into: UserAddress, size: number): SyscallResult => {
    const path = place(task, where);
    if (typeof path === "number") return path;
    const names = path.dentry.inode!.listxattr();
    if (typeof names === "number") return names;
    const shown = names.filter((name) => !name.startsWith("trusted.") || task.cred.can(CAP_SYS_ADMIN));
    const bytes = toBytes(shown.map((name) => `${name}\0`).join(""));
    if (bytes.length > XATTR_LIST_MAX) return E2BIG;
    if (size === 0) return bytes.length;
    if (size < bytes.length) return ERANGE;
    const result = task.mm.write(into, bytes);
    return result < 0 ? result : bytes.length;
  };

const remove =
  (place: Place) =>
  (task: Task, where: number, nameAddress: UserAddress): SyscallResult => {
    const name = nameArgument(task, nameAddress);
    if (typeof name === "number") return name;
    const path = place(task, where);
    if (typeof path === "number") return path;
    const denied = mayChange(task, path, name);
    if (denied !== 0) return denied;
    const result = path.dentry.inode!.removexattr(name);
    if (result === 0) notifyDentry(path.dentry, IN_ATTRIB);
    return result === ENODATA && name.startsWith("system.") ? EOPNOTSUPP : result;
  };

const path = PathName("path");
const fd = Fd("fd");
const value = [Text("name"), InBytes("value", "size"), Size("size"), Flags("flags", "XATTR")] as const;
const room = [Text("name"), OutBytes("value", "size"), Size("size")] as const;
const names = [OutBytes("list", "size"), Size("size")] as const;
const gaps = { gaps: "POSIX access control lists (system.*)" };

export const rows: Row[] = [
  syscall(5, "setxattr", [path, ...value], set(follow), gaps),
  syscall(6, "lsetxattr", [path, ...value], set(noFollow), gaps),
  syscall(7, "fsetxattr", [fd, ...value], set(byDescriptor), gaps),
  syscall(8, "getxattr", [path, ...room], get(follow)),
  syscall(9, "lgetxattr", [path, ...room], get(noFollow)),
  syscall(10, "fgetxattr", [fd, ...room], get(byDescriptor)),
  syscall(11, "listxattr", [path, ...names], list(follow)),
  syscall(12, "llistxattr", [path, ...names], list(noFollow)),
  syscall(13, "flistxattr", [fd, ...names], list(byDescriptor)),
  syscall(14, "removexattr", [path, Text("name")], remove(follow)),
  syscall(15, "lremovexattr", [path, Text("name")], remove(noFollow)),
  syscall(16, "fremovexattr", [fd, Text("name")], remove(byDescriptor)),
];
