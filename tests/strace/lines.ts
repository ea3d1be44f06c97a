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
  /** Where it lies inside. */
  readonly path: string;
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
        path: `/programs/${file.slice(0, -2)}`,
        flags: line("flags")?.split(" ") ?? [],
        mask: mask === undefined ? undefined : new RegExp(mask, "g"),
      };
    });
}

/** Programs of the guest suite that go the same way each time. */
export function guestPrograms(): Program[] {
  const names = `files/chmod-chown files/chroot files/copy-file-range files/fsync-misc files/getcwd files/mount-info
    files/o-path files/openat files/path-walk files/permissions files/seek files/times files/truncate
    memory/mprotect`;
  return names
    .trim()
    .split(/\s+/)
    .map((name) => ({
      name,
      path: `/suite/${name}`,
      flags: [],
      mask: /(?<=getrandom\()"[^"]*"|(tv|it)_\w+=\d+|0x[0-9a-f]{5,}/g,
    }));
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
export function comparable(text: string, { mask, flags }: Program): string[] {
  const lines = text.split("\n");
  const begin = lines.findIndex((line) => /write\(-1, "begin"/.test(line));
  const rest = lines.slice(begin + 1);
  const ids = processIds(text);
  const masked = rest.map((line) => {
    let one = line
      .replace(/^(\d+) +/, (_, pid) => `${ids.get(pid) ?? pid} `)
      .replace(/\b\d+\b/g, (number) => ids.get(number) ?? number)
      .replace(/0x(?:7f|3f|2a|5[56])[0-9a-f]{6,12}\b|0x[1-9a-f][0-9a-f]{4,7}(?=[,)} ])/g, "ADDRESS")
      .replace(/SA_RESTORER\|?/, "")
      .replace(/, sa_restorer=\w+/g, "")
      .replace(/sa_flags=}/, "sa_flags=0}")
      .replace(/^brk\(.*/, "brk")
      .replace(/^getrandom\("[^"]*"/, 'getrandom("…"')
      .replace(/(?<=(?:TCP|UDP).*:)3\d{4}(?=-|\])|(?<=eventfd-id=)\d+|#\d+/g, "…")
      .replace(/(pipe|socket):\[\d+\]/g, "$1:[…]")
      .replace(/ +(?== )/, " ");
    if (mask) one = one.replace(mask, "…");
    return one;
  });
  const ordered = flags.includes("-f") ? byProcess(masked) : masked;
  // When a child dies is chance too.
  const deaths = ordered.filter((line) => line.startsWith("--- SIGCHLD"));
  return [...ordered.filter((line) => !line.startsWith("--- SIGCHLD")), ...deaths];
}

/** Names for the processes that a trace tells of. */
function processIds(text: string): Map<string, string> {
  const ids = new Map<string, string>();
  for (const pattern of [
    /^(\d+) /gm,
    /si_pid=(\d+)/g,
    /get[pt]id\(\) += (\d+)/g,
    /set_tid_address\(.*= (\d+)/g,
    /getppid\(\) += (\d+)/g,
  ])
    for (const [, id] of text.matchAll(pattern))
      if (!ids.has(id!) && Number(id) > 300 && id !== "1234") ids.set(id!, `P${ids.size + 1}`);
  return ids;
}

/** Who comes when is chance: each process's lines together, and each line whole. */
function byProcess(lines: readonly string[]): string[] {
  const processes = new Map<string, string[]>();
  for (const line of lines) {
    const [, id = "", rest = line] = /^(P\d+) (.*)$/.exec(line) ?? [];
    const own = processes.get(id) ?? [];
    processes.set(id, own);
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    if (resumed && own.length > 0) own.push(`${own.pop()!.replace(/ ?<unfinished \.\.\.>$/, "")}${resumed[1]}`);
    else own.push(rest);
  }
  return [...processes.values()].flat();
}
