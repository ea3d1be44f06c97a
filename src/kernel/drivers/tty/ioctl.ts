// What programs ask of a terminal. The attributes are in modes.ts, the pseudo-terminal's own requests in pty.ts.
// ioctl_tty(2)
import { EFAULT, EINVAL, EIO, ENOTTY, EPERM, type Errno, ESRCH } from "../../../abi/errno.ts";
import {
  FIONREAD,
  TCFLSH,
  TCSBRK,
  TCSBRKP,
  TCXONC,
  TIOCCBRK,
  TIOCCONS,
  TIOCEXCL,
  TIOCGDEV,
  TIOCGETD,
  TIOCGEXCL,
  TIOCGPGRP,
  TIOCGSID,
  TIOCGWINSZ,
  TIOCNOTTY,
  TIOCNXCL,
  TIOCOUTQ,
  TIOCSBRK,
  TIOCSCTTY,
  TIOCSETD,
  TIOCSPGRP,
  TIOCSTI,
  TIOCSWINSZ,
  TIOCVHANGUP,
} from "../../../abi/ioctl.ts";
import { SIGTTOU } from "../../../abi/signal.ts";
import {
  DISABLED,
  decodeWindowSize,
  encodeWindowSize,
  TCIFLUSH,
  TCIOFF,
  TCIOFLUSH,
  TCION,
  TCOFLUSH,
  TCOOFF,
  TCOON,
  VSTART,
  VSTOP,
  WINSIZE_SIZE,
} from "../../../abi/termios.ts";
import type { UserAddress } from "../../mm/user.ts";
import { CAP_SYS_ADMIN } from "../../security/cred.ts";
import type { Task } from "../../task/task.ts";
import type { File, IoResult } from "../../vfs/file.ts";
import { checkForeground, giveUpControlling, setControlling } from "./job-control.ts";
import { ioctlModes } from "./modes.ts";
import type { Terminal } from "./terminal.ts";

/** The line discipline that there is: N_TTY. */
const N_TTY = 0;
const NR_LDISCS = 31;

export function ioctlTerminal(
  terminal: Terminal,
  file: File,
  task: Task,
  command: number,
  argument: UserAddress,
): IoResult {
  const { mm, cred } = task;
  // Most requests to a master are about its slave.
  const real = terminal.isMaster ? terminal.link! : terminal;
  switch (command) {
    case TIOCSETD:
    case TIOCSBRK:
    case TCSBRK:
    case TCSBRKP:
    case TIOCCBRK: {
      const allowed = checkForeground(task, terminal, SIGTTOU);
      if (allowed < 0) return allowed;
      break;
    }
  }
  switch (command) {
    case TIOCSTI: {
      // Linux since 6.2 leaves it to privileged programs (dev.tty.legacy_tiocsti is 0 on Debian).
      if (!cred.can(CAP_SYS_ADMIN)) return EIO;
      const byte = mm.read(argument, 1);
      if (typeof byte === "number") return byte;
      terminal.discipline.receive(byte);
      return 0;
    }
    case TIOCGWINSZ:
      return mm.write(argument, encodeWindowSize(real.window));
    case TIOCSWINSZ: {
      const bytes = mm.read(argument, WINSIZE_SIZE);
      if (typeof bytes === "number") return bytes;
      real.resize(decodeWindowSize(bytes));
      return 0;
    }
    case TIOCCONS:
      return terminal.isMaster ? EINVAL : cred.can(CAP_SYS_ADMIN) ? 0 : EPERM;
    case TIOCEXCL:
      terminal.exclusive = true;
      return 0;
    case TIOCNXCL:
      terminal.exclusive = false;
      return 0;
    case TIOCGEXCL:
      return mm.writeU32(argument, terminal.exclusive ? 1 : 0);
    case TIOCNOTTY:
      return giveUpControlling(task, terminal);
    case TIOCSCTTY:
      return setControlling(task, real, file.readable, argument === 1);
    case TIOCGPGRP:
      if (terminal === real && task.group.tty !== real) return ENOTTY;
      return mm.writeU32(argument, task.pidNamespace.of(real.foreground));
    case TIOCSPGRP:
      return setForeground(real, task, argument);
    case TIOCGSID:
      if ((terminal === real && task.group.tty !== real) || real.session === 0) return ENOTTY;
      return mm.writeU32(argument, task.pidNamespace.of(real.session));
    case TIOCGETD:
      return mm.writeU32(argument, N_TTY);
    case TIOCSETD: {
      const number = mm.readU32(argument);
      if (number === undefined) return EFAULT;
      return number === N_TTY ? 0 : number < NR_LDISCS ? (cred.can(CAP_SYS_ADMIN) ? EINVAL : EPERM) : EINVAL;
    }
    case TIOCVHANGUP:
      if (!cred.can(CAP_SYS_ADMIN)) return EPERM;
      terminal.hangup();
      return 0;
    case TIOCGDEV:
      return mm.writeU32(argument, real.dev);
    // There is no line to break.
    case TIOCSBRK:
    case TIOCCBRK:
    case TCSBRK:
    case TCSBRKP:
      return 0;
    case TIOCOUTQ:
      return mm.writeU32(argument, 0);
    case FIONREAD:
      terminal.pump();
      return mm.writeU32(argument, terminal.discipline.readable);
    case TCXONC:
      return flow(terminal, task, argument);
    case TCFLSH:
      return flush(terminal, task, argument);
  }
  return terminal.driver.ioctl?.(file, task, command, argument) ?? ioctlModes(real, task, command, argument);
}

