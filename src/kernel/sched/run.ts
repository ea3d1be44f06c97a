// A task's turn: user space until the gate, what the gate asked for, and back. What is thrown in a task's name is caught here.
import { ENOSYS, ERESTART_RESTARTBLOCK, ERESTARTSYS, type Errno } from "../../abi/errno.ts";
import { PTRACE_EVENT_SECCOMP } from "../../abi/ptrace.ts";
import { BUS_ADRALN, ILL_ILLOPC, SIGBUS, SIGILL, SIGKILL, SIGTRAP, TRAP_BRKPT, TRAP_TRACE } from "../../abi/signal.ts";
import { EXIT_EBREAK, EXIT_ECALL, EXIT_FAULT, EXIT_ILLEGAL, EXIT_TIMER, FAULT_MISALIGNED } from "../../machine/hart.ts";
import { oops } from "../crash/oops.ts";
import { type Access, EXECUTE, fault } from "../mm/fault.ts";
import { enterStop, eventStop, systemCallStop, trapStop } from "../ptrace/stop.ts";
import { CALL_EMULATE, CALL_STEP, CALL_TRACE } from "../ptrace/tracee.ts";
import type { Seccomp } from "../seccomp/filter.ts";
import { secureComputing } from "../seccomp/gate.ts";
import { deliverSignals } from "../signal/deliver.ts";
import { forceSignal } from "../signal/send.ts";
import { reportFault } from "../signal/unhandled.ts";
import { NO_RESULT, type SyscallResult } from "../syscalls/table.ts";
import { dropFiles, holdFiles } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { abortSequence } from "./rseq.ts";
import { Wait } from "./wait-queue.ts";

/** Crossings between two looks at the clock. */
const CLOCK_STRIDE = 256;

/** From this many instructions on the clock is looked at: for the pace, and for what is made of it (inodes' times). */
const LONG = 50_000;

/** Gives `task` its turn: at most `fuel` instructions, until it blocks, ends, should give way, or the clock passes `until`:
 *  what is left of the fuel then is the answer; else 0. `now`: the monotonic clock. */
export function runTask(task: Task, fuel: number, until: number, now: number): number {
  try {
    // A call that waited is tried again first.
    if (!task.wait || task.kernel.scheduler.retry(task, task.wait)) return turn(task, fuel, until, now);
  } catch (error) {
    oops(task, error);
  }
  return 0;
}

/** Works in a task's name outside of its turn, as whoever starts one does. undefined: it threw, and the task is dead. */
export function inTask<T>(task: Task, work: () => T): T | undefined {
  const { kernel } = task;
  const before = kernel.current;
  kernel.current = task;
  try {
    return work();
  } catch (error) {
    oops(task, error);
    return undefined;
  } finally {
    kernel.current = before;
  }
}

function turn(task: Task, fuel: number, until: number, now: number): number {
  const { kernel } = task;
  const { hart, scheduler, trace } = kernel;
  let crossings = 0;
  while (task.state === "R") {
    if (task.attention) {
      deliverSignals(task);
      if (task.state !== "R") return 0;
    }
    if (fuel <= 0 || scheduler.reschedule) {
      if (scheduler.queue.length > 0) {
        task.involuntarySwitches++;
        if (task.rseq) abortSequence(task);
        return 0;
      }
      if (fuel <= 0) return 0;
      scheduler.reschedule = false;
    }
    const { table } = task.mm;
    const most = trace.budget === undefined ? fuel : trace.budget(task, fuel);
    const exit = hart.run(task.context, table, (task.callWork & CALL_STEP) === 0 ? most : 1);
    const { retired } = hart;
    task.instructions += retired;
    fuel -= retired;
    trace.retired?.(task, retired);
    if (retired > LONG) {
      const after = kernel.clock.monotonic();
      if (crossings === 0) kernel.pace.learn(after - now, retired);
    }
    if (exit === EXIT_ECALL) {
      fuel -= 100;
      systemCall(task);
    } else if (exit !== EXIT_TIMER) trap(task, exit);
    else if ((task.callWork & CALL_STEP) !== 0) stepped(task);
    if (++crossings % CLOCK_STRIDE === 0 && kernel.clock.monotonic() >= until) return Math.max(0, fuel);
  }
  return 0;
}

