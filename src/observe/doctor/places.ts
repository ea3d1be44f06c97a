// Where things are in the program, by its symbols: which function made a call, what a lock is called.
import type { Task } from "../../kernel/task/task.ts";
import { toText } from "../../lib/byte-string.ts";
import { crashSite } from "../symbols/crash-site.ts";
import type { Modules } from "../symbols/modules.ts";

const libraries = /\/(libc|ld-linux[^/]*|libpthread)[.-][^/]*$/;
/** Calls that are looked through for one that is the program's own. */
const DEEPEST = 12;

/** The innermost function that is not the C library's: "main", "update in libwork.so"; "" where no symbol tells. */
export function callerName(task: Task, modules: Modules): string {
  if (task.exiting) return "";
  for (const { function: name, module } of crashSite(task, modules, DEEPEST)) {
    if (libraries.test(module) || module === "[vdso]") continue;
    if (name === undefined || name === "_start") return "";
    const file = module.slice(module.lastIndexOf("/") + 1);
    return /\.so(\.|$)/.test(file) ? `${name} in ${file}` : name;
  }
  return "";
}

/** The variable at `address`: "queue_lock", "queue+0x40", "worker+0x2b78" by its file, or the bare address. */
export function variableName(task: Task, address: number, modules: Modules): string {
  const bare = `0x${address.toString(16)}`;
  const { areas } = task.mm;
  let area = areas.find(address);
  // What begins as zeros follows what comes from the file.
  if (area && !area.file) area = areas.find(area.start - 1);
  if (!area?.file) return bare;
  const { module, address: start } = modules.locate(task, area.start);
  const at = start + (address - area.start);
  const symbol = module.variable(at);
  const offset = at - (symbol?.start ?? 0);
  const name = symbol?.name ?? toText(area.file.path.dentry.name);
  return offset === 0 ? name : `${name}+0x${offset.toString(16)}`;
}
