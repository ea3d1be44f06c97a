// Telling a parent what became of its child. wait(2), sigaction(2) on SIGCHLD
import {
  CLD_CONTINUED,
  CLD_DUMPED,
  CLD_EXITED,
  CLD_KILLED,
  CLD_STOPPED,
  NSIG,
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SIG_IGN,
  SIGCHLD,
  SIGCONT,
} from "../../abi/signal.ts";
import { sendToGroup } from "../signal/send.ts";
import type { ThreadGroup } from "./thread-group.ts";

const TICK = 1e7;

/** A child stopped or went on. */
export function stopNotify(group: ThreadGroup, signal: number): void {
  const { parent } = group;
  if (!parent) return;
  if ((parent.handlers.get(SIGCHLD).flags & SA_NOCLDSTOP) === 0) {
    sendToGroup(parent, {
      signal: SIGCHLD,
      code: signal === SIGCONT ? CLD_CONTINUED : CLD_STOPPED,
      pid: group.pid,
      uid: group.leader.cred.uid,
      status: signal,
      utime: group.usage.utime / TICK,
      stime: group.usage.stime / TICK,
    });
  }
  parent.childEvents.wakeAll();
}

/** A child has ended. Returns true when nobody will wait for it: it is released at once. */
export function exitNotify(group: ThreadGroup): boolean {
  const { parent } = group;
  if (!parent || parent.reapsItself) return true;
  const { exitCode, leader } = group;
  let autoReap = false;
  let { exitSignal } = leader;
  if (exitSignal === SIGCHLD) {
    const action = parent.handlers.get(SIGCHLD);
    autoReap = action.handler === SIG_IGN || (action.flags & SA_NOCLDWAIT) !== 0;
    // Ignored it is not sent at all, not even to be kept while it is blocked.
    if (action.handler === SIG_IGN) exitSignal = 0;
  }
  if (exitSignal > 0 && exitSignal <= NSIG) {
    const killed = exitCode & 0x7f;
    sendToGroup(parent, {
      signal: exitSignal,
      code: killed === 0 ? CLD_EXITED : (exitCode & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED,
      pid: group.pid,
      uid: leader.cred.uid,
      status: killed === 0 ? exitCode >> 8 : killed,
      utime: group.usage.utime / TICK,
      stime: group.usage.stime / TICK,
    });
  }
  parent.childEvents.wakeAll();
  return autoReap;
}
