// Where a program is, for people: the function and the line of each call that it is in, as far as symbols tell. For a
// fault that is about to end it; registers and memory are read as they are.
import type { Task } from "../../kernel/task/task.ts";
import { unwind } from "../unwind/unwinder.ts";
import { Modules } from "./modules.ts";

export interface Frame {
  /** Undefined where no symbol covers it. */
  readonly function: string | undefined;
  /** Bytes from the function's beginning, or from the file's. */
  readonly offset: number;
  /** "/usr/bin/prog", "[vdso]". */
  readonly module: string;
  /** "prog.c:12", where the program was built with -g. */
  readonly source: string | undefined;
}

/** At most `count` frames, the innermost first. */
export function crashSite(task: Task, modules: Modules, count = 8): Frame[] {
  const frames: Frame[] = [];
  unwind(task, modules, ({ module, address }) => {
    // A call's line is that of the call, not of what it returns to.
    const inside = frames.length === 0 ? address : address - 1;
    const symbol = module.symbol(inside);
    const line = module.sourceLine(inside);
    const named = symbol && symbol.name !== "" ? symbol : undefined;
    frames.push({
      function: named?.name,
      offset: address - (named?.start ?? 0),
      module: module.path,
      source: line && `${line.file.slice(line.file.lastIndexOf("/") + 1)}:${line.line}`,
    });
    return frames.length < count;
  });
  return frames;
}

/** "divide (math.c:7)", "strlen+0x1c in libc.so.6", "0x1234 in prog". */
export function frameText({ function: name, offset, module, source }: Frame): string {
  if (name !== undefined && source !== undefined) return `${name} (${source})`;
  const file = module.slice(module.lastIndexOf("/") + 1);
  const hex = `0x${offset.toString(16)}`;
  return name === undefined ? `${hex} in ${file}` : `${name}+${hex} in ${file}`;
}

/** Where the program is and who called it there, innermost first: "divide (math.c:7), called from main (math.c:12)". */
export function siteText(task: Task, count = 4): string {
  const modules = new Modules(task.kernel);
  const [place, ...callers] = crashSite(task, modules, count).map(frameText);
  modules.close();
  if (place === undefined) return "";
  return callers.length === 0 ? place : `${place}, called from ${callers.join(", from ")}`;
}
