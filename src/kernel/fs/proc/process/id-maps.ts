// /proc/PID/uid_map, gid_map, projid_map and setgroups: what IDs are called in the task's user namespace. The rules for
// writing them are in namespace/id-map.ts. user_namespaces(7)
import { EACCES, EINVAL, EPERM, type Errno } from "../../../../abi/errno.ts";
import { fromBytes, toBytes } from "../../../../lib/byte-string.ts";
import { putAll } from "../../../mm/user.ts";
import { type MapKind, showIdMap, writeIdMap, writeSetgroups } from "../../../namespace/id-map.ts";
import { FIRST_USER_NAMESPACE } from "../../../namespace/user.ts";
import { CAP_SYS_ADMIN } from "../../../security/cred.ts";
import type { Task } from "../../../task/task.ts";
import type { FileOperations } from "../../../vfs/file.ts";
import type { Device, Reader, Row } from "../../rows/row.ts";

/** Everything is said with one write, at the start. */
const LONGEST = 4095;

function file(show: () => string, store: (text: string, offset: number) => 0 | Errno): FileOperations {
  return {
    read: (_file, into, offset) => putAll(into, toBytes(show()).subarray(offset)),
    write(_file, from, offset) {
      const bytes = from.takeAll(LONGEST + 1);
      if (typeof bytes === "number") return bytes;
      if (offset !== 0 || bytes.length > LONGEST) return EINVAL;
      const result = store(fromBytes(bytes), offset);
      return result < 0 ? result : bytes.length;
    },
  };
}

const mapFile =
  (kind: MapKind) =>
  ({ cred: { userNamespace } }: Task, { kernel, task }: Reader): FileOperations => {
    const opener = task?.cred;
    return file(
      () => showIdMap(userNamespace, kind, opener?.userNamespace ?? FIRST_USER_NAMESPACE),
      (text) => {
        const writer = kernel.current?.cred;
        return opener && writer ? writeIdMap(userNamespace, kind, text, { writer, opener }) : EPERM;
      },
    );
  };

const setgroupsFile = ({ cred: { userNamespace } }: Task): FileOperations =>
  file(
    () => (userNamespace.setgroupsAllowed ? "allow\n" : "deny\n"),
    (text) => writeSetgroups(userNamespace, text),
  );

const row = (name: string, ops: Device<Task>["ops"]): Row<Task> => ({ kind: "device", name, mode: 0o644, ops });

export const idMapRows: readonly Row<Task>[] = [
  row("uid_map", mapFile("uids")),
  row("gid_map", mapFile("gids")),
  row("projid_map", mapFile("projects")),
  {
    ...row("setgroups", setgroupsFile),
    kind: "device",
    ops: setgroupsFile,
    mayWrite: ({ cred }, { task }) => (!task || task.cred.canIn(cred.userNamespace, CAP_SYS_ADMIN) ? 0 : EACCES),
  },
];
