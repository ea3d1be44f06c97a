// Mounts: mount(2), umount2(2), pivot_root(2), statfs(2).
import { EAGAIN, EBUSY, EFAULT, EINVAL, ELOOP, ENODEV, ENOENT, ENOTDIR, EPERM, type Errno } from "../../abi/errno.ts";
import { AT_FDCWD, S_IFIFO, S_IFMT, S_IFSOCK } from "../../abi/flags.ts";
import {
  MNT_DETACH,
  MNT_EXPIRE,
  MNT_FORCE,
  MS_BIND,
  MS_MGC_MSK,
  MS_MGC_VAL,
  MS_MOVE,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_SHARED,
  MS_SILENT,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_UNBINDABLE,
  UMOUNT_NOFOLLOW,
} from "../../abi/mount.ts";
import {
  encodeStatfs,
  ST_NOATIME,
  ST_NODEV,
  ST_NODIRATIME,
  ST_NOEXEC,
  ST_NOSUID,
  ST_NOSYMFOLLOW,
  ST_RDONLY,
  ST_RELATIME,
} from "../../abi/stat.ts";
import { fromBytes } from "../../lib/byte-string.ts";
import type { UserAddress } from "../mm/user.ts";
import { NamespaceInode } from "../namespace/file.ts";
import { FIRST_USER_NAMESPACE } from "../namespace/user.ts";
import type { Wait } from "../sched/wait-queue.ts";
import { CAP_SYS_ADMIN } from "../security/cred.ts";
import { anyFileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "../vfs/dentry.ts";
import { type Mount, MountNamespace, Path } from "../vfs/mount.ts";
import {
  ATIME_FLAGS,
  attachTree,
  copyTree,
  detachTree,
  discardTree,
  enslave,
  hasLockedChildren,
  inUse,
  keepsLocked,
  makeMount,
  makePrivate,
  moveTree,
  sameAtime,
  share,
  subtree,
  unhook,
} from "../vfs/mount-tree.ts";
import { DIRECTORY, FOLLOW, PATH_MAX, pathArgument, walk } from "../vfs/namei.ts";
import { topOf } from "../vfs/open.ts";
import { reachable } from "../vfs/path-name.ts";
import type { FileSystem } from "../vfs/superblock.ts";
import { Address, Fd, Out, PathName, type Row, type SyscallResult, syscall, Text, UInt, ULong } from "./table.ts";

const KEPT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW | ATIME_FLAGS;

/** What mount(2)'s flags make of one mount's own; relatime unless another rule is asked for. */
function mountFlags(flags: number, before?: number): number {
  let kept = flags & KEPT;
  if ((kept & MS_STRICTATIME) !== 0) kept &= ~(MS_NOATIME | MS_RELATIME);
  else if ((kept & MS_NOATIME) === 0) kept |= MS_RELATIME;
  // A remount that says nothing about access times leaves them as they are.
  if (before !== undefined && (flags & ATIME_FLAGS) === 0) kept = (kept & ~ATIME_FLAGS) | (before & ATIME_FLAGS);
  return kept;
}

/** By capability; and whose paths Landlock restricts does not change what they lead to. */
const mayMount = ({ cred, mounts }: Task): boolean =>
  (cred.landlock?.handledFs ?? 0) === 0 && cred.canIn(mounts.userNamespace, CAP_SYS_ADMIN);
const isRoot = (path: Path): boolean => path.dentry === path.mount.root;
const ours = (task: Task, mount: Mount): boolean => mount.namespace === task.mounts;

function optionalText(task: Task, address: UserAddress): string | undefined | Errno {
  return address === 0 ? undefined : task.mm.readString(address, PATH_MAX);
}

function mount(
  task: Task,
  source: UserAddress,
  target: UserAddress,
  type: UserAddress,
  flags: number,
  data: UserAddress,
): SyscallResult {
  const typeName = optionalText(task, type);
  if (typeof typeName === "number") return typeName;
  const sourceName = optionalText(task, source);
  if (typeof sourceName === "number") return sourceName;
  const options = mountData(task, data);
  if (typeof options === "number") return options;
  const name = pathArgument(task, target);
  if (typeof name === "number") return name;
  const path = walk(task, AT_FDCWD, name, FOLLOW);
  if (typeof path === "number") return path;
  if ((flags & MS_MGC_MSK) >>> 0 === MS_MGC_VAL) flags &= ~MS_MGC_MSK;
  if (!mayMount(task)) return EPERM;
  const what = topOf(path.mount, path.dentry);
  if ((flags & MS_REMOUNT) !== 0) return remount(task, what, flags, options);
  if ((flags & MS_BIND) !== 0) return bind(task, what, sourceName, (flags & MS_REC) !== 0);
  if ((flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)) !== 0) return changeType(task, what, flags);
  if ((flags & MS_MOVE) !== 0) return move(task, what, sourceName);
  return newMount(task, what, typeName, sourceName ?? "none", flags, options);
}

