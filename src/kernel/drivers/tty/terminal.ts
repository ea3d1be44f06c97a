// A terminal: attributes, window size, session and foreground group, and the way between the line (a pseudo-terminal's
// other side, the host's console) and the programs. What characters mean is the line discipline's (line-discipline.ts);
// how a program opens, reads and controls it is in file.ts; sessions are in job-control.ts.
import type { Errno } from "../../../abi/errno.ts";
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../../abi/flags.ts";
import { SI_KERNEL, SIGWINCH } from "../../../abi/signal.ts";
import {
  copyTermios,
  standardTermios,
  type Termios,
  TIOCPKT_FLUSHREAD,
  TIOCPKT_FLUSHWRITE,
  TIOCPKT_START,
  TIOCPKT_STOP,
  type WindowSize,
} from "../../../abi/termios.ts";
import type { Kernel } from "../../kernel.ts";
import type { UserAddress } from "../../mm/user.ts";
import { WaitQueue } from "../../sched/wait-queue.ts";
import { sendToGroup } from "../../signal/send.ts";
import type { Task } from "../../task/task.ts";
import type { File, IoResult } from "../../vfs/file.ts";
import { ByteFifo } from "./byte-fifo.ts";
import { endSession } from "./job-control.ts";
import { LineDiscipline } from "./line-discipline.ts";
import type { Tty } from "./tty.ts";

/** The line behind a terminal. */
export interface TtyDriver {
  /** Sends bytes out; returns how many it took. */
  write(bytes: Uint8Array): number;
  /** How many bytes `write` would take now. */
  room(): number;
  /** Drops output that has not left yet. */
  flush?(): void;
  /** The attributes have changed. */
  attributesChanged?(old: Termios): void;
  open?(file: File): 0 | Errno;
  /** An open description was closed, or all are dead; `left` are still open. */
  close?(left: number): void;
  /** The last open description is gone, dead ones included. */
  released?(): void;
  /** Requests of this line alone; undefined passes on. */
  ioctl?(file: File, task: Task, command: number, argument: UserAddress): IoResult | undefined;
}

/** One open description of a terminal. */
export interface TtyOpen {
  readonly terminal: Terminal;
  /** The line was hung up after it was opened: reads give 0, writes EIO. */
  hungUp: boolean;
  /** Opened as /dev/console, which has no job control. */
  readonly console: boolean;
}

export class Terminal implements Tty {
  readonly kernel: Kernel;
  readonly name: string;
  readonly dev: number;
  driver!: TtyDriver;
  readonly discipline: LineDiscipline;
  termios: Termios;
  private readonly initial: Termios;
  window: WindowSize = { rows: 0, columns: 0, xpixel: 0, ypixel: 0 };

  // job-control.ts
  session = 0;
  foreground = 0;

  /** Open descriptions, and how many there are with those that a hang-up left dead. */
  readonly opens = new Set<TtyOpen>();
  private users = 0;
  exclusive = false;
  /** The other side of a pseudo-terminal. */
  link: Terminal | undefined;
  isMaster = false;
  get pseudo(): boolean {
    return this.link !== undefined;
  }
  /** The other side has been closed: reads give EIO once the input is used up. */
  otherClosed = false;
  /** Input ends for good after what has come: the line hangs up when it is read. */
  private ending = false;

  /** Output is stopped: by ^S, or (`held`) by tcflow(TCOOFF), which ^Q does not end. */
  stopped = false;
  held = false;

  // packet mode of a pseudo-terminal: `packet` is the master's, `packetStatus` what the slave has to report
  packet = false;
  packetStatus = 0;

  /** Input that the line discipline had no room for yet. */
  private readonly arrived: ByteFifo;
  private pumping = false;
  /** Input waits until the other side is done with its own. */
  private deferred = false;
  readonly readers = new WaitQueue();
  readonly writers = new WaitQueue();

  constructor(init: { kernel: Kernel; name: string; dev: number; termios?: Termios; inputLimit?: number }) {
    this.kernel = init.kernel;
    this.name = init.name;
    this.dev = init.dev;
    this.termios = init.termios ?? standardTermios();
    this.initial = copyTermios(this.termios);
    this.arrived = new ByteFifo(init.inputLimit ?? Number.POSITIVE_INFINITY);
    this.discipline = new LineDiscipline(this);
  }

  // ---- the line's side

