// The signal mask that ppoll, pselect, epoll_pwait and others put in place while they wait. If a signal ends the wait,
// the old mask stays in task.savedMask until the handler's frame has it (or no handler ran); otherwise the call itself
// restores it.
import { EFAULT, EINVAL, type Errno } from "../../abi/errno.ts";
import { bit, SIGKILL, SIGSTOP, type SigSet } from "../../abi/signal.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import type { Task } from "../task/task.ts";

const UNBLOCKABLE: SigSet = bit(SIGKILL) | bit(SIGSTOP);

/** Takes the mask from user space and puts it in place; none when the address is NULL. Errors: EINVAL, EFAULT. */
export function replaceMask(task: Task, address: UserAddress, size: number): 0 | Errno {
  if (address === NULL) return 0;
  if (size !== 8) return EINVAL;
  const mask = task.mm.readU64(address);
  if (mask === undefined) return EFAULT;
  task.savedMask = task.blocked;
  task.blocked = mask & ~UNBLOCKABLE;
  task.attention = true;
  return 0;
}

/** Puts the old mask back. */
export function restoreMask(task: Task): void {
  if (task.savedMask === undefined) return;
  task.blocked = task.savedMask;
  task.savedMask = undefined;
  task.attention = true;
}
