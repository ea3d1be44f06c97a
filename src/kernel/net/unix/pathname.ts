// Socket names in the file tree: bind makes an inode of type socket, connect and sendto find it. unix(7)
import { EACCES, EADDRINUSE, ECONNREFUSED, EEXIST, EINVAL, ENOENT, type Errno } from "../../../abi/errno.ts";
import { AT_FDCWD, S_IFMT, S_IFSOCK } from "../../../abi/flags.ts";
import { inodePermission, MAY_WRITE } from "../../security/permission.ts";
import type { Task } from "../../task/task.ts";
import { instantiate, lookupChild } from "../../vfs/dcache.ts";
import { FOLLOW, parentOf, walk } from "../../vfs/namei.ts";
import { mayCreate } from "../../vfs/names.ts";
import { notifyCreate } from "../../vfs/notify.ts";
import { creation } from "../../vfs/open.ts";
import { wantWrite } from "../../vfs/write-access.ts";
import { UnixSocket } from "./socket.ts";

/** Binds to a path. Errors: EADDRINUSE when the name exists; EINVAL when the socket has a name; those of mknod(2). */
export function bindPath(socket: UnixSocket, task: Task, path: string): 0 | Errno {
  const parent = parentOf(task, AT_FDCWD, path);
  if (typeof parent === "number") return parent;
  if (parent.kind !== "name") return EADDRINUSE;
  const directory = parent.path.dentry.inode;
  if (!directory) return ENOENT;
  const dentry = lookupChild(task.kernel.vfs, parent.path.dentry, parent.name);
  if (typeof dentry === "number") return dentry === EEXIST ? EADDRINUSE : dentry;
  if (dentry.inode) return EADDRINUSE;
  if (parent.slash) return ENOENT;
  const readOnly = wantWrite(parent.path.mount);
  if (readOnly !== 0) return readOnly;
  const denied = mayCreate(task, parent.path.dentry);
  if (denied !== 0) return denied;
  if (socket.name !== undefined) return EINVAL;
  const permissions = (socket.file?.inode.mode ?? 0o777) & 0o7777;
  const inode = directory.create(parent.name, creation(task, directory, S_IFSOCK | permissions));
  if (typeof inode === "number") return inode;
  instantiate(task.kernel.vfs, dentry, inode);
  notifyCreate(directory, parent.name, inode);
  inode.special = socket;
  socket.inode = inode;
  socket.name = path;
  return 0;
}

/** The socket bound to a path. Errors: EACCES without write permission; ECONNREFUSED when no socket lives there. */
export function findPath(task: Task, path: string): UnixSocket | Errno {
  const found = walk(task, AT_FDCWD, path, FOLLOW);
  if (typeof found === "number") return found;
  const { inode } = found.dentry;
  if (!inode) return ENOENT;
  if (inodePermission(task.cred, inode, MAY_WRITE) < 0) return EACCES;
  if ((inode.mode & S_IFMT) !== S_IFSOCK) return ECONNREFUSED;
  return inode.special instanceof UnixSocket ? inode.special : ECONNREFUSED;
}
