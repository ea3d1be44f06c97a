// Which function of the program made a call: the innermost one that is not the C library's or the dynamic linker's.
import type { Task } from "../../kernel/task/task.ts";
import { stackLines } from "../strace/stack.ts";

const libraries = /\/(libc|ld-linux[^/]*|libpthread)[.-][^/]*$/;

/** "main", "update in libwork.so"; "" where no symbol tells. */
export function callerName(task: Task): string {
  for (const line of stackLines(task, 12)) {
    const [, path = "", symbol = ""] = /^(.*)\((.*)\) \[/.exec(line) ?? [];
    if (libraries.test(path)) continue;
    const name = symbol.replace(/\+0x[0-9a-f]+$/, "");
    if (name === "" || name === "_start") return "";
    const file = path.slice(path.lastIndexOf("/") + 1);
    return /\.so(\.|$)/.test(file) ? `${name} in ${file}` : name;
  }
  return "";
}
