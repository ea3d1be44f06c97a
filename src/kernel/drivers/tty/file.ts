// A terminal as an open file.
import { EBUSY, EIO, ENOTTY, type Errno } from "../../../abi/errno.ts";
import { O_NOCTTY, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from "../../../abi/flags.ts";
import { TIOCSPGRP } from "../../../abi/ioctl.ts";
import { CAP_SYS_ADMIN } from "../../security/cred.ts";
import { File, type FileOperations } from "../../vfs/file.ts";
import type { Inode } from "../../vfs/inode.ts";
import type { Path } from "../../vfs/mount.ts";
import { ioctlTerminal } from "./ioctl.ts";
import { acquireAtOpen } from "./job-control.ts";
import { readTerminal, writeTerminal } from "./read-write.ts";
import type { Terminal, TtyOpen } from "./terminal.ts";

const openOf = (file: File): TtyOpen => file.data as TtyOpen;

const ops: FileOperations = {
  stream: true,
  read: (file, into) => readTerminal(openOf(file), file, into),
  write: (file, from) => writeTerminal(openOf(file), file, from),
  poll(file) {
    const { terminal, hungUp } = openOf(file);
    if (hungUp) return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
    terminal.pump();
    let events = 0;
    if (terminal.discipline.available(true)) events |= POLLIN | POLLRDNORM;
    if (terminal.packet && terminal.link && terminal.link.packetStatus !== 0) events |= POLLPRI | POLLIN | POLLRDNORM;
    if (terminal.otherClosed) events |= POLLHUP;
    if (terminal.sendRoom > 0) events |= POLLOUT | POLLWRNORM;
    return events;
  },
  pollQueues: (file) => [openOf(file).terminal.readers, openOf(file).terminal.writers],
  ioctl(file, task, command, argument) {
    const open = openOf(file);
    if (open.hungUp) return command === TIOCSPGRP ? ENOTTY : EIO;
    return ioctlTerminal(open.terminal, file, task, command, argument);
  },
  release(file) {
    // Without it the open failed.
    if (file.data) openOf(file).terminal.closed(openOf(file));
  },
};

/** Opens a terminal. `console`: as /dev/console, which never becomes a controlling terminal. Errors: EBUSY after
 *  TIOCEXCL; what the line answers. */
export function openTerminal(terminal: Terminal, file: File, console = false): FileOperations | Errno {
  const { current } = terminal.kernel;
  if (terminal.exclusive && current && !current.cred.can(CAP_SYS_ADMIN)) return EBUSY;
  const refused = terminal.driver.open?.(file) ?? 0;
  if (refused !== 0) return refused;
  const open: TtyOpen = { terminal, hungUp: false, console };
  file.data = open;
  terminal.opened(open);
  const mayControl = !console && !terminal.isMaster && (file.flags & O_NOCTTY) === 0;
  if (mayControl && current) acquireAtOpen(current, terminal, file.readable);
  return ops;
}

/** An open description of a terminal that the kernel makes itself. Errors: as open(2). */
export function terminalFile(terminal: Terminal, path: Path, inode: Inode, flags: number): File | Errno {
  const file = new File(path, inode, flags, ops);
  const opened = openTerminal(terminal, file);
  if (typeof opened !== "number") return file;
  file.unref();
  return opened;
}

/** The terminal behind an open file. */
export function terminalOf(file: File): Terminal | undefined {
  return file.ops === ops ? openOf(file).terminal : undefined;
}
