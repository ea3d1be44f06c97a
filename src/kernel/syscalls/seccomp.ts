// seccomp(2). What filters are is in ../seccomp/.
import { EFAULT, EINVAL, EOPNOTSUPP, type Errno } from "../../abi/errno.ts";
import {
  SECCOMP_ACTIONS,
  SECCOMP_DATA_SIZE,
  SECCOMP_GET_ACTION_AVAIL,
  SECCOMP_GET_NOTIF_SIZES,
  SECCOMP_MODE_FILTER,
  SECCOMP_MODE_STRICT,
  SECCOMP_NOTIF_RESP_SIZE,
  SECCOMP_NOTIF_SIZE,
  SECCOMP_SET_MODE_FILTER,
  SECCOMP_SET_MODE_STRICT,
} from "../../abi/seccomp.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import { attachFilter, setStrictMode } from "../seccomp/attach.ts";
import type { Task } from "../task/task.ts";
import { Flags, InOut, type Row, syscall, UInt } from "./table.ts";

function actionAvailable(task: Task, address: UserAddress): 0 | Errno {
  const action = task.mm.readU32(address);
  if (action === undefined) return EFAULT;
  return SECCOMP_ACTIONS.has(action) ? 0 : EOPNOTSUPP;
}

function notificationSizes(task: Task, address: UserAddress): 0 | Errno {
  const sizes = Uint16Array.of(SECCOMP_NOTIF_SIZE, SECCOMP_NOTIF_RESP_SIZE, SECCOMP_DATA_SIZE);
  return task.mm.write(address, new Uint8Array(sizes.buffer));
}

function seccomp(task: Task, operation: number, flags: number, args: UserAddress): number | Errno {
  switch (operation) {
    case SECCOMP_SET_MODE_STRICT:
      return flags !== 0 || args !== NULL ? EINVAL : setStrictMode(task);
    case SECCOMP_SET_MODE_FILTER:
      return attachFilter(task, flags, args);
    case SECCOMP_GET_ACTION_AVAIL:
      return flags !== 0 ? EINVAL : actionAvailable(task, args);
    case SECCOMP_GET_NOTIF_SIZES:
      return flags !== 0 ? EINVAL : notificationSizes(task, args);
    default:
      return EINVAL;
  }
}

/** prctl(PR_SET_SECCOMP). */
export function setSeccomp(task: Task, mode: number, filter: number): number | Errno {
  if (mode === SECCOMP_MODE_STRICT) return setStrictMode(task);
  return mode === SECCOMP_MODE_FILTER ? attachFilter(task, 0, filter as UserAddress) : EINVAL;
}

export const rows: readonly Row[] = [
  syscall(
    277,
    "seccomp",
    [UInt("operation", "SECCOMP"), Flags("flags", "SECCOMP_FILTER_FLAG"), InOut("args")],
    seccomp,
  ),
];
