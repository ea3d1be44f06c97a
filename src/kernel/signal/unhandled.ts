// What the kernel log says of a program that a fault ends: what it did, where, in which file, with which registers.
// debug.exception-trace and kernel.print-fatal-signals; Linux: do_trap() of riscv, print_fatal_signal()
import { BUS_ADRALN, SIG_DFL, SIG_IGN, SIGBUS, SIGILL } from "../../abi/signal.ts";
import { toText } from "../../lib/byte-string.ts";
import { hex16, registerLines, whoLine } from "../crash/show.ts";
import { type Access, EXECUTE, WRITE } from "../mm/fault.ts";
import type { Task } from "../task/task.ts";
import { killPending } from "./state.ts";

/** sstatus of a program: 64 bits, interrupts on. */
const STATUS = 0x0000000200000020n;

/** Nobody inside will see the signal: it ends the process. Linux: unhandled_signal() */
function isUnhandled(task: Task, signal: number): boolean {
  const { handler } = task.group.handlers.get(signal);
  if (handler !== SIG_IGN && handler !== SIG_DFL) return false;
  return !killPending(task) && task.tracee === undefined;
}

/** "prog[7]: unhandled signal 11 code 0x1 at 0x0000000000000000 in prog[5d6,2aaaaa0000+1000]", and the registers. */
export function reportFault(
  task: Task,
  fault: { signal: number; code: number },
  address: number,
  access: Access,
): void {
  const { kernel, context } = task;
  const { log, sysctl } = kernel;
  const { signal, code } = fault;
  if (!isUnhandled(task, signal) || sysctl.number("debug/exception-trace") === 0 || !log.ratelimit.allows()) return;
  const where = areaText(task, context.pc);
  log.write(
    6,
    `${toText(task.comm)}[${task.tid}]: unhandled signal ${signal} code 0x${code.toString(16)} at 0x${hex16(address)}${where}`,
  );
  log.write(6, whoLine(kernel, task));
  for (const line of registerLines(task)) log.write(6, line);
  log.write(6, `status: ${hex16(STATUS)} badaddr: ${hex16(address)} cause: ${hex16(causeOf(signal, code, access))}`);
}

/** scause: illegal instruction; misaligned load and store; page faults of execution, load and store. */
function causeOf(signal: number, code: number, access: Access): number {
  if (signal === SIGILL) return 2;
  if (signal === SIGBUS && code === BUS_ADRALN) return access === WRITE ? 6 : 4;
  return access === EXECUTE ? 12 : access === WRITE ? 15 : 13;
}

/** " in libc.so.6[offset in it,start+size]" of the file mapped there, or nothing. Linux: print_vma_addr() */
function areaText({ mm }: Task, address: number): string {
  const vma = mm.areas.find(address);
  if (!vma?.file) return "";
  const { start, end, offset, file } = vma;
  const hex = (value: number): string => value.toString(16);
  return ` in ${toText(file.path.dentry.name)}[${hex(address - start + offset)},${hex(start)}+${hex(end - start)}]`;
}

/** With kernel.print-fatal-signals: a signal that dumps core ends the process. */
export function reportFatal(task: Task, signal: number): void {
  const { kernel, group } = task;
  if (kernel.sysctl.number("kernel/print-fatal-signals") === 0) return;
  const program = group.executable ? `${toText(group.executable.dentry.name)}: ` : "";
  kernel.log.write(6, `${program}${toText(task.comm)}: potentially unexpected fatal signal ${signal}.`);
  kernel.log.write(6, whoLine(kernel, task));
  for (const line of registerLines(task)) kernel.log.write(6, line);
}
