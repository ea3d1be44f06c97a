// Node's errors as the kernel's errno values. Node throws, with the name of the error in `code`; kernel space returns.
import { EIO, type Errno, errnoName } from "../../abi/errno.ts";

const numbers = new Map<string, Errno>();
for (let n = 1; n < 134; n++) numbers.set(errnoName(-n), -n as Errno);

export function errnoOf(error: unknown): Errno {
  const { code } = error as { code?: unknown };
  return (typeof code === "string" && numbers.get(code)) || EIO;
}

/** Calls and answers, an error as errno. What is no system error is a bug, and passes. */
export function attempt<T>(call: () => T): T | Errno {
  try {
    return call();
  } catch (error) {
    return systemError(error);
  }
}

/** The errno of a system error that was caught; anything else is thrown again. */
export function systemError(error: unknown): Errno {
  if (typeof (error as { syscall?: unknown }).syscall === "string") return errnoOf(error);
  throw error;
}
