// The frame on the user's stack from which a handler runs, and the way back. The only place that knows riscv64's
// layout: struct rt_sigframe is a siginfo and a ucontext, as gdb, libgcc's unwinder and Go read them.
import { EFAULT, type Errno } from "../../abi/errno.ts";
import { encodeSiginfo, SIGINFO_USED } from "../../abi/siginfo.ts";
import { highOf, lowOf, SA_ONSTACK, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from "../../abi/signal.ts";
import type { Context } from "../../machine/hart.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { type Access, READ, WRITE } from "../mm/fault.ts";
import type { UserAddress } from "../mm/user.ts";
import type { Task } from "../task/task.ts";
import type { SignalAction } from "./handlers.ts";
import type { SignalInfo } from "./pending.ts";
import { setBlockedHalves } from "./state.ts";

// struct rt_sigframe { siginfo_t info; struct ucontext uc; }
const UCONTEXT = 128;
const UC_STACK = UCONTEXT + 16;
const UC_SIGMASK = UCONTEXT + 40;
const MCONTEXT = UCONTEXT + 176;
const FPREGS = MCONTEXT + 32 * 8;
const FCSR = FPREGS + 32 * 8;
/** Up to the end of the union with the quad-precision state. */
const FRAME_SIZE = FPREGS + 528;
/** The number under which Context has the pc: behind x0 to x31 come f0 to f31, then it. */
const PC = 64;

/** Where a siginfo is put together before it goes to a frame. */
const siginfo = new Int32Array(SIGINFO_USED / 4);
const siginfoView = new DataView(siginfo.buffer);

/** A frame in RAM, as signed words: it is aligned to 16 bytes and lies on at most two pages. */
class FrameWords {
  private words!: Int32Array;
  private longs!: BigUint64Array;
  private first = 0;
  private second = 0;
  /** Offset in the frame at which the second page begins. */
  private split = 0;

  /** False when it can't be accessed. */
  find(mm: AddressSpace, frame: number, access: Access): boolean {
    this.split = 4096 - (frame & 4095);
    this.first = mm.translate(frame, access);
    if (this.first === 0) return false;
    if (this.split < FRAME_SIZE) {
      this.second = mm.translate(frame + this.split, access);
      if (this.second === 0) return false;
      // Making the second one present may have taken the first one away.
      this.first = mm.translate(frame, access);
      if (this.first === 0) return false;
    }
    this.words = mm.ram.i32;
    this.longs = mm.ram.u64;
    return true;
  }
  /** A copy of one that a program put anywhere. False when it can't be read. */
  copy(mm: AddressSpace, frame: UserAddress): boolean {
    const bytes = mm.read(frame, FRAME_SIZE);
    if (typeof bytes === "number") return false;
    this.words = new Int32Array(bytes.buffer);
    this.longs = new BigUint64Array(bytes.buffer);
    this.split = FRAME_SIZE;
    return true;
  }
  private index(offset: number): number {
    return (offset < this.split ? this.first + offset : this.second + offset - this.split) >>> 2;
  }
  get(offset: number): number {
    return this.words[this.index(offset)]!;
  }
  set(offset: number, value: number): void {
    this.words[this.index(offset)] = value;
  }
  /** All registers but x0 and pc. The bigints go from array to array: none is made. */
  putRegisters(context: Context): void {
    const { longs, split } = this;
    if (split <= MCONTEXT || split >= FCSR) {
      const x = this.index(MCONTEXT) >>> 1;
      for (let i = 1; i < 32; i++) longs[x + i] = context.x(i);
      const f = this.index(FPREGS) >>> 1;
      for (let i = 0; i < 32; i++) longs[f + i] = context.f(i);
      return;
    }
    for (let i = 1; i < 32; i++) longs[this.index(MCONTEXT + i * 8) >>> 1] = context.x(i);
    for (let i = 0; i < 32; i++) longs[this.index(FPREGS + i * 8) >>> 1] = context.f(i);
  }
  takeRegisters(context: Context): void {
    const { longs, split } = this;
    if (split <= MCONTEXT || split >= FCSR) {
      const x = this.index(MCONTEXT) >>> 1;
      for (let i = 1; i < 32; i++) context.setX(i, longs[x + i]!);
      const f = this.index(FPREGS) >>> 1;
      for (let i = 0; i < 32; i++) context.setF(i, longs[f + i]!);
      return;
    }
    for (let i = 1; i < 32; i++) context.setX(i, longs[this.index(MCONTEXT + i * 8) >>> 1]!);
    for (let i = 0; i < 32; i++) context.setF(i, longs[this.index(FPREGS + i * 8) >>> 1]!);
  }
  /** A number of 64 bits, exact below 2^53. */
  getLong(offset: number): number {
    return (this.get(offset + 4) >>> 0) * 0x1_0000_0000 + (this.get(offset) >>> 0);
  }
  setLong(offset: number, value: number): void {
    this.set(offset, value);
    this.set(offset + 4, Math.floor(value / 0x1_0000_0000));
  }
}

/** Is the stack pointer on the alternate stack? */
export function onAltStack(task: Task, sp: number): boolean {
  const { address, size, flags } = task.altStack;
  if ((flags & SS_AUTODISARM) !== 0) return false;
  return sp > address && sp - address <= size;
}

/** Puts the frame on the stack and sends the task to its handler. False when the stack can't take it. */
export function pushFrame(task: Task, info: SignalInfo, action: SignalAction): boolean {
  const { context, mm, savedMask } = task;
  let sp = context.xn(2);
  const stack = task.altStack;
  const wasOn = onAltStack(task, sp);
  if ((action.flags & SA_ONSTACK) !== 0 && (stack.flags & SS_DISABLE) === 0 && !wasOn) sp = stack.address + stack.size;
  const frame = sp - FRAME_SIZE - ((sp - FRAME_SIZE) & 15);
  if (frame < 0 || (wasOn && !onAltStack(task, frame + 1))) return false;
  const words = new FrameWords();
  if (!words.find(mm, frame, WRITE)) return false;

  mm.clear(frame as UserAddress, FRAME_SIZE);
  if (info.raw) {
    const raw = new DataView(info.raw.buffer, info.raw.byteOffset, info.raw.byteLength);
    for (let at = 0; at < raw.byteLength; at += 4) words.set(at, raw.getInt32(at, true));
  } else {
    siginfo.fill(0);
    encodeSiginfo(info, siginfoView);
    for (let i = 0; i < siginfo.length; i++) if (siginfo[i] !== 0) words.set(i * 4, siginfo[i]!);
  }
  words.setLong(UC_STACK, stack.address);
  words.set(UC_STACK + 8, stack.flags | (wasOn ? SS_ONSTACK : 0));
  words.setLong(UC_STACK + 16, stack.size);
  words.set(UC_SIGMASK, savedMask === undefined ? task.blockedLow : lowOf(savedMask));
  words.set(UC_SIGMASK + 4, savedMask === undefined ? task.blockedHigh : highOf(savedMask));
  words.set(MCONTEXT, context.low(PC));
  words.set(MCONTEXT + 4, context.high(PC));
  words.putRegisters(context);
  words.set(FCSR, context.fcsr);

  context.setXn(1, mm.sigreturn);
  context.setXn(2, frame);
  context.setXn(10, info.signal);
  context.setXn(11, frame);
  context.setXn(12, frame + UCONTEXT);
  context.pc = action.handler;
  if ((stack.flags & SS_AUTODISARM) !== 0) task.altStack = { address: 0, size: 0, flags: SS_DISABLE };
  return true;
}

/** rt_sigreturn(2): everything as it was. The frame is the user's: any value in it is a register's, nothing more.
 *  Errors: EFAULT, which means the program gets SIGSEGV. */
export function popFrame(task: Task): 0 | Errno {
  const { context, mm } = task;
  const words = new FrameWords();
  const frame = context.xn(2);
  const found = (frame & 15) === 0 ? words.find(mm, frame, READ) : words.copy(mm, frame as UserAddress);
  if (!found) return EFAULT;
  context.setHalves(PC, words.get(MCONTEXT) & ~1, words.get(MCONTEXT + 4));
  words.takeRegisters(context);
  context.fcsr = words.get(FCSR) & 0xff;
  const flags = words.get(UC_STACK + 8) >>> 0;
  if ((flags & SS_AUTODISARM) !== 0) {
    task.altStack = {
      address: words.getLong(UC_STACK),
      size: words.getLong(UC_STACK + 16),
      flags: flags & ~SS_ONSTACK,
    };
  }
  setBlockedHalves(task, words.get(UC_SIGMASK), words.get(UC_SIGMASK + 4));
  return 0;
}