/** The gate: dispatches the call that the registers ask for. */
function systemCall(task: Task): void {
  const { context } = task;
  context.step();
  task.syscall = context.xi(17);
  task.syscalls++;
  task.originalLow = context.low(10);
  task.originalHigh = context.high(10);
  if ((task.callWork & (CALL_TRACE | CALL_EMULATE)) !== 0) tracedCall(task);
  else dispatch(task);
}

function dispatch(task: Task): void {
  const { kernel, context } = task;
  const number = task.syscall;
  const row = kernel.syscalls[number];
  task.callFileCount = 0;
  const { trace } = kernel;
  trace.syscallEnter?.(task, row, number);
  let result: SyscallResult;
  const injected = trace.syscallInject?.(task, row, number);
  if (injected !== undefined) result = injected;
  else if (task.seccomp !== undefined && !allowsAlways(task.seccomp, number)) {
    filteredCall(task, false);
    return;
  } else if (row) result = row.call(task, context);
  else result = missing(task);
  if (task.callWork === 0 && typeof result === "number") finish(task, result);
  else settle(task, result);
}

/** Calls that filters allow whatever their arguments go the straight way. */
const allowsAlways = ({ filter }: Seccomp, number: number): boolean => filter?.allows(number) ?? false;

/** A call of a task whose calls are restricted: made, refused, or asked about. seccomp(2) */
function filteredCall(task: Task, again: boolean): void {
  const decision = secureComputing(task, again);
  if (!decision) settle(task, make(task));
  else if (decision.kind === "result") settle(task, decision.result);
  else if (decision.kind === "trace") filterStop(task, decision.message);
  else
    settle(
      task,
      decision.listener.ask(task, decision.data, () => makeLater(task)),
    );
}

function make(task: Task): SyscallResult {
  return task.kernel.syscalls[task.syscall]?.call(task, task.context) ?? missing(task);
}

/** There is no such call: counted, so that it can be shown. */
function missing({ kernel, syscall }: Task): Errno {
  kernel.missing.set(syscall, (kernel.missing.get(syscall) ?? 0) + 1);
  return ENOSYS;
}

/** It has waited for leave to be made, and may wait anew for its own reasons. */
function makeLater(task: Task): SyscallResult {
  dropFiles(task);
  task.callFileCount = 0;
  const result = make(task);
  if (result instanceof Wait) holdFiles(task);
  return result;
}

/** PTRACE_EVENT_SECCOMP: the tracer may make another call of it, or none. */
function filterStop(task: Task, message: number): void {
  const { context } = task;
  context.setXn(10, ENOSYS);
  enterStop(task, trapStop(task, SIGTRAP | (PTRACE_EVENT_SECCOMP << 8), message), () => {
    task.syscall = context.xi(17);
    if (task.syscall < 0) leave(task);
    else {
      context.setHalves(10, task.originalLow, task.originalHigh);
      filteredCall(task, true);
    }
  });
}

/** A handler has answered. What its tracer asked to see of it comes first. */
function settle(task: Task, result: SyscallResult): void {
  if (task.event) settleLater(task, result);
  else if (result instanceof Wait) {
    holdFiles(task);
    task.kernel.scheduler.block(task, result);
  } else finish(task, result);
}

/** Apart, as whoever makes a closure allocates what it captures on entry. */
function settleLater(task: Task, result: SyscallResult): void {
  eventStop(task, () => settle(task, result));
}

/** Its tracer sees the call before it is made, and may make another of it, or none. Until it is made a0 holds ENOSYS. */
function tracedCall(task: Task): void {
  const { context, tracee } = task;
  if (!tracee) {
    dispatch(task);
    return;
  }
  const emulated = (task.callWork & CALL_EMULATE) !== 0;
  context.setXn(10, ENOSYS);
  systemCallStop(task, tracee, true, () => {
    const number = context.xi(17);
    task.syscall = number;
    if (emulated) task.syscall = -1;
    else if (number === -1) leave(task);
    else {
      context.setHalves(10, task.originalLow, task.originalHigh);
      dispatch(task);
    }
  });
}

