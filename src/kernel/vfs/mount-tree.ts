// The mount tree: attaching, detaching, copying. A shared mount's peers and slaves get what it gets (propagation).
// mount_namespaces(7). The system calls are in syscalls/mount.ts.
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_RELATIME,
  MS_STRICTATIME,
} from "../../abi/mount.ts";
import type { Kernel } from "../kernel.ts";
import { NamespaceInode } from "../namespace/file.ts";
import type { Ownership } from "../namespace/namespace.ts";
import type { FsContext } from "../task/fs-context.ts";
import type { Dentry } from "./dentry.ts";
import { Mount, MountNamespace, Path } from "./mount.ts";
import { notifyUnmount } from "./notify.ts";
import type { Superblock } from "./superblock.ts";
import type { Vfs } from "./vfs.ts";

/** Is `inner` the directory `outer`, or below it in the same filesystem? */
export function isBelow(inner: Dentry, outer: Dentry): boolean {
  for (let dentry = inner; ; dentry = dentry.parent) {
    if (dentry === outer) return true;
    if (dentry.isRoot) return false;
  }
}

/** Is it the file of a mount namespace (namespace/file.ts)? */
function isMountNamespace({ inode }: Dentry): boolean {
  return inode instanceof NamespaceInode && inode.namespace.kind === "mnt";
}

/** A mount that is not yet anywhere. `superblock` counts its mounts. */
export function makeMount(vfs: Vfs, superblock: Superblock, root: Dentry, flags: number): Mount {
  vfs.mounted(superblock);
  superblock.pin?.(root);
  return new Mount(vfs.allocateMountId(), superblock, root, flags);
}

/** A mount of a whole filesystem, not yet anywhere. */
export function mountFilesystem(kernel: Kernel, superblock: Superblock, flags: number): Mount {
  return makeMount(kernel.vfs, superblock, superblock.root, flags);
}

/** Lets go of mounts that were made for nothing. */
export function discardTree(vfs: Vfs, tree: Mount): void {
  for (const mount of subtree(tree)) {
    makePrivate(vfs, mount);
    dropMount(vfs, mount, false);
  }
}

/** A mount and all that is mounted below it, parents first. */
export function* subtree(mount: Mount): Generator<Mount> {
  yield mount;
  if (mount.children) for (const child of mount.children.values()) yield* subtree(child);
}

/** Puts a tree of mounts on a place, for this mount alone. */
function graft(tree: Mount, parent: Mount, mountpoint: Dentry): void {
  const over = parent.children?.get(mountpoint);
  tree.parent = parent;
  tree.mountpoint = mountpoint;
  (parent.children ??= new Map()).set(mountpoint, tree);
  mountpoint.mounts++;
  for (const mount of subtree(tree)) {
    mount.namespace = parent.namespace;
    parent.namespace?.mounts.add(mount);
  }
  // Propagation can put something under what is there already: that then sits on top of it.
  if (over) {
    mountpoint.mounts--;
    graft(over, tree, tree.root);
  }
}

/** Mounts a tree where the kernel itself wants it: on top of what is there, in this namespace alone. */
export function attachMount(_namespace: MountNamespace, tree: Mount, at: Path): void {
  let { mount, dentry }: { mount: Mount; dentry: Dentry } = at;
  for (let above = mount.children?.get(dentry); above; above = mount.children?.get(dentry)) {
    mount = above;
    dentry = above.root;
  }
  graft(tree, mount, dentry);
}

/** Mounts a tree at `at`, and at the same place of all that `at.mount` shares with. */
export function attachTree(vfs: Vfs, tree: Mount, at: Path): void {
  const { mount: parent, dentry } = at;
  const targets = receivers(vfs, parent, dentry);
  if (parent.peerGroup !== 0) for (const mount of subtree(tree)) if (mount.peerGroup === 0) share(vfs, mount);
  graft(tree, parent, dentry);
  for (const target of targets) {
    const copy = copyTree(vfs, tree, tree.root, true)!;
    if (target.peerGroup === 0) for (const mount of subtree(copy)) makePrivate(vfs, mount, mount.peerGroup);
    graft(copy, target, dentry);
    if (target.namespace?.userNamespace !== parent.namespace?.userNamespace) lockTree(copy, false);
  }
}

