// Debian's own programs: the riscv64 ones of the image in Airside and under qemu, the amd64 ones of the same suite on
// the host. Input and output are files of the host's on all sides.
import { spawn } from "node:child_process";
import { cSource, script, table, text } from "../inputs.ts";
import { debianCommand } from "../sides.ts";
import { environment, wholeProcess } from "../timed.ts";
import { Absent, type Side, together, type Workload } from "../workload.ts";

interface Program {
  name: string;
  about: string;
  argv: readonly string[] | ((side: Side) => readonly string[]);
  input?: string;
  prepare: () => void;
}

const CC1 = "14/cc1";

export function programs(quick: boolean): Workload[] {
  const part = quick ? 4 : 1;
  const words = () => text(2_000_000 / part);
  const lines = () => table("lines.txt", 100_000 / part);
  const million = () => table("million.txt", 1_000_000 / part);
  const python = (name: string, size: number | string, about: string, prepare = () => script(name)): Program => ({
    name: `python3 ${name.replace(/(-round)?\.py$/, "")}`,
    about,
    argv: ["python3", name, String(size)],
    prepare,
  });
  const list: Program[] = [
    { name: "gzip -9", about: "2 MB of text", argv: ["gzip", "-9c", "text.txt"], prepare: words },
    { name: "xz -6", about: "likewise", argv: ["xz", "-6", "-T1", "-c", "text.txt"], prepare: words },
    { name: "zstd -9", about: "likewise", argv: ["zstd", "-9", "--single-thread", "-c", "text.txt"], prepare: words },
    { name: "sha256sum", about: "16 MB", argv: ["sha256sum", ...Array(8).fill("text.txt")], prepare: words },
    python("nbody.py", 12_000 / part, "double precision in objects"),
    python("trees.py", quick ? 12 : 14, "allocation and recursion"),
    python("json-round.py", 12 / part, "a document to text and back"),
    python("regex.py", 500_000 / part, "regular expressions over text", () => {
      words();
      script("regex.py");
    }),
    {
      name: "lua",
      about: "tables, strings, closures",
      argv: ["lua5.4", "work.lua", String(12 / part)],
      prepare: () => script("work.lua"),
    },
    {
      name: "perl",
      about: "regular expressions and hashes",
      argv: ["perl", "work.pl", String(16_000 / part)],
      prepare: () => {
        words();
        script("work.pl");
      },
    },
    {
      name: "gawk",
      about: "100,000 lines in fields",
      argv: ["gawk", "-f", "work.awk", "lines.txt"],
      prepare: () => {
        lines();
        script("work.awk");
      },
    },
    {
      name: "bash",
      about: "a loop with arithmetic and strings",
      argv: [
        "bash",
        "-c",
        `for ((i = 0; i < ${40_000 / part}; i++)); do s=$((s * 31 + i & 65535)) t=\${t: -9}$i; done; echo $s $t`,
      ],
      prepare: () => undefined,
    },
    { name: "sort", about: "a million lines", argv: ["sort", "--parallel=1", "million.txt"], prepare: million },
    {
      name: "sort -n",
      about: "100,000 lines by a number",
      argv: ["sort", "--parallel=1", "-nk2", "lines.txt"],
      prepare: lines,
    },
    {
      name: "sqlite3",
      about: "inserts, indexes, joins in memory",
      argv: ["sqlite3", ":memory:"],
      input: "work.sql",
      prepare: () => script("work.sql", { ROWS: 30_000 / part }),
    },
    {
      name: "gcc -O2",
      about: "cc1 14.2 for riscv64 on 1,000 lines of C",
      argv: (side) => [
        side.kind === "native"
          ? `/usr/libexec/gcc-cross/riscv64-linux-gnu/${CC1}`
          : `/usr/libexec/gcc/riscv64-linux-gnu/${CC1}`,
        ..."-quiet -O2 -march=rv64gc -mabi=lp64d code.c -o -".split(" "),
      ],
      prepare: () => cSource(quick ? 12 : 45),
    },
    {
      name: "fzf",
      about: "a Go program: fuzzy search in lines",
      argv: ["fzf", "--filter=q7a"],
      input: "million.txt",
      prepare: million,
    },
    {
      name: "ripgrep",
      about: "a Rust program: a regular expression",
      argv: ["rg", "-c", "(\\w+)ing \\1", "-P", "text.txt"],
      prepare: words,
    },
  ];
  const rows = list.map(
    ({ name, about, argv, input, prepare }): Workload => ({
      name,
      group: "programs",
      unit: "ms",
      about,
      prepare,
      run: (side) =>
        wholeProcess(
          debianCommand(side, typeof argv === "function" ? argv(side) : argv, input !== undefined),
          input === undefined ? {} : { input },
        ),
    }),
  );
  return [...rows, ...speed()];
}

/** `openssl speed` measures itself: how much it did in a second, here as the time that one takes. */
function speed(): Workload[] {
  const sides = (name: string, args: readonly string[], lines: readonly string[]) => {
    const said = together((side) => openssl(side, args, lines.at(-1)!));
    return lines.map(
      (line): Workload => ({
        name: `openssl speed ${name}${line === "+R1" ? " sign" : line === "+R2" ? " verify" : ""}`,
        group: "programs",
        unit: "ns",
        about: line === "+R" ? "16 KiB; its own measure of a second's work" : "its own measure, likewise",
        run: async (side, turn) => {
          const text = await said(side, turn);
          if (text instanceof Absent) return text;
          // +R2:5389:2048:1.00, so many in so many seconds.
          const found = new RegExp(`^\\${line}:(\\d+):[^:]*:([\\d.]+)$`, "m").exec(text);
          if (!found) return new Absent(`says ${text.slice(0, 80)}`);
          return { value: (Number(found[2]) / Number(found[1])) * 1e9, output: "done" };
        },
      }),
    );
  };
  return [
    ...sides("sha256", ["-bytes", "16384", "-evp", "sha256"], ["+R"]),
    ...sides("aes-128-cbc", ["-bytes", "16384", "-evp", "aes-128-cbc"], ["+R"]),
    ...sides("rsa2048", ["rsa2048"], ["+R1", "+R2"]),
  ];
}

/** What it says until a line that begins so: it can't be told to leave out what would come then. */
async function openssl(side: Side, what: readonly string[], last: string): Promise<string | Absent> {
  const command = debianCommand(side, ["openssl", "speed", "-elapsed", "-seconds", "1", "-mr", ...what]);
  if (command instanceof Absent) return command;
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "ignore", "pipe"], env: environment() });
  let said = "";
  for await (const chunk of child.stderr) {
    said += String(chunk);
    if (said.includes(`\n${last}:`) && said.endsWith("\n")) break;
  }
  child.kill("SIGKILL");
  return said;
}
