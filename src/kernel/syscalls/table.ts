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

const take: Record<Register, (context: Context, register: number) => number | bigint> = {
  int: (context, register) => context.xi(register),
  uint: (context, register) => context.xi(register) >>> 0,
  signed: (context, register) => context.xs(register),
  unsigned: (context, register) => context.xn(register),
  address: (context, register) => {
    const address = context.xn(register);
    return address <= Number.MAX_SAFE_INTEGER ? address : NOWHERE + Number(context.x(register) & 0xfffn);
  },
  bits: (context, register) => context.x(register),
};

/** Makes a row. The handler's parameters have the arguments' types, in order, after the task. */
export function syscall<const A extends readonly Argument<unknown>[]>(
  number: number,
  name: string,
  args: A,
  handler: (task: Task, ...values: Values<A>) => SyscallResult,
  options: { gaps?: string } = {},
): Row {
  const run = handler as (task: Task, ...values: (number | bigint)[]) => SyscallResult;
  const get = args.map((argument) => take[argument.register]);
  const [a, b, c, d, e, f] = get;
  let call: Row["call"];
  if (!a) call = (task) => run(task);
  else if (!b) call = (task, context) => run(task, a(context, 10));
  else if (!c) call = (task, context) => run(task, a(context, 10), b(context, 11));
  else if (!d) call = (task, context) => run(task, a(context, 10), b(context, 11), c(context, 12));
  else if (!e) call = (task, x) => run(task, a(x, 10), b(x, 11), c(x, 12), d(x, 13));
  else if (!f) call = (task, x) => run(task, a(x, 10), b(x, 11), c(x, 12), d(x, 13), e(x, 14));
  else call = (task, x) => run(task, a(x, 10), b(x, 11), c(x, 12), d(x, 13), e(x, 14), f(x, 15));
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
