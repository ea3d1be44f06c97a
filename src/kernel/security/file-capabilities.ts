// Capabilities that a program's file gives: the extended attribute security.capability, struct vfs_cap_data. Versions 2
// and 3 are in use; one of version 3 says for whose root it is meant. capabilities(7), "File capabilities"
import { EINVAL, ENODATA, EOPNOTSUPP, EOVERFLOW, EPERM, type Errno } from "../../abi/errno.ts";
import { INVALID_ID, type UserNamespace } from "../namespace/user.ts";
import type { Inode } from "../vfs/inode.ts";
import { ALL_CAPABILITIES, CAP_SETFCAP, type Cred } from "./cred.ts";

export const CAPABILITY_ATTRIBUTE = "security.capability";

const VFS_CAP_REVISION_MASK = 0xff000000;
const VFS_CAP_REVISION_1 = 0x01000000;
const VFS_CAP_REVISION_2 = 0x02000000;
const VFS_CAP_REVISION_3 = 0x03000000;
const VFS_CAP_FLAGS_EFFECTIVE = 1;
const SIZE_1 = 12;
const SIZE_2 = 20;
const SIZE_3 = 24;
const ROOT_ID = 20;

export interface FileCapabilities {
  permitted: bigint;
  inheritable: bigint;
  effective: boolean;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const revisionOf = (view: DataView): number => (view.getUint32(0, true) & VFS_CAP_REVISION_MASK) >>> 0;

/** Is this root that of `namespace`, or of one that it is in? */
function ownsRoot(namespace: UserNamespace, root: number): boolean {
  for (let at: UserNamespace | undefined = namespace; at; at = at.parent) if (at.uid(0) === root) return true;
  return false;
}

/** What a file gives to one with these credentials; undefined for nothing. Errors: EINVAL for an attribute that is none. */
export function fileCapabilities(cred: Cred, inode: Inode): FileCapabilities | undefined | Errno {
  const value = inode.getxattr(CAPABILITY_ATTRIBUTE);
  if (typeof value === "number") return value === ENODATA || value === EOPNOTSUPP ? undefined : value;
  if (value.length < 4) return EINVAL;
  const view = viewOf(value);
  const revision = revisionOf(view);
  const sizes: Readonly<Record<number, number>> = {
    [VFS_CAP_REVISION_1]: SIZE_1,
    [VFS_CAP_REVISION_2]: SIZE_2,
    [VFS_CAP_REVISION_3]: SIZE_3,
  };
  if (sizes[revision] !== value.length) return EINVAL;
  const root = revision === VFS_CAP_REVISION_3 ? view.getUint32(ROOT_ID, true) : 0;
  if (!ownsRoot(cred.userNamespace, root)) return undefined;
  const set = (low: number, high: number): bigint => {
    const upper = revision === VFS_CAP_REVISION_1 ? 0 : view.getUint32(high, true);
    return (BigInt(view.getUint32(low, true)) | (BigInt(upper) << 32n)) & ALL_CAPABILITIES;
  };
  return {
    permitted: set(4, 12),
    inheritable: set(8, 16),
    effective: (view.getUint32(0, true) & VFS_CAP_FLAGS_EFFECTIVE) !== 0,
  };
}

/** The attribute as it is kept when a program sets it: who is not privileged over the whole machine gives capabilities
 *  only under the root of its own namespace. Errors: EINVAL, EPERM. Linux's cap_convert_nscap. */
export function capabilitiesToSet(cred: Cred, inode: Inode, value: Uint8Array): Uint8Array | Errno {
  if (value.length !== SIZE_2 && value.length !== SIZE_3) return EINVAL;
  const view = viewOf(value);
  const expected = value.length === SIZE_2 ? VFS_CAP_REVISION_2 : VFS_CAP_REVISION_3;
  if (revisionOf(view) !== expected) return EINVAL;
  if (!cred.canOver(inode, CAP_SETFCAP)) return EPERM;
  if (value.length === SIZE_2 && cred.can(CAP_SETFCAP)) return value;
  const root = cred.userNamespace.uid(value.length === SIZE_2 ? 0 : view.getUint32(ROOT_ID, true));
  if (root === INVALID_ID) return EINVAL;
  const kept = new Uint8Array(SIZE_3);
  kept.set(value);
  const out = viewOf(kept);
  out.setUint32(0, (VFS_CAP_REVISION_3 | (view.getUint32(0, true) & VFS_CAP_FLAGS_EFFECTIVE)) >>> 0, true);
  out.setUint32(ROOT_ID, root, true);
  return kept;
}

/** The attribute as a program sees it: version 2 where it is meant for the root of its own namespace, or one around it.
 *  Errors: EOVERFLOW where its root has no number there. Linux's cap_inode_getsecurity. */
export function capabilitiesToShow(cred: Cred, value: Uint8Array): Uint8Array | Errno {
  if (value.length !== SIZE_2 && value.length !== SIZE_3) return EINVAL;
  const view = viewOf(value);
  const expected = value.length === SIZE_2 ? VFS_CAP_REVISION_2 : VFS_CAP_REVISION_3;
  if (revisionOf(view) !== expected) return EINVAL;
  const { userNamespace } = cred;
  const root = value.length === SIZE_3 ? view.getUint32(ROOT_ID, true) : 0;
  const shown = userNamespace.uids.up(root);
  if (shown !== INVALID_ID && shown !== 0) {
    const own = new Uint8Array(SIZE_3);
    own.set(value);
    const out = viewOf(own);
    out.setUint32(0, (VFS_CAP_REVISION_3 | (view.getUint32(0, true) & VFS_CAP_FLAGS_EFFECTIVE)) >>> 0, true);
    out.setUint32(ROOT_ID, shown, true);
    return own;
  }
  if (!ownsRoot(userNamespace, root)) return EOVERFLOW;
  const plain = value.slice(0, SIZE_2);
  viewOf(plain).setUint32(0, (VFS_CAP_REVISION_2 | (view.getUint32(0, true) & VFS_CAP_FLAGS_EFFECTIVE)) >>> 0, true);
  return plain;
}
