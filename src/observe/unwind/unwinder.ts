// The calls that a thread is in, from its registers and its stack: by frame descriptions, and where there are none by what
// a function's first instructions do. Reads memory as it is: nothing is faulted in, so counts stay what they are.

import type { Task } from "../../kernel/task/task.ts";
import { PTE_V, USER_TOP } from "../../machine/page-table.ts";
import type { Modules, Place } from "../symbols/modules.ts";
import { callerOf, type Registers, type Rules } from "./cfi.ts";
import { rulesOfPrologue } from "./prologue.ts";

const RA = 1;
const SP = 2;
/** perf's own limit: kernel.perf_event_max_stack. */
export const DEEPEST = 127;

/** Where a signal's frame holds the program's registers, pc in the place of x0: a siginfo, then the ucontext (signal/frame.ts). */
const SIGNAL_REGISTERS = 304;

/** Where an address of the program lies in RAM; undefined where nothing is mapped now. */
function physicalAt(task: Task, address: number): number | undefined {
  if (!(address >= 0 && address < USER_TOP)) return undefined;
  const pte = task.mm.table.get(address);
  return (pte & PTE_V) === 0 ? undefined : ((pte & ~0xfff) >>> 0) + (address % 4096);
}

/** The 64 bits at an aligned address, as far as a number is exact. */
export function wordAt(task: Task, address: number): number | undefined {
  const at = address % 8 === 0 ? physicalAt(task, address) : undefined;
  if (at === undefined) return undefined;
  const { u32 } = task.kernel.ram;
  return u32[(at >>> 2) + 1]! * 0x1_0000_0000 + u32[at >>> 2]!;
}

/** The 32 bits at an aligned address. */
export function intAt(task: Task, address: number): number | undefined {
  const at = address % 4 === 0 ? physicalAt(task, address) : undefined;
  return at === undefined ? undefined : task.kernel.ram.u32[at >>> 2];
}

export function byteAt(task: Task, address: number): number | undefined {
  const at = physicalAt(task, address);
  return at === undefined ? undefined : task.kernel.ram.u8[at];
}

/**
 * Calls `each` for each call that `task` is in, the innermost first, until it answers false: with the place where it is
 * itself, then with those of the calls (the last byte of each, as nothing need follow a call that does not return); with
 * the address to which it returns and the stack pointer there.
 */
export function unwind(
  task: Task,
  modules: Modules,
  each: (place: Place, pc: number, sp: number | undefined) => boolean,
): void {
  let registers: Registers = Array.from({ length: 32 }, (_, i) => (i === 0 ? 0 : task.context.xn(i)));
  let { pc } = task.context;
  // Where a call was made is before where it returns to; an interrupted instruction is where it is.
  let returned = false;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const place = modules.locate(task, returned ? pc - 1 : pc);
    const sp = registers[SP];
    // A handler returns to the first instruction of this, which nothing has called.
    const handled =
      place.module === modules.vdso && atSignalReturn(modules, returned ? place.address + 1 : place.address);
    if (handled && returned) place.address++;
    if (!each(place, pc, sp)) return;
    if (handled) {
      const frame = sp === undefined ? undefined : registersAt(task, sp + SIGNAL_REGISTERS);
      if (!frame?.[0]) return;
      pc = frame[0];
      registers = frame;
      registers[0] = 0;
      returned = false;
      continue;
    }
    const rules = place.module.rulesAt(place.address) ?? prologue(task, place, pc, returned);
    const caller = rules && callerOf(rules, registers, (address) => wordAt(task, address));
    const next = caller?.[RA];
    if (!caller || !next || (next === pc && caller[SP] === sp)) return;
    // A caller's frame is not below its callee's.
    if (sp !== undefined && caller[SP] !== undefined && caller[SP] < sp) return;
    registers = caller;
    registers[RA] = undefined;
    pc = next;
    returned = true;
  }
}

function atSignalReturn(modules: Modules, address: number): boolean {
  return modules.vdso.symbol(address)?.name === "__vdso_rt_sigreturn";
}

function registersAt(task: Task, address: number): Registers {
  return Array.from({ length: 32 }, (_, i) => wordAt(task, address + 8 * i));
}

/** For code without frame descriptions: a JIT's, an assembler's. */
function prologue(task: Task, { module, address }: Place, pc: number, returned: boolean): Rules | undefined {
  const symbol = module.symbol(address);
  const start = symbol ? (returned ? pc - 1 : pc) - (address - symbol.start) : undefined;
  const found = start === undefined ? undefined : rulesOfPrologue((at) => halfAt(task, at), start, pc);
  if (found) return found;
  // A leaf: the return address is where the call left it.
  return returned ? undefined : { cfaRegister: SP, cfaOffset: 0, saved: new Map() };
}

/** The 16 bits at an address. */
function halfAt(task: Task, address: number): number | undefined {
  const at = physicalAt(task, address);
  return at === undefined ? undefined : task.kernel.ram.u16[at >>> 1];
}