/** The mounts that see what happens at a place of `mount`: its peers, and the slaves of its group, theirs too. */
function receivers(vfs: Vfs, mount: Mount, dentry: Dentry): Mount[] {
  if (mount.peerGroup === 0) return [];
  const found = new Set<Mount>();
  const visit = (group: number): void => {
    for (const peer of vfs.peers(group)) if (peer !== mount) found.add(peer);
    for (const slave of vfs.slaves(group)) {
      if (found.has(slave)) continue;
      found.add(slave);
      if (slave.peerGroup !== 0) visit(slave.peerGroup);
    }
  };
  visit(mount.peerGroup);
  return [...found].filter((peer) => peer.namespace && isBelow(dentry, peer.root));
}

function uncover(mount: Mount): void {
  const { parent, mountpoint } = mount;
  if (parent && mountpoint) {
    parent.children?.delete(mountpoint);
    mountpoint.mounts--;
  }
  mount.parent = undefined;
  mount.mountpoint = undefined;
}

function prune(mount: Mount): void {
  const { namespace } = mount;
  uncover(mount);
  for (const each of subtree(mount)) {
    namespace?.mounts.delete(each);
    each.namespace = undefined;
  }
}

/** Takes a mount, with all below it, out of the tree. `busy` filesystems stay alive for those who still use them. */
export function detachTree(vfs: Vfs, tree: Mount, busy: boolean): void {
  const { parent, mountpoint } = tree;
  const also: Mount[] = [];
  if (parent && mountpoint) {
    for (const peer of receivers(vfs, parent, mountpoint)) {
      const copy = peer.children?.get(mountpoint);
      if (copy && copy.superblock === tree.superblock && copy.root === tree.root) also.push(copy);
    }
  }
  for (const each of [tree, ...also]) {
    const mounts = [...subtree(each)];
    prune(each);
    // One that is busy keeps those below for its users; else nothing stays covered.
    if (!busy) for (const mount of mounts) uncover(mount);
    for (const mount of mounts) {
      makePrivate(vfs, mount);
      dropMount(vfs, mount, busy);
    }
  }
}

function dropMount(vfs: Vfs, { superblock, root }: Mount, busy: boolean): void {
  superblock.unpin?.(root);
  if (vfs.unmounted(superblock) > 0 || busy) return;
  notifyUnmount(vfs, superblock);
  superblock.unmount?.();
}

/** Moves a mount, with all below it, to another place. */
export function moveTree(tree: Mount, at: Path): void {
  prune(tree);
  graft(tree, at.mount, at.dentry);
}

/** Takes the tree out without letting go of it: pivot_root(2). */
export function unhook(tree: Mount): void {
  const { namespace } = tree;
  prune(tree);
  for (const mount of subtree(tree)) {
    mount.namespace = namespace;
    namespace?.mounts.add(mount);
  }
}

/** Copies of `mount`, showing `root`, and of what is mounted below that. undefined when it is unbindable. */
export function copyTree(
  vfs: Vfs,
  mount: Mount,
  root: Dentry,
  recursive: boolean,
  mapped?: Map<Mount, Mount>,
): Mount | undefined {
  if (mount.unbindable && !mapped) return undefined;
  const copy = makeMount(vfs, mount.superblock, root, mount.flags);
  copy.unbindable = mount.unbindable;
  copy.locked = mount.locked;
  copy.lockedFlags = mount.lockedFlags;
  copy.master = mount.master;
  if (mount.peerGroup !== 0) join(vfs, copy, mount.peerGroup);
  if (copy.master !== 0) vfs.slaves(copy.master).add(copy);
  mapped?.set(mount, copy);
  if (!recursive || !mount.children) return copy;
  for (const [mountpoint, child] of mount.children) {
    if (!isBelow(mountpoint, root)) continue;
    // A mount namespace's file does not go into another one: they could hold each other for ever.
    if (mapped && isMountNamespace(child.root)) continue;
    const inner = copyTree(vfs, child, child.root, true, mapped);
    if (inner) graft(inner, copy, mountpoint);
  }
  return copy;
}

// locks

const LOCKABLE = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
export const ATIME_FLAGS = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME;

/** For a mount namespace of a user namespace below: flags stay, and mounts on top of others; `whole`: the first, too, which
 *  in Linux is on top of the root of the boot. */
