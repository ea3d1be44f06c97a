// Input files for the programs, in the scratch folder: the same bytes on every machine.
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, scratch } from "./sides.ts";

/** Numbers that look random and are always the same. */
export function sequence(seed = 1): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Writes `scratch`/NAME once. */
function once(name: string, make: () => string): void {
  const path = join(scratch, name);
  if (!existsSync(path)) writeFileSync(path, make());
}

const SYLLABLES = "ka to mi ren sol va the ing er on da qua st pre com bra lu fi no we".split(" ");

/** text.txt: lines of words, some common, most rare; about `bytes` long. */
export function text(bytes: number): void {
  once("text.txt", () => {
    const random = sequence(7);
    const words = Array.from({ length: 4000 }, () =>
      Array.from({ length: 1 + random(4) }, () => SYLLABLES[random(SYLLABLES.length)]).join(""),
    );
    const lines: string[] = [];
    for (let length = 0; length < bytes; ) {
      const line = Array.from({ length: 4 + random(12) }, () =>
        random(20) === 0 ? String(random(1000) / 10) : words[Math.floor((random(4000) * random(4000)) / 4000)],
      ).join(" ");
      lines.push(line);
      length += line.length + 1;
    }
    return `${lines.join("\n")}\n`;
  });
}

/** `count` lines of a word and two numbers. */
export function table(name: string, count: number): void {
  once(name, () => {
    const random = sequence(11);
    const lines = Array.from(
      { length: count },
      () => `${(random(2 ** 30) + 2 ** 30).toString(36)} ${random(1_000_000)} ${random(1000)}`,
    );
    return `${lines.join("\n")}\n`;
  });
}

/** code.c: functions with branches, loops, structs and calls; no headers, so that every compiler sees the same. */
export function cSource(functions: number): void {
  once("code.c", () => {
    const random = sequence(3);
    const parts = [
      "struct item {",
      "  long key;",
      "  int weight;",
      "  struct item *next;",
      "};",
      "extern long sink(long);",
    ];
    for (let i = 0; i < functions; i++) {
      const steps = Array.from({ length: 5 + random(5) }, () => {
        const value = ["p->key", "p->weight", `list[${random(8)}]`, String(random(1000))];
        const pick = () => value[random(4)]!;
        const step = `list[${random(8)}] = ${pick()} ${["+", "-", "^", "&"][random(4)]} ${pick()};`;
        const call = `sink(${pick()});`;
        return random(3) === 0
          ? `  if (${pick()} > ${pick()}) {\n    ${step}\n    ${call}\n  }`
          : `  ${random(4) === 0 ? call : step}`;
      });
      parts.push(`long work${i}(struct item *p, long *list) {
  long sum = 0;
  if (!p)
    return ${random(100)};
${steps.join("\n")}
  while ((p = p->next))
    sum += p->key >> ${random(8)};
  return sum + list[0];
}`);
    }
    return `${parts.join("\n")}\n`;
  });
}

/** A script of bench/programs, its capital words replaced. */
export function script(name: string, replace: Record<string, string | number> = {}): void {
  const from = join(root, "bench/programs", name);
  if (Object.keys(replace).length === 0) cpSync(from, join(scratch, name));
  else
    once(name, () => {
      let body = String(readFileSync(from));
      for (const [word, value] of Object.entries(replace)) body = body.replaceAll(word, String(value));
      return body;
    });
}
