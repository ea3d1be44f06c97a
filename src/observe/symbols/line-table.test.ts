// The cross compiler's addr2line is the judge: every address of a program's code, in DWARF 2 to 5.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ElfFile } from "./elf-file.ts";
import { sourceLine } from "./line-table.ts";
import { SymbolTable } from "./symbol-table.ts";

const folder = mkdtempSync(join(tmpdir(), "airside-lines-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const skip = spawnSync("riscv64-linux-gnu-gcc", ["--version"]).error ? "needs riscv64-linux-gnu-gcc" : false;

const SOURCE = `static int twice(int x) { return x + x; }

int loop(int n)
{
  int sum = 0;
  for (int i = 0; i < n; i++)
    sum += i & 1 ? twice(i)
                 : n;
  return sum;
}
#line 500 "other.c"
int main(int argc, char **argv)
{
  return loop(argc) + argv[0][0];
}
`;

function built(flags: readonly string[]): { path: string; elf: ElfFile } {
  const path = join(folder, flags.join(""));
  writeFileSync(join(folder, "first.c"), SOURCE);
  execFileSync("riscv64-linux-gnu-gcc", [...flags, "-o", path, join(folder, "first.c")], { cwd: folder });
  const bytes = readFileSync(path);
  return { path, elf: ElfFile.open((offset, length) => bytes.subarray(offset, offset + length))! };
}

for (const flags of [
  ["-gdwarf-5", "-O0"],
  ["-gdwarf-5", "-O2"],
  ["-gdwarf-4", "-O1"],
  ["-gdwarf-3", "-O0"],
  ["-gdwarf-2", "-O2"],
]) {
  test(`lines are those that addr2line finds: ${flags.join(" ")}`, { skip }, () => {
    const { path, elf } = built(flags);
    const table = new SymbolTable();
    elf.addSymbols(table);
    const sections = elf.lineSections!;
    const dump = execFileSync("riscv64-linux-gnu-nm", [path], { encoding: "utf8" });
    const addresses: number[] = [];
    for (const [, hex = "", name = ""] of dump.matchAll(/^([0-9a-f]+) [tT] (loop|main|twice)$/gm)) {
      const start = Number.parseInt(hex, 16);
      const { end } = table.find(start)!;
      assert.equal(table.find(start)!.name, name);
      for (let at = start; at < end; at += 2) addresses.push(at);
    }
    assert.ok(addresses.length > 20);
    const said = execFileSync("riscv64-linux-gnu-addr2line", ["-e", path, ...addresses.map((at) => at.toString(16))], {
      encoding: "utf8",
    }).split("\n");
    addresses.forEach((at, i) => {
      const line = sourceLine(sections, at);
      const [, name = "", number = ""] = /([^/]+):(\d+)/.exec(said[i]!) ?? [];
      assert.equal(line && `${line.file.replace(/.*\//, "")}:${line.line}`, `${name}:${number}`, at.toString(16));
    });
  });
}

test("damaged tables lead to no exception", { skip }, () => {
  const { elf } = built(["-gdwarf-5", "-O0"]);
  const sections = elf.lineSections!;
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let i = 0; i < 3000; i++) {
    const programs = sections.programs.slice(
      0,
      random(4) ? sections.programs.length : random(sections.programs.length),
    );
    for (let n = random(6); n >= 0 && programs.length > 0; n--) programs[random(programs.length)] = random(256);
    sourceLine({ ...sections, programs }, 0x10000 + random(2000));
  }
});
