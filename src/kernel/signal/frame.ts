// The frame on the user's stack from which a handler runs, and the way back. The only place that knows riscv64's
// layout: struct rt_sigframe is a siginfo and a ucontext, as gdb, libgcc's unwinder and Go read them.
import type { Errno } from "../../abi/errno.ts";
import { encodeSiginfo } from "../../abi/siginfo.ts";
import { SA_ONSTACK, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from "../../abi/signal.ts";
import type { UserAddress } from "../mm/user.ts";
import type { Task } from "../task/task.ts";
import type { SignalAction } from "./handlers.ts";
import type { SignalInfo } from "./pending.ts";
import { setBlocked } from "./state.ts";

// struct rt_sigframe { siginfo_t info; struct ucontext uc; }
const UCONTEXT = 128;
const UC_STACK = UCONTEXT + 16;
const UC_SIGMASK = UCONTEXT + 40;
const MCONTEXT = UCONTEXT + 176;
const FPREGS = MCONTEXT + 32 * 8;
const FCSR = FPREGS + 32 * 8;
/** Up to the end of the union with the quad-precision state. */
const FRAME_SIZE = FPREGS + 528;

/** Is the stack pointer on the alternate stack? */
export function onAltStack(task: Task, sp: number): boolean {
  const { address, size, flags } = task.altStack;
  if ((flags & SS_AUTODISARM) !== 0) return false;
  return sp > address && sp - address <= size;
}

/** Puts the frame on the stack and sends the task to its handler. False when the stack can't take it. */
export function pushFrame(task: Task, info: SignalInfo, action: SignalAction, mask: bigint): boolean {
  const { context, mm } = task;
  let sp = context.xn(2);
  const stack = task.altStack;
  const wasOn = onAltStack(task, sp);
  if ((action.flags & SA_ONSTACK) !== 0 && (stack.flags & SS_DISABLE) === 0 && !wasOn) sp = stack.address + stack.size;
  const frame = sp - FRAME_SIZE - ((sp - FRAME_SIZE) % 16);
  if (frame < 0 || (wasOn && !onAltStack(task, frame + 1))) return false;

  const bytes = new Uint8Array(FRAME_SIZE);
  const view = new DataView(bytes.buffer);
  encodeSiginfo(info, view);
  view.setBigUint64(UC_STACK, BigInt(stack.address), true);
  view.setUint32(UC_STACK + 8, stack.flags | (wasOn ? SS_ONSTACK : 0), true);
  view.setBigUint64(UC_STACK + 16, BigInt(stack.size), true);
  view.setBigUint64(UC_SIGMASK, BigInt.asUintN(64, mask), true);
  view.setBigUint64(MCONTEXT, BigInt(context.pc), true);
  for (let i = 1; i < 32; i++) view.setBigUint64(MCONTEXT + i * 8, context.x(i), true);
  for (let i = 0; i < 32; i++) view.setBigUint64(FPREGS + i * 8, context.f(i), true);
  view.setUint32(FCSR, context.fcsr, true);
  if (mm.write(frame as UserAddress, bytes) < 0) return false;

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
  const bytes = mm.read(context.xn(2) as UserAddress, FRAME_SIZE);
  if (typeof bytes === "number") return bytes;
  const view = new DataView(bytes.buffer);
  context.pc = Number(view.getBigUint64(MCONTEXT, true) & ~1n);
  for (let i = 1; i < 32; i++) context.setX(i, view.getBigUint64(MCONTEXT + i * 8, true));
  for (let i = 0; i < 32; i++) context.setF(i, view.getBigUint64(FPREGS + i * 8, true));
  context.fcsr = view.getUint32(FCSR, true) & 0xff;
  const flags = view.getUint32(UC_STACK + 8, true);
  if ((flags & SS_AUTODISARM) !== 0) {
    task.altStack = {
      address: Number(view.getBigUint64(UC_STACK, true)),
      size: Number(view.getBigUint64(UC_STACK + 16, true)),
      flags: flags & ~SS_ONSTACK,
    };
  }
  setBlocked(task, view.getBigUint64(UC_SIGMASK, true));
  return 0;
}
