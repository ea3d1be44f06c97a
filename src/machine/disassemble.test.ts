import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Random } from "./differential/random-program.ts";
import { disassemble } from "./disassemble.ts";
import { expand } from "./isa/compressed.ts";
import { rowOf, rows } from "./isa/index.ts";

/** What objdump says of each instruction, with its listing's padding and comments taken away. */
function objdump(instructions: readonly number[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "airside-disassemble-"));
  const source = instructions.map((i) => ((i & 3) === 3 ? `.4byte ${i}` : `.2byte ${i}`)).join("\n");
  writeFileSync(join(folder, "in.s"), `${source}\n`);
  const object = join(folder, "out.o");
  const assembled = spawnSync("riscv64-linux-gnu-as", ["-march=rv64gc", "-o", object, join(folder, "in.s")]);
  assert.equal(assembled.status, 0, assembled.stderr?.toString());
  const { stdout } = spawnSync("riscv64-linux-gnu-objdump", ["-D", "-j", ".text", "-M", "no-aliases,numeric", object], {
    maxBuffer: 1 << 28,
  });
  rmSync(folder, { recursive: true });
  return stdout
    .toString()
    .split("\n")
    .filter((line) => /^ +[0-9a-f]+:/.test(line))
    .map((line) =>
      line
        .split("\t")
        .slice(2)
        .join(" ")
        .replace(/ [<#].*/, "")
        .trim(),
    );
}

test("every row is spelled as objdump spells it", (t) => {
  if (spawnSync("riscv64-linux-gnu-as", ["--version"]).status !== 0) return t.skip("no riscv64-linux-gnu-as");
  const random = new Random(7);
  const words = rows.flatMap((row) =>
    Array.from({ length: 40 }, () => (row.match | (random.next() & ~row.mask)) >>> 0).filter(
      (word) => rowOf(word) === row && !row.name.startsWith("fence"),
    ),
  );
  const theirs = objdump(words);
  assert.equal(theirs.length, words.length);
  let pc = 0;
  words.forEach((word, i) => {
    const ours = normal(disassemble(word, pc)!);
    // objdump knows more CSRs by name
    // Binutils before 2.41 takes an exact conversion with a rounding mode for illegal.
    const exact = /^fcvt\.d\.(w|wu|s)$/.test(rowOf(word)!.name) && theirs[i]!.startsWith(".");
    if ((word & 0x7f) !== 0x73 && !exact) assert.equal(ours, normal(theirs[i]!), word.toString(16));
    pc += 4;
  });
});

/** Rounding is not spelled alike everywhere: objdump leaves out rne where a conversion is exact. */
function normal(text: string): string {
  return text.replace(/,(rne|dyn)$/, "").replace(/,0x([0-9a-f]+)$/, (_, hex) => `,${Number.parseInt(hex, 16)}`);
}

test("a 16-bit instruction is legal exactly when objdump knows it, and expands to what it names", (t) => {
  if (spawnSync("riscv64-linux-gnu-as", ["--version"]).status !== 0) return t.skip("no riscv64-linux-gnu-as");
  const all = Array.from({ length: 65536 }, (_, i) => i).filter((i) => (i & 3) !== 3);
  const theirs = objdump(all);
  assert.equal(theirs.length, all.length);
  const wrong: string[] = [];
  all.forEach((instruction, i) => {
    const known = !/^(\.2byte|\.insn|unimp|c\.unimp|0x)/.test(theirs[i]!);
    if (known !== (rowOf(expand(instruction)) !== undefined)) wrong.push(`${instruction.toString(16)} ${theirs[i]}`);
  });
  // 26.5.1: an adjustment of 0 is reserved; objdump doesn't mind.
  assert.deepEqual(wrong, ["6101 c.addi16sp x2,0"]);
});
