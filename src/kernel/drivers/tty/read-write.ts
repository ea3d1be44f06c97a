// How programs read from and write to a terminal: lines or VMIN and VTIME, job control, blocking. termios(3)
import { EAGAIN, EFAULT, EIO, ERESTARTSYS } from "../../../abi/errno.ts";
import { SIGTTIN, SIGTTOU } from "../../../abi/signal.ts";
import { TIOCPKT_DATA, TOSTOP, VMIN, VTIME } from "../../../abi/termios.ts";
import type { IoBuffer } from "../../mm/user.ts";
import { waitOn } from "../../sched/wait-queue.ts";
import type { File, IoResult } from "../../vfs/file.ts";
import { checkForeground } from "./job-control.ts";
import type { Terminal, TtyOpen } from "./terminal.ts";

/** VTIME counts tenths of a second. */
const TENTH = 100_000_000;
/** A write is cut into parts of this size, as a signal may come in between. */
const CHUNK = 2048;

/** When a terminal was last used shows to 8 seconds only, as more would tell how fast its user types. */
function coarse(terminal: Terminal, old: bigint): bigint {
  const second = 1_000_000_000n;
  const now = terminal.kernel.clock.now() / second;
  return ((now ^ (old / second)) & ~7n) === 0n ? old : now * second;
}

/** A read in progress. */
interface Reading {
  readonly open: TtyOpen;
  readonly file: File;
  readonly into: IoBuffer;
  done: number;
  /** Not before so many bytes have come. */
  readonly least: number;
  /** Nanoseconds after each byte. */
  readonly between: number;
  /** CLOCK_MONOTONIC; undefined waits for ever. */
  deadline: number | undefined;
}

export function readTerminal(open: TtyOpen, file: File, into: IoBuffer): IoResult {
  if (open.hungUp) return 0;
  const { terminal } = open;
  const { kernel, discipline } = terminal;
  if (kernel.current && !open.console) {
    const allowed = checkForeground(kernel.current, terminal, SIGTTIN);
    if (allowed < 0) return allowed;
  }
  const { cc } = terminal.termios;
  const raw = !discipline.canonical;
  const time = raw ? cc[VTIME]! * TENTH : 0;
  const least = raw ? cc[VMIN]! : 0;
  return read({
    open,
    file,
    into,
    done: 0,
    least: raw ? Math.max(least, 1) : 0,
    between: least > 0 ? time : 0,
    deadline: raw && least === 0 ? kernel.clock.monotonic() + time : undefined,
  });
}

function read(reading: Reading): IoResult {
  const { open, file, into } = reading;
  const { terminal } = open;
  const { discipline, link, kernel } = terminal;
  while (into.length > 0) {
    if (terminal.packet && link && link.packetStatus !== 0) {
      if (reading.done > 0) break;
      const n = into.put(Uint8Array.of(link.packetStatus));
      link.packetStatus = 0;
      return n === 0 ? EFAULT : 1;
    }
    terminal.pump();
    if (!discipline.available(false)) {
      terminal.hangUpAtEnd();
      if (reading.done > 0 && (terminal.otherClosed || open.hungUp || file.nonblocking)) break;
      if (terminal.otherClosed) return EIO;
      if (open.hungUp) return 0;
      if (reading.deadline !== undefined && reading.deadline <= kernel.clock.monotonic()) break;
      if (file.nonblocking) return EAGAIN;
      const { done } = reading;
      return waitOn(terminal.readers, () => read(reading), {
        deadline: reading.deadline,
        onTimeout: () => done,
        interrupt: done > 0 ? () => done : ERESTARTSYS,
      });
    }
    if (discipline.canonical) {
      const { taken, ended, fault } = discipline.takeLine(into.length, (bytes) => into.put(bytes));
      reading.done += taken;
      if (fault) return finish(reading, true);
      // Full just before an end of file: that is used up with it.
      if (!ended && into.length === 0) discipline.skipEof();
      break;
    }
    if (terminal.packet && reading.done === 0) {
      if (into.put(Uint8Array.of(TIOCPKT_DATA)) === 0) return EFAULT;
      reading.done = 1;
    }
    const want = Math.min(into.length, discipline.unread);
    const taken = discipline.take(want, (bytes) => into.put(bytes));
    reading.done += taken;
    if (taken < want) return finish(reading, true);
    terminal.inputTaken();
    if (reading.done >= reading.least) break;
    if (reading.between > 0) reading.deadline = kernel.clock.monotonic() + reading.between;
  }
  return finish(reading, false);
}

function finish({ open, done, file }: Reading, fault: boolean): number {
  if (done > 0) file.inode.atime = coarse(open.terminal, file.inode.atime);
  open.terminal.inputTaken();
  open.terminal.hangUpAtEnd();
  return fault && done === 0 ? EFAULT : done;
}

export function writeTerminal(open: TtyOpen, file: File, from: IoBuffer): IoResult {
  const { terminal } = open;
  const { kernel } = terminal;
  if (open.hungUp) return EIO;
  if (kernel.current && !open.console && terminal.termios.lflag & TOSTOP) {
    const allowed = checkForeground(kernel.current, terminal, SIGTTOU);
    if (allowed < 0) return allowed;
  }
  terminal.discipline.processEchoes();
  return write(terminal, open, file, from, new Uint8Array(0), 0);
}

/** `rest` has been taken from the program and not been sent; `done` bytes have. */
function write(
  terminal: Terminal,
  open: TtyOpen,
  file: File,
  from: IoBuffer,
  rest: Uint8Array,
  done: number,
): IoResult {
  for (;;) {
    if (open.hungUp) return done > 0 ? done : EIO;
    if (rest.length === 0) {
      if (from.length === 0) return done;
      const chunk = from.takeAll(CHUNK);
      if (typeof chunk === "number") return done > 0 ? done : EFAULT;
      rest = chunk;
    }
    const sent = terminal.discipline.write(rest);
    rest = rest.subarray(sent);
    done += sent;
    if (sent > 0) file.inode.mtime = coarse(terminal, file.inode.mtime);
    if (rest.length > 0) break;
  }
  if (file.nonblocking) return done > 0 ? done : EAGAIN;
  return waitOn(terminal.writers, () => write(terminal, open, file, from, rest, done), {
    interrupt: done > 0 ? () => done : ERESTARTSYS,
  });
}
