// What a crash says of the machine and of a task: who runs where, registers, the call that it is in, the last crossings,
// the kernel's stack. The layout is Linux's for riscv.

import { errnoName } from "../../abi/errno.ts";
import { systemCallName } from "../../abi/system-call-names.ts";
import { RELEASE } from "../../abi/version.ts";
import { toText } from "../../lib/byte-string.ts";
import { EXIT_FAULT } from "../../machine/trap.ts";
import type { Kernel } from "../kernel.ts";
import type { UserAddress } from "../mm/user.ts";
import type { Argument } from "../syscalls/table.ts";
import type { Task } from "../task/task.ts";
import type { Crossing } from "./crossings.ts";
import { moduleTaints } from "./taint.ts";

export const hex16 = (value: bigint | number): string =>
  BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, "0");

/** "CPU: 0 UID: 0 PID: 7 Comm: cat Not tainted 6.12.0-airside". */
export function whoLine(kernel: Kernel, task: Task | undefined): string {
  const who = task
    ? `UID: ${task.cred.uid} PID: ${task.tid} Comm: ${toText(task.comm)}`
    : "UID: 0 PID: 0 Comm: swapper";
  return `CPU: 0 ${who} ${kernel.taints} ${RELEASE}`;
}

const NAMES =
  "epc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6".split(" ");

/** The user's registers, three a line. */
export function registerLines({ context }: Task): string[] {
  const values = NAMES.map((name, i) => {
    const value = i === 0 ? context.pcBits : context.x(i);
    return `${i === 0 ? "epc " : name.padEnd(3)}: ${hex16(value)}`;
  });
  const lines: string[] = [];
  for (let i = 0; i < values.length; i += 3) lines.push(`${i === 0 ? "" : " "}${values.slice(i, i + 3).join(" ")}`);
  return lines;
}

/** "openat(dirfd=-100, path="/etc/passwd", flags=0x0, mode=0)": a call by name, from registers. */
export function callText(task: Task, number: number): string {
  const row = task.kernel.syscalls[number];
  const values = row?.arguments.map((argument, i) => `${argument.name}=${argumentText(task, argument, i)}`) ?? [];
  return `${systemCallName(number)}(${values.join(", ")})`;
}

function argumentText(task: Task, { kind, register }: Argument<unknown>, index: number): string {
  const { context, mm } = task;
  // The first may hold the answer by now.
  const bits =
    index === 0
      ? (BigInt(task.originalHigh) << 32n) | BigInt(task.originalLow >>> 0)
      : BigInt.asIntN(64, context.x(10 + index));
  if (register === "int" || register === "signed") return String(register === "int" ? BigInt.asIntN(32, bits) : bits);
  const plain = `0x${BigInt.asUintN(register === "uint" ? 32 : 64, bits).toString(16)}`;
  if (kind !== "path" && kind !== "text") return plain;
  const text = mm?.readString(Number(BigInt.asUintN(64, bits)) as UserAddress, 256);
  return typeof text === "string" ? JSON.stringify(toText(text)) : plain;
}

/** "[7] read(0x3) = -EAGAIN", "[7] page fault at 0x1000, pc 0x2aaa…". */
export function crossingText({ tid, what, argument, result }: Crossing): string {
  if (what < 0)
    return `[${tid}] ${-what === EXIT_FAULT ? "page fault" : "trap"} at 0x${argument.toString(16)}, pc 0x${result.toString(16)}`;
  const answer = result < 0 && result >= -4095 ? `-${errnoName(result)}` : String(result);
  return `[${tid}] ${systemCallName(what)}(${argument < 0 ? argument : `0x${argument.toString(16)}`}, ...) = ${answer}`;
}

/** "Modules linked in: rot13(O)". */
export function modulesLine(kernel: Kernel): string {
  const names = [...kernel.modules.all].map(({ name, taints }) => ` ${name}${moduleTaints(taints)}`);
  return `Modules linked in:${names.join("")}`;
}

/** An exception's stack with the places of the source, a frame a line. */
export function traceLines(kernel: Kernel, error: unknown): string[] {
  // A module's exceptions are of another realm: no instance of this one's Error.
  const { stack } = (error ?? {}) as { stack?: unknown };
  if (typeof stack !== "string") return [];
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const shown = kernel.host.sourceStack?.(frames.join("\n")).split("\n") ?? frames;
  return shown.map((line) => line.replace(/^\s+at /, " ").replace(/^ async /, " "));
}
