// Changing attributes: chmod, chown, utimes, truncate, with the permissions each takes (Linux's notify_change).
import { EFBIG, EPERM, type Errno } from "../../abi/errno.ts";
import { RLIMIT_FSIZE, S_IFDIR, S_IFMT, S_ISGID, S_ISUID } from "../../abi/flags.ts";
import { SIGXFSZ } from "../../abi/signal.ts";
import { CAP_CHOWN, CAP_FSETID } from "../security/cred.ts";
import { inodePermission, MAY_WRITE, ownerOrCapable, withoutForeignSetgid } from "../security/permission.ts";
import { sendToTask } from "../signal/send.ts";
import { MAX_FILE_SIZE } from "./generic-file.ts";
import type { Attributes, Inode } from "./inode.ts";
import type { Mount } from "./mount.ts";
import type { Walker } from "./namei.ts";
import { wantWrite } from "./write-access.ts";

/** Errors: EROFS, EPERM. chmod(2) */
export function changeMode(task: Walker, mount: Mount, inode: Inode, mode: number): 0 | Errno {
  const readOnly = wantWrite(mount);
  if (readOnly < 0) return readOnly;
  if (inode.immutable || inode.appendOnly || !ownerOrCapable(task.cred, inode)) return EPERM;
  return inode.setattr({
    mode: withoutForeignSetgid(task.cred, mode & 0o7777, inode),
    ctime: task.kernel.clock.now(),
  });
}

/** `uid` and `gid` undefined stay. Errors: EROFS, EPERM. chown(2) */
export function changeOwner(
  task: Walker,
  mount: Mount,
  inode: Inode,
  uid: number | undefined,
  gid: number | undefined,
): 0 | Errno {
  const readOnly = wantWrite(mount);
  if (readOnly < 0) return readOnly;
  if (inode.immutable || inode.appendOnly) return EPERM;
  const { cred } = task;
  const owner = cred.fsuid === inode.uid;
  if (uid !== undefined && !(owner && uid === inode.uid) && !cred.canOver(inode, CAP_CHOWN)) return EPERM;
  if (gid !== undefined && !(owner && (gid === inode.gid || cred.inGroup(gid))) && !cred.canOver(inode, CAP_CHOWN))
    return EPERM;
  const changes: Attributes = { ctime: task.kernel.clock.now() };
  if (uid !== undefined) changes.uid = uid;
  if (gid !== undefined) changes.gid = gid;
  const { mode } = inode;
  if ((mode & S_IFMT) !== S_IFDIR) {
    // Who gets a program does not get its former owner's privileges.
    let kept = mode & ~S_ISUID;
    if (
      (mode & S_ISGID) !== 0 &&
      ((mode & 0o010) !== 0 || !(cred.inGroup(inode.gid) || cred.canOver(inode, CAP_FSETID)))
    ) {
      kept &= ~S_ISGID;
    }
    if (kept !== mode) changes.mode = kept & 0o7777;
    inode.dropCapabilities();
  }
  return inode.setattr(changes);
}

/** Times undefined stay. `touch`: both to now, for which write permission is enough. Errors: EROFS, EPERM, EACCES. */
export function changeTimes(
  task: Walker,
  mount: Mount,
  inode: Inode,
  times: Pick<Attributes, "atime" | "mtime">,
  touch: boolean,
): 0 | Errno {
  const readOnly = wantWrite(mount);
  if (readOnly < 0) return readOnly;
  if (inode.immutable || (inode.appendOnly && !touch)) return EPERM;
  if (!ownerOrCapable(task.cred, inode)) {
    if (!touch) return EPERM;
    const denied = inodePermission(task.cred, inode, MAY_WRITE);
    if (denied < 0) return denied;
  }
  return inode.setattr({ ...times, ctime: task.kernel.clock.now() });
}

/** Cuts or extends a file; permissions are settled. `always` sets the times even when nothing changes.
 *  Errors: EFBIG, with SIGXFSZ over RLIMIT_FSIZE. */
export function truncateInode(task: Walker, inode: Inode, size: number, always: boolean): 0 | Errno {
  const { kernel, cred } = task;
  if (size > inode.size) {
    const { current } = kernel;
    if (current && size > current.group.limit(RLIMIT_FSIZE)) {
      sendToTask(current, { signal: SIGXFSZ, code: 0, pid: 0, uid: 0 });
      return EFBIG;
    }
    if (size > MAX_FILE_SIZE) return EFBIG;
  }
  const changes: Attributes = { size };
  if (always || size !== inode.size) changes.mtime = changes.ctime = kernel.clock.now();
  const { mode } = inode;
  if ((mode & (S_ISUID | S_ISGID)) !== 0 && !cred.can(CAP_FSETID)) {
    const kept = mode & ~S_ISUID & ((mode & 0o010) !== 0 ? ~S_ISGID : -1);
    if (kept !== mode) changes.mode = kept & 0o7777;
  }
  inode.dropCapabilities();
  return inode.setattr(changes);
}
