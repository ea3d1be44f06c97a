// Who a task is: user and group IDs, supplementary groups, capability sets. The rules are in security/. credentials(7)
import { EFAULT, EINVAL, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { at, NULL, type UserAddress } from "../mm/user.ts";
import { INVALID_ID } from "../namespace/user.ts";
import { capset as changeSets } from "../security/capability-sets.ts";
import { commitCred } from "../security/commit.ts";
import { CAP_SETGID, type Cred } from "../security/cred.ts";
import * as ids from "../security/set-ids.ts";
import type { Task } from "../task/task.ts";
import { In, InOut, Int, Out, type Row, syscall, Uid } from "./table.ts";

const NGROUPS_MAX = 65536;

function change(task: Task, next: Cred | Errno): 0 | Errno {
  if (typeof next === "number") return next;
  commitCred(task, next);
  return 0;
}

/** IDs as the caller's user namespace numbers them; one that it has no number for is refused. */
function changeUids<A extends number[]>(task: Task, set: (cred: Cred, ...uids: A) => Cred | Errno, uids: A): 0 | Errno {
  const { userNamespace } = task.cred;
  return changeIds(task, set, uids, (uid) => userNamespace.uid(uid));
}

function changeGids<A extends number[]>(task: Task, set: (cred: Cred, ...gids: A) => Cred | Errno, gids: A): 0 | Errno {
  const { userNamespace } = task.cred;
  return changeIds(task, set, gids, (gid) => userNamespace.gid(gid));
}

function changeIds<A extends number[]>(
  task: Task,
  set: (cred: Cred, ...numbers: A) => Cred | Errno,
  said: A,
  lookUp: (id: number) => number,
): 0 | Errno {
  const known = said.map((id) => (id === ids.KEEP ? id : lookUp(id)));
  if (known.some((id, i) => id === INVALID_ID && said[i] !== ids.KEEP)) return EINVAL;
  return change(task, set(task.cred, ...(known as A)));
}

function three(task: Task, addresses: readonly UserAddress[], values: readonly number[]): 0 | Errno {
  for (const [i, address] of addresses.entries()) {
    const result = task.mm.writeU32(address, values[i]!);
    if (result < 0) return result;
  }
  return 0;
}

function getgroups(task: Task, size: number, list: UserAddress): number | Errno {
  const { groups: own, userNamespace } = task.cred;
  const groups = own.map((gid) => userNamespace.showGid(gid));
  if (size < 0) return EINVAL;
  if (size === 0) return groups.length;
  if (size < groups.length) return EINVAL;
  const written = task.mm.write(list, new Uint8Array(Uint32Array.from(groups).buffer));
  return written < 0 ? EFAULT : groups.length;
}

function setgroups(task: Task, size: number, list: UserAddress): 0 | Errno {
  const { userNamespace } = task.cred;
  // Who may drop a group that denies something would gain: only once the namespace's groups are settled. user_namespaces(7)
  const settled = userNamespace.setgroupsAllowed && userNamespace.gids.extents.length > 0;
  if (!settled || !task.cred.has(CAP_SETGID)) return EPERM;
  if (size < 0 || size > NGROUPS_MAX) return EINVAL;
  const raw = task.mm.read(list, size * 4);
  if (typeof raw === "number") return raw;
  const groups = [...new Uint32Array(raw.buffer, raw.byteOffset, size)].map((gid) => userNamespace.gid(gid));
  if (groups.includes(ids.KEEP)) return EINVAL;
  commitCred(task, task.cred.with({ groups: groups.sort((a, b) => a - b) }));
  return 0;
}

// Sets of 32 capabilities in a struct: one in version 1, two after. capget(2)
const VERSION_1 = 0x19980330;
const VERSION_2 = 0x20071026;
const VERSION_3 = 0x20080522;

/** The header's pid and the count of 32-bit parts; for an unknown version the header gets ours. */
function capabilityHeader(task: Task, header: UserAddress): { parts: number; pid: number } | Errno {
  const version = task.mm.readU32(header);
  if (version === undefined) return EFAULT;
  if (version !== VERSION_1 && version !== VERSION_2 && version !== VERSION_3) {
    return task.mm.writeU32(header, VERSION_3) < 0 ? EFAULT : EINVAL;
  }
  const pid = task.mm.readU32(at(header, 4));
  return pid === undefined ? EFAULT : { parts: version === VERSION_1 ? 1 : 2, pid: pid | 0 };
}

function capget(task: Task, header: UserAddress, data: UserAddress): 0 | Errno {
  const head = capabilityHeader(task, header);
  // A call with a wrong version and no room for data asks for the version.
  if (typeof head === "number") return head === EINVAL && data === NULL ? 0 : head;
  if (head.pid < 0) return EINVAL;
  const target = head.pid === 0 ? task : task.kernel.tasks.task(task.pidNamespace.find(head.pid));
  if (!target) return ESRCH;
  if (data === NULL) return 0;
  const { effective, permitted, inheritable } = target.cred;
  const words = new Uint32Array(head.parts * 3);
  [effective, permitted, inheritable].forEach((set, i) => {
    for (let part = 0; part < head.parts; part++)
      words[part * 3 + i] = Number((set >> BigInt(32 * part)) & 0xffffffffn);
  });
  return task.mm.write(data, new Uint8Array(words.buffer));
}

function capset(task: Task, header: UserAddress, data: UserAddress): 0 | Errno {
  const head = capabilityHeader(task, header);
  if (typeof head === "number") return head;
  if (head.pid !== 0 && head.pid !== task.pidNamespace.of(task.tid)) return EPERM;
  const raw = task.mm.read(data, head.parts * 12);
  if (typeof raw === "number") return raw;
  const words = new Uint32Array(raw.buffer, raw.byteOffset, head.parts * 3);
  const set = (i: number): bigint => BigInt(words[i]!) | (BigInt(words[i + 3] ?? 0) << 32n);
  return change(task, changeSets(task.cred, { effective: set(0), permitted: set(1), inheritable: set(2) }));
}

export const rows: readonly Row[] = [
  syscall(90, "capget", [InOut("hdrp", "cap_user_header"), Out("datap", "cap_user_data")], capget),
  syscall(91, "capset", [InOut("hdrp", "cap_user_header"), In("datap", "cap_user_data")], capset),
  syscall(143, "setregid", [Uid("rgid"), Uid("egid")], (task, r, e) => changeGids(task, ids.setregid, [r, e])),
  syscall(144, "setgid", [Uid("gid")], (task, gid) => changeGids(task, ids.setgid, [gid])),
  syscall(145, "setreuid", [Uid("ruid"), Uid("euid")], (task, r, e) => changeUids(task, ids.setreuid, [r, e])),
  syscall(146, "setuid", [Uid("uid")], (task, uid) => changeUids(task, ids.setuid, [uid])),
  syscall(147, "setresuid", [Uid("ruid"), Uid("euid"), Uid("suid")], (task, r, e, s) =>
    changeUids(task, ids.setresuid, [r, e, s]),
  ),
  syscall(148, "getresuid", [Out("ruid", "uid_t"), Out("euid", "uid_t"), Out("suid", "uid_t")], (task, r, e, s) => {
    const { uid, euid, suid, userNamespace } = task.cred;
    return three(
      task,
      [r, e, s],
      [uid, euid, suid].map((id) => userNamespace.showUid(id)),
    );
  }),
  syscall(149, "setresgid", [Uid("rgid"), Uid("egid"), Uid("sgid")], (task, r, e, s) =>
    changeGids(task, ids.setresgid, [r, e, s]),
  ),
  syscall(150, "getresgid", [Out("rgid", "gid_t"), Out("egid", "gid_t"), Out("sgid", "gid_t")], (task, r, e, s) => {
    const { gid, egid, sgid, userNamespace } = task.cred;
    return three(
      task,
      [r, e, s],
      [gid, egid, sgid].map((id) => userNamespace.showGid(id)),
    );
  }),
  syscall(151, "setfsuid", [Uid("fsuid")], (task, fsuid) => {
    const { fsuid: old, userNamespace } = task.cred;
    commitCred(task, ids.setfsuid(task.cred, userNamespace.uid(fsuid)));
    return userNamespace.showUid(old);
  }),
  syscall(152, "setfsgid", [Uid("fsgid")], (task, fsgid) => {
    const { fsgid: old, userNamespace } = task.cred;
    commitCred(task, ids.setfsgid(task.cred, userNamespace.gid(fsgid)));
    return userNamespace.showGid(old);
  }),
  syscall(158, "getgroups", [Int("size"), Out("list", "gid_t[]")], getgroups),
  syscall(159, "setgroups", [Int("size"), In("list", "gid_t[]")], setgroups),
  syscall(174, "getuid", [], ({ cred }) => cred.userNamespace.showUid(cred.uid)),
  syscall(175, "geteuid", [], ({ cred }) => cred.userNamespace.showUid(cred.euid)),
  syscall(176, "getgid", [], ({ cred }) => cred.userNamespace.showGid(cred.gid)),
  syscall(177, "getegid", [], ({ cred }) => cred.userNamespace.showGid(cred.egid)),
];