/** tcsetpgrp(3). Errors: ENOTTY for a terminal that is not the caller's; EINVAL; ESRCH; EPERM for another session's. */
function setForeground(terminal: Terminal, task: Task, argument: UserAddress): IoResult {
  const allowed = checkForeground(task, terminal, SIGTTOU);
  if (allowed < 0) return allowed === EIO ? ENOTTY : allowed;
  const number = task.mm.readU32(argument);
  if (number === undefined) return EFAULT;
  if ((number | 0) < 0) return EINVAL;
  const pgid = task.pidNamespace.find(number);
  const { group } = task;
  if (group.tty !== terminal || terminal.session !== group.sid) return ENOTTY;
  const members = task.kernel.tasks.processGroup(pgid);
  if (members.length === 0) return ESRCH;
  if (!members.some((member) => member.sid === group.sid)) return EPERM;
  terminal.foreground = pgid;
  return 0;
}

/** tcflow(3). */
function flow(terminal: Terminal, task: Task, action: number): 0 | Errno {
  const allowed = checkForeground(task, terminal, SIGTTOU);
  if (allowed < 0) return allowed;
  const { cc } = terminal.termios;
  switch (action) {
    case TCOOFF:
      if (!terminal.held) {
        terminal.stop();
        terminal.held = true;
      }
      return 0;
    case TCOON:
      if (terminal.held) {
        terminal.held = false;
        terminal.start();
        terminal.discipline.processEchoes();
      }
      return 0;
    case TCIOFF:
      if (cc[VSTOP] !== DISABLED) terminal.sendNow(cc[VSTOP]!);
      return 0;
    case TCION:
      if (cc[VSTART] !== DISABLED) terminal.sendNow(cc[VSTART]!);
      return 0;
    default:
      return EINVAL;
  }
}

/** tcflush(3). */
function flush(terminal: Terminal, task: Task, which: number): 0 | Errno {
  const allowed = checkForeground(task, terminal, SIGTTOU);
  if (allowed < 0) return allowed;
  if (which !== TCIFLUSH && which !== TCOFLUSH && which !== TCIOFLUSH) return EINVAL;
  if (which !== TCOFLUSH) {
    terminal.dropArrived();
    terminal.flushInput();
  }
  if (which !== TCIFLUSH) terminal.flushOutput();
  return 0;
}
