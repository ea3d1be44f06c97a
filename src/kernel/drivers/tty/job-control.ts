// Sessions and job control: who has which controlling terminal, and who may use it. credentials(7), ioctl_tty(2)
import { EIO, ENOTTY, EPERM, ERESTARTSYS, type Errno } from "../../../abi/errno.ts";
import { bit, SI_KERNEL, SIG_IGN, SIGCONT, SIGHUP, SIGTTIN } from "../../../abi/signal.ts";
import type { Kernel } from "../../kernel.ts";
import { CAP_SYS_ADMIN } from "../../security/cred.ts";
import { sendToGroup } from "../../signal/send.ts";
import { isOrphaned } from "../../task/process-group.ts";
import type { Task } from "../../task/task.ts";
import type { ThreadGroup } from "../../task/thread-group.ts";
import { signalProcessGroup, type Terminal } from "./terminal.ts";
import type { Tty } from "./tty.ts";

/** May a task use its controlling terminal? From the background the signal goes to its whole group, and the call is made
 *  again when that is continued. Errors: EIO when no signal can help; ERESTARTSYS. termios(3) */
export function checkForeground(task: Task, terminal: Tty, signal: number): 0 | Errno {
  const { group } = task;
  if (group.tty !== terminal || terminal.foreground === 0 || terminal.foreground === group.pgid) return 0;
  if ((task.blocked & bit(signal)) !== 0n || group.handlers.get(signal).handler === SIG_IGN) {
    return signal === SIGTTIN ? EIO : 0;
  }
  if (isOrphaned(task.kernel, group.pgid)) return EIO;
  signalProcessGroup(task.kernel, group.pgid, signal);
  return ERESTARTSYS;
}

export const isSessionLeader = (group: ThreadGroup): boolean => group.pid === group.sid;

function acquire(group: ThreadGroup, terminal: Terminal): void {
  terminal.session = group.sid;
  terminal.foreground = group.pgid;
  group.tty = terminal;
  group.lostForeground = 0;
}

/** open(2) without O_NOCTTY: a session leader without a terminal gets one that no session has. */
export function acquireAtOpen(task: Task, terminal: Terminal, readable: boolean): void {
  const { group } = task;
  if (isSessionLeader(group) && !group.tty && terminal.session === 0 && readable) acquire(group, terminal);
}

/** TIOCSCTTY. Errors: EPERM. */
export function setControlling(task: Task, terminal: Terminal, readable: boolean, steal: boolean): 0 | Errno {
  const { group, cred } = task;
  const leader = isSessionLeader(group);
  if (leader && terminal.session === group.sid) return 0;
  if (!leader || group.tty) return EPERM;
  const privileged = cred.can(CAP_SYS_ADMIN);
  if (terminal.session !== 0) {
    if (!steal || !privileged) return EPERM;
    clearSession(task.kernel, terminal.session);
  }
  if (!readable && !privileged) return EPERM;
  acquire(group, terminal);
  return 0;
}

function clearSession(kernel: Kernel, sid: number): void {
  for (const member of kernel.tasks.session(sid)) member.tty = undefined;
}

/** TIOCNOTTY: gives the controlling terminal up, a leader for its whole session. Errors: ENOTTY. */
export function giveUpControlling(task: Task, terminal: Terminal): 0 | Errno {
  const { group } = task;
  if (group.tty !== terminal) return ENOTTY;
  if (isSessionLeader(group)) disassociate(group, task.kernel, false);
  group.tty = undefined;
  return 0;
}

/** A session leader ends (exit) or gives its terminal up: the foreground group gets SIGHUP, the terminal is free. */
export function disassociate(group: ThreadGroup, kernel: Kernel, exiting: boolean): void {
  if (!isSessionLeader(group)) return;
  const tty = group.tty;
  if (!tty) {
    // The line hung up before: whoever was in front then is told that its session has ended.
    if (exiting && group.lostForeground !== 0) {
      signalProcessGroup(kernel, group.lostForeground, SIGHUP);
      signalProcessGroup(kernel, group.lostForeground, SIGCONT);
    }
    return;
  }
  if (exiting && !tty.pseudo) {
    tty.hangup(true);
  } else if (tty.foreground !== 0) {
    signalProcessGroup(kernel, tty.foreground, SIGHUP);
    if (!exiting) signalProcessGroup(kernel, tty.foreground, SIGCONT);
  }
  if (tty.session === group.sid) tty.session = tty.foreground = 0;
  clearSession(kernel, group.sid);
}

/** The line hung up: the session's leader gets SIGHUP and SIGCONT, all lose the terminal. */
export function endSession(terminal: Terminal, tellForeground: boolean): void {
  const { kernel, foreground } = terminal;
  if (terminal.session !== 0) {
    for (const member of kernel.tasks.session(terminal.session)) {
      if (member.tty === terminal) member.tty = undefined;
      if (!isSessionLeader(member) || member.zombie) continue;
      sendToGroup(member, { signal: SIGHUP, code: SI_KERNEL, pid: 0, uid: 0 });
      sendToGroup(member, { signal: SIGCONT, code: SI_KERNEL, pid: 0, uid: 0 });
      member.lostForeground = foreground;
    }
    if (tellForeground && foreground !== 0) signalProcessGroup(kernel, foreground, SIGHUP);
  }
  terminal.session = terminal.foreground = 0;
}