/** The data argument: a string, if there is one, of at most a page. */
function mountData(task: Task, address: UserAddress): string | Errno {
  if (address === 0) return "";
  const bytes = new Uint8Array(4096);
  const n = task.mm.copyIn(address, bytes);
  if (n === 0) return EFAULT;
  const end = bytes.subarray(0, n).indexOf(0);
  return fromBytes(bytes, 0, end < 0 ? n : end);
}

/** Errors: ENOENT for a removed place, ENOTDIR when one is a directory and the other is not. */
function attach(task: Task, tree: Mount, at: Path): 0 | Errno {
  if (!ours(task, at.mount)) return EINVAL;
  // What comes and goes with a process can't be covered.
  if (at.dentry.unlinked || at.dentry.inode!.isSymlink) return ENOENT;
  if (at.dentry.inode!.isDirectory !== tree.root.inode!.isDirectory) return ENOTDIR;
  attachTree(task.kernel.vfs, tree, at);
  return 0;
}

/** It may be a module: it is asked for, once. Errors: ENODEV. */
function missingFilesystem(
  task: Task,
  at: Path,
  type: string,
  source: string,
  flags: number,
  data: string,
): SyscallResult {
  const { vfs } = task.kernel;
  const again = (): number | Errno | Wait<number> =>
    vfs.filesystems.has(type) ? (newMount(task, at, type, source, flags, data) as number | Errno) : ENODEV;
  return vfs.requestModule?.(`fs-${type}`, again) ?? ENODEV;
}

function newMount(
  task: Task,
  at: Path,
  type: string | undefined,
  source: string,
  flags: number,
  data: string,
): SyscallResult {
  if (type === undefined) return EINVAL;
  const { kernel } = task;
  const { vfs } = kernel;
  const filesystem = vfs.filesystems.get(type);
  if (!filesystem) return missingFilesystem(task, at, type, source, flags, data);
  const owner = filesystem.userMount?.(task);
  if (!(owner ? task.cred.canIn(owner, CAP_SYS_ADMIN) : task.cred.can(CAP_SYS_ADMIN))) return EPERM;
  const superblock = filesystem.mount(kernel, { source, flags, data });
  if (typeof superblock === "number") return superblock;
  if (!vfs.superblocks.has(superblock)) {
    // One that is mounted elsewhere too stays as it is: only this mount is read-only.
    if (owner?.parent) superblock.userNamespace = owner;
    if ((flags & MS_RDONLY) !== 0) superblock.readOnly = true;
  }
  const root = superblock.rootFor?.(task) ?? superblock.root;
  if (typeof root === "number") return root;
  const made = makeMount(vfs, superblock, root, mountFlags(flags));
  if (filesystem.revealing && task.mounts.userNamespace.parent) {
    const like = fullyVisible(task, filesystem, made.flags);
    if (!like) {
      discardTree(vfs, made);
      return EPERM;
    }
    made.lockedFlags = like.lockedFlags & (MS_RDONLY | MS_RELATIME);
  }
  const result = attach(task, made, at);
  if (result !== 0) discardTree(vfs, made);
  return result;
}

/** A mount of the filesystem that nothing is hidden of, and whose locks `flags` respect. proc(5), user_namespaces(7) */
function fullyVisible(task: Task, filesystem: FileSystem, flags: number): Mount | undefined {
  for (const mount of task.mounts.mounts) {
    if (mount.superblock.filesystem !== filesystem || mount.root !== mount.superblock.root) continue;
    const readOnly = mount.superblock.readOnly ? MS_RDONLY : 0;
    if (((mount.lockedFlags & MS_RDONLY) | readOnly) & ~flags & MS_RDONLY) continue;
    if ((mount.lockedFlags & MS_RELATIME) !== 0 && !sameAtime(mount.flags, flags)) continue;
    const hides = [...(mount.children?.values() ?? [])].some((child) => child.locked && !isEmpty(child.mountpoint!));
    if (!hides) return mount;
  }
  return undefined;
}

function isEmpty({ inode }: Dentry): boolean {
  const entries = inode?.isDirectory ? inode.entries() : undefined;
  return Array.isArray(entries) && entries.length === 0;
}

