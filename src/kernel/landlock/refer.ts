// Links and renames. Between two directories they need LANDLOCK_ACCESS_FS_REFER at both, and no file may get to a place
// where more is allowed with it than at the one it comes from. Linux's current_check_refer_path and what it calls.
import { EACCES, type Errno, EXDEV } from "../../abi/errno.ts";
import {
  LANDLOCK_ACCESS_FILE,
  LANDLOCK_ACCESS_FS_REFER,
  LANDLOCK_ACCESS_FS_REMOVE_DIR,
  LANDLOCK_ACCESS_FS_REMOVE_FILE,
  LANDLOCK_MASK_ACCESS_FS,
} from "../../abi/landlock.ts";
import type { Dentry } from "../vfs/dentry.ts";
import { Path } from "../vfs/mount.ts";
import {
  allowHere,
  isComplete,
  isNameless,
  type Missing,
  makingRight,
  mayAccessPath,
  missingOf,
  upwards,
} from "./paths.ts";
import type { Domain } from "./ruleset.ts";

export interface Move {
  /** What is linked or renamed. */
  readonly source: Dentry;
  /** Where to; for a link or a rename it may be negative. */
  readonly directory: Path;
  readonly target: Dentry;
  /** The source goes from where it is, and what the target is too. */
  readonly removes: boolean;
  /** RENAME_EXCHANGE. */
  readonly exchanges: boolean;
}

function removalRight({ inode }: Dentry): number {
  if (!inode) return 0;
  return inode.isDirectory ? LANDLOCK_ACCESS_FS_REMOVE_DIR : LANDLOCK_ACCESS_FS_REMOVE_FILE;
}

/** One of the two directories: what the move asks of it, and what is still missing. */
interface Side {
  readonly access: number;
  missing: Missing;
  allowed: boolean;
}

/** Errors: EACCES; EXDEV where only the change of directory is refused, so that programs copy. */
export function mayMove(domain: Domain, move: Move): 0 | Errno {
  if (domain.handledFs === 0) return 0;
  const { source, directory, target, removes, exchanges } = move;
  let fromAccess = exchanges ? makingRight(target.inode!.mode) : 0;
  let toAccess = makingRight(source.inode!.mode);
  if (removes) {
    fromAccess |= removalRight(source);
    toAccess |= removalRight(target);
  }
  if (source.parent === directory.dentry) return mayAccessPath(domain, directory, fromAccess | toAccess);
  const { mount } = directory;
  const origin = source === mount.root ? source : source.parent;
  const from = side(domain, mount.root, origin, fromAccess | LANDLOCK_ACCESS_FS_REFER);
  const to = side(domain, mount.root, directory.dentry, toAccess | LANDLOCK_ACCESS_FS_REFER);
  if (from.allowed && to.allowed) return 0;
  if (!isNameless(mount.root)) {
    const sourceChild = childOf(domain, source);
    const targetChild = exchanges ? childOf(domain, target) : undefined;
    if (compareUpwards(domain, new Path(mount, mount.root), from, to, sourceChild, targetChild)) return 0;
  } else return 0;
  const denied = ({ missing, access }: Side): boolean => !isComplete(missing, access & ~LANDLOCK_ACCESS_FS_REFER);
  return denied(from) || denied(to) ? EACCES : EXDEV;
}

/** What all layers together allow from `directory` up to the root of its mount, of all there is. */
function side(domain: Domain, root: Dentry, directory: Dentry, access: number): Side {
  const missing = missingOf(domain, LANDLOCK_MASK_ACCESS_FS);
  if (isNameless(directory)) return { access, missing, allowed: true };
  for (let dentry = directory; ; dentry = dentry.parent) {
    allowHere(domain, dentry, missing);
    if (isComplete(missing, LANDLOCK_MASK_ACCESS_FS)) return { access, missing, allowed: true };
    if (dentry === root || dentry.isRoot) return { access, missing, allowed: false };
  }
}

/** What rules on the file itself leave missing: they go with it wherever it goes. */
interface Child {
  readonly missing: Missing;
  readonly isDirectory: boolean;
}

function childOf(domain: Domain, dentry: Dentry): Child {
  const missing = missingOf(domain, LANDLOCK_MASK_ACCESS_FS);
  allowHere(domain, dentry, missing);
  return { missing, isDirectory: dentry.inode!.isDirectory };
}

/** From the common mount's root on up. Until both places are seen to restrict what they get as much as the one it comes
 *  from, all rights count; then only those that the move itself takes. */
function compareUpwards(
  domain: Domain,
  common: Path,
  from: Side,
  to: Side,
  source: Child,
  target: Child | undefined,
): boolean {
  let comparing = true;
  for (const dentry of upwards(common)) {
    if (comparing && noMore(from, source, to) && (!target || noMore(to, target, from))) {
      comparing = false;
      for (const each of [from, to]) {
        if (each.allowed) continue;
        each.missing = each.missing.map((rights) => rights & each.access);
        each.allowed = isComplete(each.missing, each.access);
      }
      if (from.allowed && to.allowed) return true;
    }
    for (const each of [from, to]) {
      if (each.allowed) continue;
      allowHere(domain, dentry, each.missing);
      each.allowed = isComplete(each.missing, comparing ? LANDLOCK_MASK_ACCESS_FS : each.access);
    }
    if (from.allowed && to.allowed) return true;
  }
  return false;
}

/** Is what is missing for the child where it is missing where it goes, too? For a file only what concerns files. */
function noMore(from: Side, child: Child, to: Side): boolean {
  const concerned = child.isDirectory ? LANDLOCK_MASK_ACCESS_FS : LANDLOCK_ACCESS_FILE;
  return from.missing.every((rights, i) => (rights & child.missing[i]! & ~to.missing[i]! & concerned) === 0);
}
