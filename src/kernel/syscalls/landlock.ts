// landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2). What rulesets mean is in ../landlock/.
import { E2BIG, EBADF, EBADFD, EFAULT, EINVAL, ENOMSG, EPERM, type Errno } from "../../abi/errno.ts";
import { O_RDWR } from "../../abi/flags.ts";
import {
  LANDLOCK_ABI_VERSION,
  LANDLOCK_ACCESS_FILE,
  LANDLOCK_CREATE_RULESET_VERSION,
  LANDLOCK_MASK_ACCESS_FS,
  LANDLOCK_MASK_ACCESS_NET,
  LANDLOCK_MASK_SCOPE,
  LANDLOCK_MAX_NUM_LAYERS,
  LANDLOCK_NET_PORT_ATTR_SIZE,
  LANDLOCK_PATH_BENEATH_ATTR_SIZE,
  LANDLOCK_RULE_NET_PORT,
  LANDLOCK_RULE_PATH_BENEATH,
  LANDLOCK_RULESET_ATTR_SIZE,
  LANDLOCK_RULESET_ATTR_SIZE_MIN,
} from "../../abi/landlock.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { isNameless } from "../landlock/paths.ts";
import { Domain, Ruleset } from "../landlock/ruleset.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import { CAP_SYS_ADMIN } from "../security/cred.ts";
import { anyFileOf, fileOf, installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { anonymousFile } from "../vfs/anonymous.ts";
import type { FileOperations } from "../vfs/file.ts";
import { Fd, In, Int, type Row, Size, syscall, UInt } from "./table.ts";

const operations: FileOperations = { stream: true, read: () => EINVAL, write: () => EINVAL };

/** Rules of one ruleset, at most; Linux knows no limit but memory. */
const RULES_MAX = 65536;

const within = (access: bigint, mask: number): boolean => (access & ~BigInt(mask)) === 0n;

/** Reads a struct that may be shorter than ours, or longer where that part is zero. Errors: EFAULT, EINVAL, E2BIG. */
function readAttributes(task: Task, address: UserAddress, size: number): DataView | Errno {
  if (address === NULL) return EFAULT;
  if (size < LANDLOCK_RULESET_ATTR_SIZE_MIN) return EINVAL;
  if (size > PAGE_SIZE) return E2BIG;
  const given = task.mm.read(address, size);
  if (typeof given === "number") return EFAULT;
  if (given.subarray(LANDLOCK_RULESET_ATTR_SIZE).some((byte) => byte !== 0)) return E2BIG;
  const bytes = new Uint8Array(LANDLOCK_RULESET_ATTR_SIZE);
  bytes.set(given.subarray(0, LANDLOCK_RULESET_ATTR_SIZE));
  return new DataView(bytes.buffer);
}

function landlock_create_ruleset(task: Task, address: UserAddress, size: number, flags: number): number | Errno {
  if (flags !== 0) {
    const asksVersion = flags === LANDLOCK_CREATE_RULESET_VERSION && address === NULL && size === 0;
    return asksVersion ? LANDLOCK_ABI_VERSION : EINVAL;
  }
  const view = readAttributes(task, address, size);
  if (typeof view === "number") return view;
  const handledFs = view.getBigUint64(0, true);
  const handledNet = view.getBigUint64(8, true);
  const scoped = view.getBigUint64(16, true);
  if (!within(handledFs, LANDLOCK_MASK_ACCESS_FS) || !within(handledNet, LANDLOCK_MASK_ACCESS_NET)) return EINVAL;
  if (!within(scoped, LANDLOCK_MASK_SCOPE)) return EINVAL;
  if (handledFs === 0n && handledNet === 0n && scoped === 0n) return ENOMSG;
  const ruleset = new Ruleset(Number(handledFs), Number(handledNet), Number(scoped));
  const file = anonymousFile(task.kernel, "anon_inode:[landlock-ruleset]", O_RDWR, operations, ruleset);
  return installFile(task, file, true);
}

/** Errors: EBADF; EBADFD for a descriptor of something else. */
function rulesetAt(task: Task, fd: number): Ruleset | Errno {
  const file = fileOf(task, fd);
  if (typeof file === "number") return EBADF;
  return file.data instanceof Ruleset ? file.data : EBADFD;
}

function addPath(task: Task, ruleset: Ruleset, address: UserAddress): 0 | Errno {
  const bytes = task.mm.read(address, LANDLOCK_PATH_BENEATH_ATTR_SIZE);
  if (typeof bytes === "number") return EFAULT;
  const view = new DataView(bytes.buffer);
  const access = view.getBigUint64(0, true);
  if (access === 0n) return ENOMSG;
  if (!within(access, ruleset.handledFs)) return EINVAL;
  const file = anyFileOf(task, view.getInt32(8, true));
  if (typeof file === "number") return file;
  if (isNameless(file.path.dentry)) return EBADFD;
  const { inode } = file;
  if (!inode.isDirectory && !within(access, LANDLOCK_ACCESS_FILE)) return EINVAL;
  if (ruleset.paths.size >= RULES_MAX) return E2BIG;
  ruleset.allowBeneath(inode, Number(access));
  return 0;
}

function addPort(task: Task, ruleset: Ruleset, address: UserAddress): 0 | Errno {
  const bytes = task.mm.read(address, LANDLOCK_NET_PORT_ATTR_SIZE);
  if (typeof bytes === "number") return EFAULT;
  const view = new DataView(bytes.buffer);
  const access = view.getBigUint64(0, true);
  const port = view.getBigUint64(8, true);
  if (access === 0n) return ENOMSG;
  if (!within(access, ruleset.handledNet) || port > 0xffffn) return EINVAL;
  ruleset.allowPort(Number(port), Number(access));
  return 0;
}

function landlock_add_rule(task: Task, fd: number, type: number, rule: UserAddress, flags: number): 0 | Errno {
  if (flags !== 0) return EINVAL;
  const ruleset = rulesetAt(task, fd);
  if (typeof ruleset === "number") return ruleset;
  if (type === LANDLOCK_RULE_PATH_BENEATH) return addPath(task, ruleset, rule);
  return type === LANDLOCK_RULE_NET_PORT ? addPort(task, ruleset, rule) : EINVAL;
}

function landlock_restrict_self(task: Task, fd: number, flags: number): 0 | Errno {
  const { cred } = task;
  // Who could have a set-user-ID program run under rules of theirs could confuse it.
  if (!cred.noNewPrivileges && !cred.has(CAP_SYS_ADMIN)) return EPERM;
  if (flags !== 0) return EINVAL;
  const ruleset = rulesetAt(task, fd);
  if (typeof ruleset === "number") return ruleset;
  if (cred.landlock && cred.landlock.layers.length >= LANDLOCK_MAX_NUM_LAYERS) return E2BIG;
  task.cred = cred.with({ landlock: new Domain(cred.landlock, ruleset.copy()) });
  return 0;
}

export const rows: readonly Row[] = [
  syscall(
    444,
    "landlock_create_ruleset",
    [In("attr", "landlock_ruleset_attr"), Size("size"), UInt("flags", "LANDLOCK_CREATE_RULESET")],
    landlock_create_ruleset,
  ),
  syscall(
    445,
    "landlock_add_rule",
    [Fd("ruleset_fd"), Int("rule_type", "LANDLOCK_RULE"), In("rule_attr"), UInt("flags")],
    landlock_add_rule,
  ),
  syscall(446, "landlock_restrict_self", [Fd("ruleset_fd"), UInt("flags")], landlock_restrict_self),
];
