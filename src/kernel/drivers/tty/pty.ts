// Pseudo-terminals: two terminals back to back. What is written to the master is typed at the slave, and the slave's
// output is what the master reads. Names and numbers are devpts's (fs/devpts). pty(7), ioctl_tty(2)
import { EFAULT, EINVAL, EIO, type Errno } from "../../../abi/errno.ts";
import { TIOCGPKT, TIOCGPTLCK, TIOCGPTN, TIOCGPTPEER, TIOCPKT, TIOCSIG, TIOCSPTLCK } from "../../../abi/ioctl.ts";
import { SIGINT, SIGQUIT, SIGTSTP } from "../../../abi/signal.ts";
import {
  B38400,
  CREAD,
  CS8,
  CSIZE,
  EXTPROC,
  IXON,
  PARENB,
  standardTermios,
  type Termios,
  TIOCPKT_DOSTOP,
  TIOCPKT_IOCTL,
  TIOCPKT_NOSTOP,
  VSTART,
  VSTOP,
} from "../../../abi/termios.ts";
import type { Kernel } from "../../kernel.ts";
import type { UserAddress } from "../../mm/user.ts";
import type { Task } from "../../task/task.ts";
import type { File, IoResult } from "../../vfs/file.ts";
import { makedev } from "../table.ts";
import { Terminal, type TtyDriver } from "./terminal.ts";

export const PTS_MAJOR = 136;
const PTM_MAJOR = 128;
/** What each side holds for the other before a writer has to wait, beside the line discipline's own buffer. */
const BUFFER = 8192;

/** Whoever gave the pair its number and name. */
export interface PtyOwner {
  /** TIOCGPTPEER: opens the slave in the task's name; the result is a descriptor. */
  openSlave(master: File, task: Task, flags: number): number | Errno;
  /** The master is closed: the name goes. */
  masterClosed(): void;
  /** Nothing refers to the pair any more: the number is free. */
  released(): void;
}

export interface Pty {
  readonly index: number;
  readonly master: Terminal;
  readonly slave: Terminal;
}

export function createPty(kernel: Kernel, index: number, owner: PtyOwner): Pty {
  const quiet = standardTermios();
  quiet.iflag = quiet.oflag = quiet.lflag = 0;
  quiet.cflag = B38400 | CS8 | CREAD;
  const common = standardTermios();
  common.cflag = B38400 | CS8 | CREAD;
  const master = new Terminal({
    kernel,
    name: "/dev/ptmx",
    dev: makedev(PTM_MAJOR, index),
    termios: quiet,
    inputLimit: BUFFER,
  });
  const slave = new Terminal({
    kernel,
    name: `/dev/pts/${index}`,
    dev: makedev(PTS_MAJOR, index),
    termios: common,
    inputLimit: BUFFER,
  });
  master.link = slave;
  slave.link = master;
  master.isMaster = true;

  let locked = true;
  let masterGone = false;
  const toOther = (other: Terminal): Pick<TtyDriver, "write" | "room" | "flush" | "released"> => ({
    write: (bytes) => other.receive(bytes),
    room: () => other.receiveRoom,
    flush: () => other.dropArrived(),
    released() {
      if (masterGone && !master.inUse && !slave.inUse) owner.released();
    },
  });
  const closeFor = (other: Terminal) => {
    other.otherClosed = true;
    other.readers.wakeAll();
    other.writers.wakeAll();
  };

  master.driver = {
    ...toOther(slave),
    close() {
      masterGone = true;
      master.packet = false;
      closeFor(slave);
      owner.masterClosed();
      slave.hangup();
    },
    ioctl(file, task, command, argument) {
      return ioctlMaster(file, task, command, argument);
    },
  };
  slave.driver = {
    ...toOther(master),
    open() {
      if (masterGone || locked) return EIO;
      master.otherClosed = false;
      return 0;
    },
    close(left) {
      if (left === 0) closeFor(master);
    },
    attributesChanged: (old) => slaveAttributes(slave, old),
  };

  function ioctlMaster(file: File, task: Task, command: number, argument: UserAddress): IoResult | undefined {
    const { mm } = task;
    switch (command) {
      case TIOCSPTLCK: {
        const value = mm.readU32(argument);
        if (value === undefined) return EFAULT;
        locked = value !== 0;
        return 0;
      }
      case TIOCGPTLCK:
        return mm.writeU32(argument, locked ? 1 : 0);
      case TIOCPKT: {
        const value = mm.readU32(argument);
        if (value === undefined) return EFAULT;
        if (value !== 0 && !master.packet) slave.packetStatus = 0;
        master.packet = value !== 0;
        return 0;
      }
      case TIOCGPKT:
        return mm.writeU32(argument, master.packet ? 1 : 0);
      case TIOCGPTN:
        return mm.writeU32(argument, index);
      case TIOCGPTPEER:
        return owner.openSlave(file, task, argument);
      case TIOCSIG:
        if (argument !== SIGINT && argument !== SIGQUIT && argument !== SIGTSTP) return EINVAL;
        slave.signalForeground(argument);
        return 0;
      default:
        return undefined;
    }
  }
  return { index, master, slave };
}

/** The character size and parity mean nothing here; packet mode reports what concerns flow control. */
function slaveAttributes(slave: Terminal, old: Termios): void {
  const { termios } = slave;
  if (slave.link?.packet) {
    const flow = ({ iflag, cc }: Termios) => (iflag & IXON) !== 0 && cc[VSTOP] === 0x13 && cc[VSTART] === 0x11;
    const was = flow(old);
    const is = flow(termios);
    if (was !== is) {
      slave.reportPacket(is ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP, is ? TIOCPKT_NOSTOP : TIOCPKT_DOSTOP);
    }
    if ((old.lflag | termios.lflag) & EXTPROC) slave.reportPacket(TIOCPKT_IOCTL);
  }
  termios.cflag = (termios.cflag & ~(CSIZE | PARENB)) | CS8 | CREAD;
}