  /** Bytes from the line; returns how many there was room for. */
  receive(bytes: Uint8Array): number {
    const taken = this.arrived.push(bytes);
    this.pump();
    return taken;
  }
  /** Bytes that the line may send now. */
  get receiveRoom(): number {
    return this.arrived.room;
  }
  /** The line is gone once its input is used up. */
  endInput(): void {
    this.ending = true;
    this.hangUpAtEnd();
  }
  hangUpAtEnd(): void {
    if (!this.ending || this.arrived.length > 0 || this.discipline.available(false)) return;
    this.ending = false;
    this.hangup();
  }
  /** Hands the line's bytes to the line discipline as far as it has room. What that echoes to the other side of a
   *  pseudo-terminal arrives there afterwards, so that a signal character still drops what came before it. */
  pump(): void {
    const { link } = this;
    this.deferred = link?.pumping ?? false;
    if (this.pumping || this.deferred) return;
    this.pumping = true;
    while (this.arrived.length > 0) {
      const chunk = this.arrived.first();
      const taken = this.discipline.receive(chunk);
      this.arrived.drop(taken);
      if (taken < chunk.length) break;
    }
    this.pumping = false;
    if (link?.deferred) link.pump();
  }
  dropArrived(): void {
    this.arrived.clear();
  }
  /** There is room for output again. */
  outputDrained(): void {
    this.discipline.processEchoes();
    this.writers.wakeAll(POLLOUT | POLLWRNORM);
  }
  /** A reader has taken input: more may come. */
  inputTaken(): void {
    this.pump();
    if (this.discipline.unread <= 128) this.link?.outputDrained();
  }

  // ---- output to the line

  /** Sends bytes; returns how many the line took, none while output is stopped. */
  send(bytes: Uint8Array): number {
    return this.stopped ? 0 : this.driver.write(bytes);
  }
  get sendRoom(): number {
    return this.stopped ? 0 : this.driver.room();
  }
  /** Sends a flow control character past whatever is stopped. tcflow(3), TCIOFF */
  sendNow(byte: number): void {
    this.driver.write(Uint8Array.of(byte));
  }

  // ---- flow control. tcflow(3)

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.reportPacket(TIOCPKT_STOP, TIOCPKT_START);
  }
  start(): void {
    if (!this.stopped || this.held) return;
    this.stopped = false;
    this.reportPacket(TIOCPKT_START, TIOCPKT_STOP);
    this.writers.wakeAll(POLLOUT | POLLWRNORM);
  }
  /** Tells a master in packet mode. */
  reportPacket(set: number, clear = 0): void {
    if (!this.link?.packet) return;
    this.packetStatus = (this.packetStatus & ~clear) | set;
    this.link.readers.wakeAll(POLLIN | POLLRDNORM);
  }

  // ---- what programs ask for

  setAttributes(termios: Termios): void {
    const old = this.termios;
    this.termios = termios;
    this.driver.attributesChanged?.(old);
    this.discipline.attributesChanged(old);
  }
  flushInput(): void {
    this.discipline.flushInput();
    this.reportPacket(TIOCPKT_FLUSHREAD);
    this.inputTaken();
  }
  flushOutput(): void {
    this.driver.flush?.();
    this.reportPacket(TIOCPKT_FLUSHWRITE);
  }
  /** Changes the size and tells the foreground group. TIOCSWINSZ */
  resize(size: WindowSize): void {
    const { window } = this;
    const same =
      window.rows === size.rows &&
      window.columns === size.columns &&
      window.xpixel === size.xpixel &&
      window.ypixel === size.ypixel;
    if (same) return;
    this.window = size;
    if (this.link) this.link.window = size;
    this.signalForeground(SIGWINCH);
  }
  signalForeground(signal: number): void {
    if (this.foreground !== 0) signalProcessGroup(this.kernel, this.foreground, signal);
  }

  // ---- the end

  /** The line is gone, or vhangup(2): the session loses its terminal, open descriptions are dead. When it is the
   *  session's end that hangs up, the foreground group is told too. */
  hangup(sessionEnds = false): void {
    endSession(this, sessionEnds);
    for (const open of this.opens) open.hungUp = true;
    this.opens.clear();
    this.termios = copyTermios(this.initial);
    this.discipline.reset();
    this.dropArrived();
    this.stopped = this.held = this.exclusive = false;
    this.packetStatus = 0;
    this.readers.wakeAll();
    this.writers.wakeAll();
    this.driver.close?.(0);
  }
  get inUse(): boolean {
    return this.users > 0;
  }
  opened(open: TtyOpen): void {
    this.opens.add(open);
    this.users++;
  }
  closed(open: TtyOpen): void {
    if (this.opens.delete(open)) {
      if (this.opens.size === 0) this.exclusive = false;
      this.driver.close?.(this.opens.size);
    }
    if (--this.users === 0) this.driver.released?.();
  }
}

/** Signals from the terminal come from the kernel itself. */
export function signalProcessGroup(kernel: Kernel, pgid: number, signal: number): void {
  for (const group of kernel.tasks.processGroup(pgid)) {
    if (!group.zombie) sendToGroup(group, { signal, code: SI_KERNEL, pid: 0, uid: 0 });
  }
}
