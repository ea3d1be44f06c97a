// Getting and setting a terminal's attributes. tcgetattr(3), ioctl_tty(2)
import { EFAULT, ENOTTY } from "../../../abi/errno.ts";
import {
  TCGETA,
  TCGETS,
  TCGETS2,
  TCSETA,
  TCSETAF,
  TCSETAW,
  TCSETS,
  TCSETS2,
  TCSETSF,
  TCSETSF2,
  TCSETSW,
  TCSETSW2,
  TIOCGSOFTCAR,
  TIOCSSOFTCAR,
} from "../../../abi/ioctl.ts";
import { SIGTTOU } from "../../../abi/signal.ts";
import {
  CLOCAL,
  copyTermios,
  decodeTermio,
  decodeTermios,
  encodeTermio,
  encodeTermios,
  TERMIO_SIZE,
  TERMIOS_SIZE,
  TERMIOS2_SIZE,
} from "../../../abi/termios.ts";
import type { UserAddress } from "../../mm/user.ts";
import type { Task } from "../../task/task.ts";
import type { IoResult } from "../../vfs/file.ts";
import { checkForeground } from "./job-control.ts";
import type { Terminal } from "./terminal.ts";

export function ioctlModes(terminal: Terminal, task: Task, command: number, argument: UserAddress): IoResult {
  const { mm } = task;
  switch (command) {
    case TCGETS:
      return mm.write(argument, encodeTermios(terminal.termios, TERMIOS_SIZE));
    case TCGETS2:
      return mm.write(argument, encodeTermios(terminal.termios, TERMIOS2_SIZE));
    case TCGETA:
      return mm.write(argument, encodeTermio(terminal.termios));
    case TCSETS:
    case TCSETSW:
      return set(terminal, task, argument, TERMIOS_SIZE, false);
    case TCSETSF:
      return set(terminal, task, argument, TERMIOS_SIZE, true);
    case TCSETS2:
    case TCSETSW2:
      return set(terminal, task, argument, TERMIOS2_SIZE, false);
    case TCSETSF2:
      return set(terminal, task, argument, TERMIOS2_SIZE, true);
    case TCSETA:
    case TCSETAW:
      return set(terminal, task, argument, TERMIO_SIZE, false);
    case TCSETAF:
      return set(terminal, task, argument, TERMIO_SIZE, true);
    case TIOCGSOFTCAR:
      return mm.writeU32(argument, terminal.termios.cflag & CLOCAL ? 1 : 0);
    case TIOCSSOFTCAR: {
      const on = mm.readU32(argument);
      if (on === undefined) return EFAULT;
      const termios = copyTermios(terminal.termios);
      termios.cflag = on ? termios.cflag | CLOCAL : termios.cflag & ~CLOCAL;
      terminal.setAttributes(termios);
      return 0;
    }
    default:
      return ENOTTY;
  }
}

/** Output leaves at once or waits in front of a reader, so that "when it has left" (TCSETSW) is always now. */
function set(terminal: Terminal, task: Task, argument: UserAddress, size: number, flush: boolean): IoResult {
  const allowed = checkForeground(task, terminal, SIGTTOU);
  if (allowed < 0) return allowed;
  const bytes = task.mm.read(argument, size);
  if (typeof bytes === "number") return bytes;
  const termios = size === TERMIO_SIZE ? decodeTermio(bytes, terminal.termios) : decodeTermios(bytes);
  if (flush) terminal.flushInput();
  terminal.setAttributes(termios);
  return 0;
}