function remount(task: Task, at: Path, flags: number, data: string): SyscallResult {
  if (!isRoot(at) || !ours(task, at.mount)) return EINVAL;
  const { mount: changed } = at;
  const { superblock } = changed;
  const next = mountFlags(flags, changed.flags);
  if (!keepsLocked(changed, next)) return EPERM;
  if ((flags & MS_BIND) === 0) {
    const owner = superblock.userNamespace ?? FIRST_USER_NAMESPACE;
    if (!task.cred.canIn(owner, CAP_SYS_ADMIN)) return EPERM;
    if ((flags & MS_RDONLY) !== 0 && !superblock.readOnly && writtenTo(task, superblock)) return EBUSY;
    const result = superblock.remount?.(data) ?? 0;
    if (result !== 0) return result;
    superblock.readOnly = (flags & MS_RDONLY) !== 0;
  } else if ((flags & MS_RDONLY) !== 0 && (changed.flags & MS_RDONLY) === 0 && writtenTo(task, changed)) return EBUSY;
  changed.flags = next;
  return 0;
}

/** Has someone a file open for writing there? */
function writtenTo(task: Task, where: unknown): boolean {
  for (const other of task.kernel.tasks.all) {
    for (const [, file] of other.files.open()) {
      if (file.countsAsWriter && (file.path.mount === where || file.path.mount.superblock === where)) return true;
    }
  }
  return false;
}

function bind(task: Task, at: Path, source: string | undefined, recursive: boolean): SyscallResult {
  if (source === undefined || source === "") return EINVAL;
  const found = walk(task, AT_FDCWD, source, FOLLOW);
  if (typeof found === "number") return found;
  const from = topOf(found.mount, found.dentry);
  const { inode } = from.dentry;
  const namespace = inode instanceof NamespaceInode ? inode.namespace : undefined;
  if (!ours(task, at.mount) || !(namespace || ours(task, from.mount))) return EINVAL;
  // A namespace that holds itself, or one that holds it, would never go.
  if (namespace instanceof MountNamespace && namespace.id <= task.mounts.id) return EINVAL;
  if (!recursive && hasLockedChildren(from.mount, from.dentry)) return EINVAL;
  const tree = copyTree(task.kernel.vfs, from.mount, from.dentry, recursive);
  if (!tree) return EINVAL;
  tree.locked = false;
  const result = attach(task, tree, at);
  if (result !== 0) discardTree(task.kernel.vfs, tree);
  return result;
}

function changeType(task: Task, at: Path, flags: number): SyscallResult {
  const type = flags & ~(MS_REC | MS_SILENT);
  if (type !== MS_SHARED && type !== MS_PRIVATE && type !== MS_SLAVE && type !== MS_UNBINDABLE) return EINVAL;
  if (!isRoot(at) || !ours(task, at.mount)) return EINVAL;
  const { vfs } = task.kernel;
  for (const mount of (flags & MS_REC) !== 0 ? [...subtree(at.mount)] : [at.mount]) {
    if (type === MS_SHARED) share(vfs, mount);
    else if (type === MS_SLAVE) enslave(vfs, mount);
    else makePrivate(vfs, mount);
    mount.unbindable = type === MS_UNBINDABLE;
  }
  return 0;
}

function move(task: Task, at: Path, source: string | undefined): SyscallResult {
  if (source === undefined || source === "") return EINVAL;
  const found = walk(task, AT_FDCWD, source, FOLLOW);
  if (typeof found === "number") return found;
  const from = topOf(found.mount, found.dentry);
  const { mount: moved } = from;
  if (!isRoot(from) || !moved.parent || !ours(task, moved) || !ours(task, at.mount)) return EINVAL;
  if (moved.locked || moved.parent.peerGroup !== 0) return EINVAL;
  if (moved.root.inode!.isDirectory !== at.dentry.inode!.isDirectory) return EINVAL;
  for (let mount: Mount | undefined = at.mount; mount; mount = mount.parent) if (mount === moved) return ELOOP;
  moveTree(moved, at);
  return 0;
}

function umount2(task: Task, target: UserAddress, flags: number): SyscallResult {
  if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) !== 0) return EINVAL;
  const name = pathArgument(task, target);
  if (typeof name === "number") return name;
  const found = walk(task, AT_FDCWD, name, (flags & UMOUNT_NOFOLLOW) === 0 ? FOLLOW : 0);
  if (typeof found === "number") return found;
  const path = topOf(found.mount, found.dentry);
  if (!mayMount(task)) return EPERM;
  const { mount: tree } = path;
  if (!isRoot(path) || !ours(task, tree) || tree.locked) return EINVAL;
  if ((flags & MNT_FORCE) !== 0 && !task.cred.can(CAP_SYS_ADMIN)) return EPERM;
  const { kernel } = task;
  const used = inUse(kernel, new Set(subtree(tree)));
  if ((flags & MNT_EXPIRE) !== 0) {
    if ((flags & (MNT_FORCE | MNT_DETACH)) !== 0 || tree === task.fs.root.mount) return EINVAL;
    if (used || tree.children?.size) return EBUSY;
    if (!tree.expiring) {
      tree.expiring = true;
      return EAGAIN;
    }
  }
  if (!tree.parent) return (flags & MNT_DETACH) !== 0 ? EINVAL : EBUSY;
  if ((flags & MNT_DETACH) === 0 && (used || tree.children?.size)) return EBUSY;
  detachTree(kernel.vfs, tree, used);
  return 0;
}

