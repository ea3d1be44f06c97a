// vhangup(2). All else about terminals is ioctl(2): drivers/tty.
import { EPERM } from "../../abi/errno.ts";
import { CAP_SYS_TTY_CONFIG } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { type Row, syscall } from "./table.ts";

/** Hangs up the caller's terminal. Errors: EPERM. vhangup(2) */
function vhangup(task: Task): number {
  if (!task.cred.can(CAP_SYS_TTY_CONFIG)) return EPERM;
  task.group.tty?.hangup();
  return 0;
}

export const rows: Row[] = [syscall(58, "vhangup", [], vhangup)];