function lockTree(tree: Mount, whole: boolean): void {
  for (const mount of subtree(tree)) {
    mount.lockedFlags = (mount.flags & LOCKABLE) | MS_RELATIME;
    if (whole || mount !== tree) mount.locked = true;
  }
}

/** Do both have the same rule of access times? That nothing is said means relatime. */
export function sameAtime(a: number, b: number): boolean {
  return ((a ^ b) & ATIME_FLAGS & ~MS_RELATIME) === 0;
}

/** Do these flags keep what is locked? */
export function keepsLocked({ flags, lockedFlags }: Mount, next: number): boolean {
  if ((lockedFlags & LOCKABLE & ~next) !== 0) return false;
  return (lockedFlags & MS_RELATIME) === 0 || sameAtime(flags, next);
}

/** Would a copy of `root` alone show what locked mounts cover? */
export function hasLockedChildren(mount: Mount, root: Dentry): boolean {
  for (const child of mount.children?.values() ?? []) {
    if (child.locked && isBelow(child.mountpoint!, root)) return true;
  }
  return false;
}

// propagation types

function join(vfs: Vfs, mount: Mount, group: number): void {
  mount.peerGroup = group;
  vfs.peers(group).add(mount);
}

/** MS_SHARED. */
export function share(vfs: Vfs, mount: Mount): void {
  mount.unbindable = false;
  if (mount.peerGroup === 0) join(vfs, mount, vfs.allocatePeerGroup());
}

/** MS_PRIVATE; as a slave of `master` when that is not 0 (MS_SLAVE). */
export function makePrivate(vfs: Vfs, mount: Mount, master = 0): void {
  if (mount.peerGroup !== 0) {
    vfs.peers(mount.peerGroup).delete(mount);
    mount.peerGroup = 0;
  }
  if (mount.master !== 0) vfs.slaves(mount.master).delete(mount);
  mount.master = master;
  mount.unbindable = false;
  if (master !== 0) vfs.slaves(master).add(mount);
}

/** MS_SLAVE: receives from its former peers; one without any becomes private. */
export function enslave(vfs: Vfs, mount: Mount): void {
  if (mount.peerGroup === 0) return;
  const group = mount.peerGroup;
  const alone = vfs.peers(group).size === 1;
  makePrivate(vfs, mount, alone ? mount.master : group);
}

// namespaces

/** CLONE_NEWNS: a copy of the whole tree; root and working directory of `fs` move to the copies. */
export function copyNamespace(
  kernel: Kernel,
  namespace: MountNamespace,
  fs: FsContext,
  ownership?: Ownership,
): MountNamespace {
  const { vfs } = kernel;
  const mapped = new Map<Mount, Mount>();
  const root = copyTree(vfs, namespace.root, namespace.root.root, true, mapped)!;
  const copy = new MountNamespace(vfs.allocateNamespaceId(), root, ownership);
  copy.onRelease = () => detachTree(vfs, copy.root, false);
  // What less privileged ones do must not come back, and what they were given must stay as it was.
  const foreign = copy.userNamespace !== namespace.userNamespace;
  for (const mount of subtree(root)) {
    mount.namespace = copy;
    copy.mounts.add(mount);
    if (foreign && mount.peerGroup !== 0) enslave(vfs, mount);
  }
  if (foreign) lockTree(root, true);
  const move = (path: Path): Path => {
    const mount = mapped.get(path.mount);
    return mount ? new Path(mount, path.dentry) : path;
  };
  fs.root = move(fs.root);
  fs.cwd = move(fs.cwd);
  return copy;
}

/** Is something of these mounts in use: by a task's root, directory, program, descriptor or mapping? */
export function inUse(kernel: Kernel, mounts: ReadonlySet<Mount>): boolean {
  for (const task of kernel.tasks.all) {
    if (task.exiting) continue;
    if (mounts.has(task.fs.root.mount) || mounts.has(task.fs.cwd.mount)) return true;
    const { executable } = task.group;
    if (executable && mounts.has(executable.mount)) return true;
    for (const [, file] of task.files.open()) if (mounts.has(file.path.mount)) return true;
    for (const vma of task.mm.vmas()) if (vma.file && mounts.has(vma.file.path.mount)) return true;
  }
  return false;
}