function pivot_root(task: Task, newRoot: UserAddress, putOld: UserAddress): SyscallResult {
  if (!mayMount(task)) return EPERM;
  const newName = pathArgument(task, newRoot);
  if (typeof newName === "number") return newName;
  const next = walk(task, AT_FDCWD, newName, FOLLOW | DIRECTORY);
  if (typeof next === "number") return next;
  const oldName = pathArgument(task, putOld);
  if (typeof oldName === "number") return oldName;
  const place = walk(task, AT_FDCWD, oldName, FOLLOW | DIRECTORY);
  if (typeof place === "number") return place;
  const { root } = task.fs;
  const rootMount = root.mount;
  const namespace = task.mounts;
  if (!ours(task, rootMount) || !ours(task, next.mount)) return EINVAL;
  if (next.mount.peerGroup !== 0 || next.mount.parent?.peerGroup || rootMount.parent?.peerGroup) return EINVAL;
  if (next.mount.locked) return EINVAL;
  if (next.dentry.unlinked) return ENOENT;
  if (next.mount === rootMount || place.mount === rootMount) return EBUSY;
  if (!isRoot(root) || !isRoot(next) || !next.mount.parent) return EINVAL;
  if (!reachable(place, next) || !reachable(next, root)) return EINVAL;
  const { parent, mountpoint } = rootMount;
  unhook(next.mount);
  if (parent && mountpoint) {
    unhook(rootMount);
    moveTree(next.mount, new Path(parent, mountpoint));
  } else {
    namespace.root = next.mount;
    next.mount.namespace = namespace;
  }
  next.mount.locked = rootMount.locked;
  rootMount.locked = false;
  moveTree(rootMount, place);
  for (const other of task.kernel.tasks.all) {
    if (other.fs.root.equals(root)) other.fs.root = next;
    if (other.fs.cwd.equals(root)) other.fs.cwd = next;
  }
  return 0;
}

const shownFlags: readonly (readonly [number, number])[] = [
  [MS_RDONLY, ST_RDONLY],
  [MS_NOSUID, ST_NOSUID],
  [MS_NODEV, ST_NODEV],
  [MS_NOEXEC, ST_NOEXEC],
  [MS_NOATIME, ST_NOATIME],
  [MS_NODIRATIME, ST_NODIRATIME],
  [MS_RELATIME, ST_RELATIME],
  [MS_NOSYMFOLLOW, ST_NOSYMFOLLOW],
];

/** Pipes and sockets have filesystems of their own in Linux; here all that is nameless is on one. */
const NAMELESS = new Map([
  [S_IFIFO, 0x50495045],
  [S_IFSOCK, 0x534f434b],
]);

function statistics(task: Task, path: Path, into: UserAddress): SyscallResult {
  const { superblock, flags } = path.mount;
  let fields = superblock.statfs();
  if (typeof fields === "number") return fields;
  if (path.mount === task.kernel.vfs.anonymous) {
    const type = NAMELESS.get(path.dentry.inode!.mode & S_IFMT);
    if (type !== undefined) fields = { ...fields, type };
  }
  let shown = superblock.readOnly ? ST_RDONLY : 0;
  for (const [flag, st] of shownFlags) if ((flags & flag) !== 0) shown |= st;
  return task.mm.write(into, encodeStatfs({ ...fields, flags: shown, fsid: superblock.dev }));
}

function statfs(task: Task, address: UserAddress, into: UserAddress): SyscallResult {
  const name = pathArgument(task, address);
  if (typeof name === "number") return name;
  const path = walk(task, AT_FDCWD, name, FOLLOW);
  return typeof path === "number" ? path : statistics(task, path, into);
}

function fstatfs(task: Task, fd: number, into: UserAddress): SyscallResult {
  const file = anyFileOf(task, fd);
  return typeof file === "number" ? file : statistics(task, file.path, into);
}

export const rows: Row[] = [
  syscall(39, "umount2", [PathName("target"), UInt("flags", "MNT")], umount2),
  syscall(
    40,
    "mount",
    [Text("source"), PathName("target"), Text("filesystemtype"), ULong("mountflags", "MS"), Address("data")],
    mount,
  ),
  syscall(41, "pivot_root", [PathName("new_root"), PathName("put_old")], pivot_root),
  syscall(43, "statfs", [PathName("path"), Out("buf", "statfs")], statfs),
  syscall(44, "fstatfs", [Fd("fd"), Out("buf", "statfs")], fstatfs),
];
