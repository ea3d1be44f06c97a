// Debian's own programs: the riscv64 ones of the image in Airside and under qemu, the amd64 ones of the same suite on
// the host. Input and output are files of the host's on all sides.
import { cSource, script, table, text } from "../inputs.ts";
import { debianCommand, wholeProcess } from "../sides.ts";
import type { Side, Workload } from "../workload.ts";

interface Program {
  name: string;
  about: string;
  argv: readonly string[] | ((side: Side) => readonly string[]);
  input?: string;
  prepare: () => void;
}

const CC1 = "14/cc1";
/** A prime of 1,024 bits, 2^1024 − 105. */
const PRIME = `${"F".repeat(254)}97`;

export function programs(quick: boolean): Workload[] {
  const part = quick ? 4 : 1;
  const words = () => text(4_000_000 / part);
  const lines = () => table(400_000 / part);
  const python = (name: string, size: number | string, about: string, prepare = () => script(name)): Program => ({
    name: `python3 ${name.replace(/(-round)?\.py$/, "")}`,
    about,
    argv: ["python3", name, String(size)],
    prepare,
  });
  const list: Program[] = [
    { name: "gzip -9", about: "4 MB of text", argv: ["gzip", "-9c", "text.txt"], prepare: words },
    { name: "xz -6", about: "likewise", argv: ["xz", "-6", "-T1", "-c", "text.txt"], prepare: words },
    { name: "zstd -12", about: "likewise", argv: ["zstd", "-12", "--single-thread", "-c", "text.txt"], prepare: words },
    { name: "sha256sum", about: "four times 4 MB", argv: ["sha256sum", ...Array(4).fill("text.txt")], prepare: words },
    {
      name: "openssl sha512",
      about: "four times 4 MB",
      argv: ["openssl", "dgst", "-sha512", ...Array(4).fill("text.txt")],
      prepare: words,
    },
    {
      name: "openssl aes-128-ctr",
      about: "4 MB",
      argv: ["openssl", "enc", "-aes-128-ctr", "-K", "0f".repeat(16), "-iv", "00".repeat(16), "-in", "text.txt"],
      prepare: words,
    },
    {
      name: "openssl prime",
      about: "1,024 bits: powers of large numbers, as RSA has",
      argv: ["openssl", "prime", "-checks", String(400 / part), "-hex", PRIME],
      prepare: () => undefined,
    },
    python("nbody.py", 20_000 / part, "double precision in objects"),
    python("trees.py", quick ? 12 : 14, "allocation and recursion"),
    python("json-round.py", 20 / part, "a document to text and back"),
    python("regex.py", 800_000 / part, "regular expressions over text", () => {
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
      argv: ["perl", "work.pl", String(20_000 / part)],
      prepare: () => {
        words();
        script("work.pl");
      },
    },
    {
      name: "gawk",
      about: "400,000 lines in fields",
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
        `for ((i = 0; i < ${80_000 / part}; i++)); do s=$((s * 31 + i & 65535)) t=\${t: -9}$i; done; echo $s $t`,
      ],
      prepare: () => undefined,
    },
    { name: "sort", about: "400,000 lines", argv: ["sort", "--parallel=1", "lines.txt"], prepare: lines },
    {
      name: "sort -n",
      about: "400,000 lines by a number",
      argv: ["sort", "--parallel=1", "-nk2", "lines.txt"],
      prepare: lines,
    },
    {
      name: "sqlite3",
      about: "inserts, indexes, joins in memory",
      argv: ["sqlite3", ":memory:"],
      input: "work.sql",
      prepare: () => script("work.sql", { ROWS: 40_000 / part }),
    },
    {
      name: "gcc -O2",
      about: "cc1 14.2 for riscv64 on some thousand lines of C",
      argv: (side) => [
        side === "native"
          ? `/usr/libexec/gcc-cross/riscv64-linux-gnu/${CC1}`
          : `/usr/libexec/gcc/riscv64-linux-gnu/${CC1}`,
        ..."-quiet -O2 -march=rv64gc -mabi=lp64d code.c -o -".split(" "),
      ],
      prepare: () => cSource(120 / part),
    },
    {
      name: "fzf",
      about: "a Go program: fuzzy search in lines",
      argv: ["fzf", "--filter=q7a"],
      input: "lines.txt",
      prepare: lines,
    },
    {
      name: "ripgrep",
      about: "a Rust program: a regular expression",
      argv: ["rg", "-c", "(\\w+)ing \\1", "-P", "text.txt"],
      prepare: words,
    },
  ];
  return list.map(({ name, about, argv, input, prepare }) => ({
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
  }));
}