/** A traced call's answer is in a0. */
function leave(task: Task): void {
  if (task.state !== "R") return;
  const { tracee } = task;
  const done = (): void => {
    // The tracer may have changed the answer.
    const result = task.context.xs(10);
    if (task.syscall >= 0 && result <= ERESTARTSYS && result >= ERESTART_RESTARTBLOCK) task.attention = true;
    else task.syscall = -1;
    if ((task.callWork & CALL_STEP) !== 0) stepped(task);
  };
  if (tracee && (task.callWork & CALL_TRACE) !== 0) systemCallStop(task, tracee, false, done);
  else done();
}

/** One instruction is done: the tracer asked for no more. */
function stepped(task: Task): void {
  forceSignal(task, { signal: SIGTRAP, code: TRAP_TRACE, address: task.context.pc });
}

/** A blocked call has its answer; or a fault that waited for a page can be tried again. */
export function completeCall(task: Task, result: number | Errno): void {
  if (task.faulting) {
    task.faulting = false;
    if (result < 0) task.attention = true;
    return;
  }
  dropFiles(task);
  settle(task, result);
}

function finish(task: Task, result: Exclude<SyscallResult, Wait<number>>): void {
  const { kernel } = task;
  kernel.trace.syscallExit?.(task, kernel.syscalls[task.syscall], result);
  if (result !== NO_RESULT) {
    const first = task.originalHigh * 0x1_0000_0000 + (task.originalLow >>> 0);
    kernel.crossings.record(task.tid, task.syscall, first, Number(result));
  }
  if (typeof result === "number") {
    task.context.setXn(10, result);
    if (task.callWork !== 0) leave(task);
    else if (result <= ERESTARTSYS && result >= ERESTART_RESTARTBLOCK) task.attention = true;
    else task.syscall = -1;
    return;
  }
  if (result !== NO_RESULT) task.context.setX(10, BigInt.asUintN(64, result as bigint));
  task.syscall = -1;
  if (task.callWork !== 0) leave(task);
}

/** Anything else that brought the task to the gate. */
function trap(task: Task, exit: number): void {
  const { kernel, context } = task;
  const { hart } = kernel;
  const { pc } = context;
  if (exit === EXIT_FAULT) {
    const { faultAddress } = hart;
    if (hart.faultKind === FAULT_MISALIGNED) {
      reportFault(task, { signal: SIGBUS, code: BUS_ADRALN }, faultAddress, hart.faultAccess as Access);
      forceSignal(task, { signal: SIGBUS, code: BUS_ADRALN, address: faultAddress });
      return;
    }
    kernel.crossings.record(task.tid, -EXIT_FAULT, faultAddress, pc);
    kernel.trace.pageFault?.(task, faultAddress, hart.faultAccess);
    const bad = fault(task.mm, faultAddress, hart.faultAccess as Access);
    kernel.trace.pageFaultDone?.(task);
    if (bad === 0) return;
    if (bad instanceof Wait) {
      task.faulting = true;
      bad.killable = true;
      kernel.scheduler.block(task, bad);
      return;
    }
    if (bad.signal !== SIGKILL) reportFault(task, bad, faultAddress, hart.faultAccess as Access);
    forceSignal(task, { signal: bad.signal, code: bad.code, address: faultAddress });
  } else if (exit === EXIT_ILLEGAL) {
    reportFault(task, { signal: SIGILL, code: ILL_ILLOPC }, pc, EXECUTE);
    forceSignal(task, { signal: SIGILL, code: ILL_ILLOPC, address: pc });
  } else if (exit === EXIT_EBREAK) forceSignal(task, { signal: SIGTRAP, code: TRAP_BRKPT, address: pc });
  else forceSignal(task, { signal: SIGKILL, code: 0 });
}
