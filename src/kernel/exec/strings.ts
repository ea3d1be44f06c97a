// Argument vectors in user memory. execve(2)
import { E2BIG, EFAULT, type Errno } from "../../abi/errno.ts";
import { RLIMIT_STACK } from "../../abi/flags.ts";
import type { UserAddress } from "../mm/user.ts";
import type { Task } from "../task/task.ts";
import { argumentLimit, MAX_ARG_STRLEN } from "./stack.ts";

/** Reads a vector of strings that ends in NULL; a NULL vector is empty. Errors: EFAULT, E2BIG. */
export function readStrings(task: Task, vector: UserAddress): string[] | Errno {
  const strings: string[] = [];
  if (vector === 0) return strings;
  const limit = argumentLimit(task.group.limit(RLIMIT_STACK));
  let size = 0;
  for (let i = 0; ; i++) {
    const pointer = task.mm.readU64((vector + i * 8) as UserAddress);
    if (pointer === undefined) return EFAULT;
    if (pointer === 0n) return strings;
    const text = task.mm.readString(Number(pointer) as UserAddress, MAX_ARG_STRLEN);
    if (typeof text === "number") return text === EFAULT ? EFAULT : E2BIG;
    strings.push(text);
    size += text.length + 9;
    if (size > limit) return E2BIG;
  }
}
