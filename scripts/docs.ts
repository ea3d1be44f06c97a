// Writes the documents that are made from the code's own rows: docs/syscalls.md. `--check` fails when they are stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemCallNames } from "../src/abi/system-call-names.ts";
import { systemCalls } from "../src/kernel/syscalls/index.ts";

const root = join(import.meta.dirname, "..");

function syscalls(): string {
  const table = systemCalls();
  const rows = table.filter((row) => row !== undefined);
  const lines = [
    "# System calls",
    "",
    `${rows.length} of riscv64 Linux's calls have a row in the table. A call without one answers ENOSYS and is counted`,
    "(`airside run --report-missing`). This page is made from the table by `npm run docs`.",
    "",
    "| number | call | gaps |",
    "|---|---|---|",
  ];
  for (const row of rows) {
    const args = row.arguments.map((argument) => argument.name).join(", ");
    lines.push(`| ${row.number} | \`${row.name}(${args})\` | ${row.gaps ?? ""} |`);
  }
  const missing = Object.entries(systemCallNames)
    .filter(([number, name]) => table[Number(number)] === undefined && !name.endsWith("time64"))
    .map(([, name]) => `\`${name}\``);
  lines.push("", `Not there: ${missing.join(", ")}.`, "");
  return lines.join("\n");
}

const documents: Readonly<Record<string, string>> = { "docs/syscalls.md": syscalls() };
mkdirSync(join(root, "docs"), { recursive: true });
for (const [name, text] of Object.entries(documents)) {
  const path = join(root, name);
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    process.stderr.write(`${name} is stale: run npm run docs\n`);
    process.exitCode = 1;
  }
}
