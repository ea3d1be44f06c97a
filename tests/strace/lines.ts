// The programs of this folder and how a trace of them is compared: from the marked place on, without what differs from
// run to run (ids, times, addresses) or what a program says that it masks.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export const folder = import.meta.dirname;
const sources = join(folder, "programs");
export const binaries = join(folder, "bin");

export interface Program {
  readonly name: string;
  /** strace's flags. */
  readonly flags: readonly string[];
  readonly mask: RegExp | undefined;
}

export function programs(): Program[] {
  return readdirSync(sources)
    .filter((file) => file.endsWith(".c"))
    .sort()
    .map((file) => {
      const text = readFileSync(join(sources, file), "utf8");
      const line = (name: string): string | undefined => new RegExp(`^// ${name}: (.*)$`, "m").exec(text)?.[1];
      const mask = line("mask");
      return {
        name: file.slice(0, -2),
        flags: line("flags")?.split(" ") ?? [],
        mask: mask === undefined ? undefined : new RegExp(mask, "g"),
      };
    });
}

const compilers = { host: "gcc", riscv64: "riscv64-linux-gnu-gcc" } as const;

/** Compiles what is older than its source. */
export function build(target: keyof typeof compilers): void {
  mkdirSync(join(binaries, target), { recursive: true });
  const time = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const header = time(join(sources, "s.h"));
  for (const { name } of programs()) {
    const source = join(sources, `${name}.c`);
    const output = join(binaries, target, name);
    if (time(output) > Math.max(time(source), header)) continue;
    execFileSync(compilers[target], ["-O1", "-w", "-static", "-pthread", "-o", output, source], { stdio: "pipe" });
  }
}

/** What is compared of a trace: lines behind the marker, masked. */
export function comparable(text: string, { mask }: Program): string[] {
  const lines = text.split("\n");
  const begin = lines.findIndex((line) => /write\(-1, "begin"/.test(line));
  const ids = new Map<string, string>();
  const name = (id: string): string => {
    const known = ids.get(id) ?? `P${ids.size + 1}`;
    ids.set(id, known);
    return known;
  };
  return lines.slice(begin + 1).map((line) => {
    let one = line
      .replace(/^(\d+) +(?=[a-z+-<])/, (_, pid) => `${name(pid)} `)
      .replace(/^\[pid +(\d+)\]/, (_, pid) => `[pid ${name(pid)}]`)
      .replace(/(si_pid=|Process |(?:^|\s)(?:tg|t|rt_sigqueue|)kill\(|pid=)(\d{1,8})\b/g, (_, what, pid) =>
        pid === "0" || pid.startsWith("9999") || pid === "1234" ? `${what}${pid}` : `${what}${name(pid)}`,
      )
      .replace(/0x(?:7f|3f|2a|5[56])[0-9a-f]{6,12}\b|0x[1-9a-f][0-9a-f]{4,5}(?=[,)} ])/g, "ADDRESS")
      .replace(/SA_RESTORER\|/, "")
      .replace(/, sa_restorer=\w+/g, "")
      .replace(/ +(?== )/, " ");
    if (mask) one = one.replace(mask, "…");
    return one;
  });
}
