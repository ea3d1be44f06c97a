// One row for each system call: number, name, arguments with type and direction, handler, known gaps. Dispatch, strace's
// lines, the coverage page and the fuzzer all come from the row; families keep their rows beside their handlers.
import type { Errno } from "../../abi/errno.ts";
import type { Context } from "../../machine/hart.ts";
import type { UserAddress } from "../mm/user.ts";
import type { Wait } from "../sched/wait-queue.ts";
import type { Task } from "../task/task.ts";

/** The result goes to a0; a bigint where all 64 bits count; NO_RESULT where the call has set the registers itself. */
export type SyscallResult = number | bigint | Errno | Wait<number> | typeof NO_RESULT;
export const NO_RESULT: unique symbol = Symbol("no result");

/** How an argument is taken from its register. */
export type Register = "int" | "uint" | "signed" | "unsigned" | "address" | "bits";

export interface Argument<T> {
  readonly name: string;
  /** What it means, for strace, the docs and the fuzzer: "fd", "path", "flags", "in", "out"… */
  readonly kind: string;
  readonly register: Register;
  /** For in, out and inout: the name of the argument that holds the length, or the struct's name. */
  readonly of?: string;
  readonly value?: T;
}

type Values<A extends readonly Argument<unknown>[]> = { [K in keyof A]: A[K] extends Argument<infer T> ? T : never };

export interface Row {
  readonly number: number;
  readonly name: string;
  readonly arguments: readonly Argument<unknown>[];
  /** Takes the arguments from the registers and calls the handler. */
  readonly call: (task: Task, context: Context) => SyscallResult;
  readonly gaps: string | undefined;
}

/** Stands for every address that a number does not hold exactly: none of them is mapped, but whether one is aligned to
 *  a page still shows, as it decides between errors. */
const NOWHERE = 2 ** 52;

const REGISTERS: readonly Register[] = ["int", "uint", "signed", "unsigned", "address", "bits"];

/** An argument, by the index of its kind in REGISTERS. One function with a switch: its callers can have it in line. */
function take(context: Context, kind: number, register: number): number | bigint {
  switch (kind) {
    case 0:
      return context.xi(register);
    case 1:
      return context.xi(register) >>> 0;
    case 2:
      return context.xs(register);
    case 3:
      return context.xn(register);
    case 4: {
      const address = context.xn(register);
      return address <= Number.MAX_SAFE_INTEGER ? address : NOWHERE + (context.low(register) & 0xfff);
    }
    default:
      return context.x(register);
  }
}

/** An address argument, as `take` gives it. */
export const addressIn = (context: Context, register: number): UserAddress => take(context, 4, register) as UserAddress;

/** Numbers of processes are the kernel's own by the time a handler sees them: below the first PID namespace they are
 *  looked up; a negative one stands for a process group, 0 and -1 for what they stand for everywhere. */
function withPids(
  plain: Row["call"],
  run: (task: Task, ...values: (number | bigint)[]) => SyscallResult,
  args: readonly Argument<unknown>[],
  kinds: readonly number[],
): Row["call"] {
  const lookUp = ({ pidNamespace }: Task, pid: number): number =>
    pid > 0 ? pidNamespace.find(pid) : pid < -1 ? -pidNamespace.find(-pid) : pid;
  return (task, context) => {
    if (task.pidNamespace.parent === undefined) return plain(task, context);
    const values = args.map(({ kind }, index) => {
      const value = take(context, kinds[index]!, 10 + index);
      return kind === "pid" ? lookUp(task, value as number) : value;
    });
    return run(task, ...values);
  };
}

/** Makes a row. The handler's parameters have the arguments' types, in order, after the task. A call that is made all
 *  the time may bring its own way of taking them, for which the handler is in line (table.test.ts: the same values). */
export function syscall<const A extends readonly Argument<unknown>[]>(
  number: number,
  name: string,
  args: A,
  handler: (task: Task, ...values: Values<A>) => SyscallResult,
  options: { gaps?: string; call?: Row["call"] } = {},
): Row {
  const run = handler as (task: Task, ...values: (number | bigint)[]) => SyscallResult;
  const kinds = args.map((argument) => REGISTERS.indexOf(argument.register));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = kinds;
  const calls: readonly Row["call"][] = [
    (task) => run(task),
    (task, x) => run(task, take(x, a, 10)),
    (task, x) => run(task, take(x, a, 10), take(x, b, 11)),
    (task, x) => run(task, take(x, a, 10), take(x, b, 11), take(x, c, 12)),
    (task, x) => run(task, take(x, a, 10), take(x, b, 11), take(x, c, 12), take(x, d, 13)),
    (task, x) => run(task, take(x, a, 10), take(x, b, 11), take(x, c, 12), take(x, d, 13), take(x, e, 14)),
    (task, x) =>
      run(task, take(x, a, 10), take(x, b, 11), take(x, c, 12), take(x, d, 13), take(x, e, 14), take(x, f, 15)),
  ];
  const plain = options.call ?? calls[args.length]!;
  const call = args.some(({ kind }) => kind === "pid") ? withPids(plain, run, args, kinds) : plain;
  return { number, name, arguments: args, call, gaps: options.gaps };
}

const argument =
  <T>(kind: string, register: Register) =>
  (name: string, of?: string): Argument<T> => ({ name, kind, register, ...(of === undefined ? {} : { of }) });

// Numbers
export const Int = argument<number>("int", "int");
export const UInt = argument<number>("uint", "uint");
/** 64 bits as a number: exact below 2^53, which every size and offset that can succeed is. */
export const Long = argument<number>("long", "signed");
export const ULong = argument<number>("ulong", "unsigned");
/** 64 bits exactly. */
export const Bits = argument<bigint>("bits", "bits");
export const Size = argument<number>("size", "unsigned");
export const Offset = argument<number>("offset", "signed");
export const Fd = argument<number>("fd", "int");
/** A directory descriptor or AT_FDCWD. */
export const DirFd = argument<number>("dirfd", "int");
export const Pid = argument<number>("pid", "int");
export const Uid = argument<number>("uid", "uint");
export const Signal = argument<number>("signal", "int");
export const Mode = argument<number>("mode", "uint");
/** `of` names the flag set. */
export const Flags = argument<number>("flags", "uint");
// Addresses
export const Address = argument<UserAddress>("address", "address");
/** A string ending in NUL: a path. */
export const PathName = argument<UserAddress>("path", "address");
/** A string ending in NUL that is no path. */
export const Text = argument<UserAddress>("text", "address");
/** Bytes that the call reads; `of` names the argument with their count. */
export const InBytes = argument<UserAddress>("in-bytes", "address");
/** Bytes that the call writes; `of` names the argument with the room. */
export const OutBytes = argument<UserAddress>("out-bytes", "address");
/** Structs; `of` names the layout. */
export const In = argument<UserAddress>("in", "address");
export const Out = argument<UserAddress>("out", "address");
export const InOut = argument<UserAddress>("inout", "address");
