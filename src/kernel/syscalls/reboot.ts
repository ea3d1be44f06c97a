// reboot(2): the machine starts anew, stops, or is switched off.
import { EFAULT, EINVAL, EPERM } from "../../abi/errno.ts";
import { SIGHUP, SIGINT } from "../../abi/signal.ts";
import { toText } from "../../lib/byte-string.ts";
import { endMachine } from "../crash/ended.ts";
import type { UserAddress } from "../mm/user.ts";
import type { PidNamespace } from "../namespace/pid.ts";
import { CAP_SYS_BOOT } from "../security/cred.ts";
import { exitGroup } from "../task/exit.ts";
import type { Task } from "../task/task.ts";
import { Address, type Row, type SyscallResult, syscall, UInt } from "./table.ts";

const MAGIC1 = 0xfee1dead;
/** Birthdays, as everyone knows. */
const MAGIC2 = [0x28121969, 0x05121996, 0x16041998, 0x20112000];

const RESTART = 0x01234567;
const HALT = 0xcdef0123;
const CAD_ON = 0x89abcdef;
const CAD_OFF = 0;
const POWER_OFF = 0x4321fedc;
const RESTART2 = 0xa1b2c3d4;

/** Below the first PID namespace it ends the first process, and so the others: as if by SIGHUP to start anew, by SIGINT
 *  to stop. pid_namespaces(7) */
function rebootNamespace({ init }: PidNamespace, command: number): SyscallResult {
  const restarts = command === RESTART || command === RESTART2;
  if (!restarts && command !== HALT && command !== POWER_OFF) return EINVAL;
  if (init) exitGroup(init.leader, restarts ? SIGHUP : SIGINT);
  return 0;
}

function reboot(task: Task, magic1: number, magic2: number, command: number, argument: UserAddress): SyscallResult {
  const { kernel, cred, pidNamespace } = task;
  if (!cred.canIn(pidNamespace.userNamespace, CAP_SYS_BOOT)) return EPERM;
  if (magic1 !== MAGIC1 || !MAGIC2.includes(magic2)) return EINVAL;
  if (pidNamespace.parent) return rebootNamespace(pidNamespace, command);
  const { log } = kernel;
  switch (command) {
    case RESTART:
      log.write(0, "reboot: Restarting system");
      return endMachine(kernel, { how: "restart", text: "", restartAfter: 0 });
    case RESTART2: {
      const text = task.mm.readString(argument, 255);
      if (typeof text === "number") return EFAULT;
      log.write(0, `reboot: Restarting system with command '${toText(text)}'`);
      return endMachine(kernel, { how: "restart", text: toText(text), restartAfter: 0 });
    }
    case HALT:
      log.write(0, "reboot: System halted");
      return endMachine(kernel, { how: "halt", text: "", restartAfter: undefined });
    case POWER_OFF:
      log.write(0, "reboot: Power down");
      return endMachine(kernel, { how: "poweroff", text: "", restartAfter: undefined });
    // There is no such key here; whether it would be heeded is kept all the same.
    case CAD_ON:
    case CAD_OFF:
      kernel.sysctl.put("kernel/ctrl-alt-del", command === CAD_ON ? "1" : "0");
      return 0;
    default:
      // Suspending to disk, and another kernel in memory, are not built in.
      return EINVAL;
  }
}

export const rows: readonly Row[] = [
  syscall(142, "reboot", [UInt("magic"), UInt("magic2"), UInt("op"), Address("arg")], reboot, {
    gaps: "LINUX_REBOOT_CMD_KEXEC, LINUX_REBOOT_CMD_SW_SUSPEND: EINVAL, as without them built in",
  }),
];
