// The house's rule: a file imports only from its own folder or from a lower floor; floors 0 to 3 see no node: module.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const floors: Readonly<Record<string, number>> = {
  lib: 0,
  abi: 0,
  host: 1,
  machine: 1,
  kernel: 2,
  observe: 3,
  images: 3,
  hosts: 4,
  embed: 4,
  "index.ts": 5,
  "module.ts": 5,
  browser: 5,
};
/** Folders of floor 4 that stand on another of it. */
const allowed = new Set(["hosts -> images"]);

const roomOf = (path: string): string => relative(join(root, "src"), path).split(sep)[0] ?? "";

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const statements = text.matchAll(
    /^(?:import|export)\b[^;"]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return [...statements].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

const sources = globSync("src/**/*.ts", { cwd: root })
  // Tests, and what only they use: suites that every implementation of an interface passes, stand-ins.
  .filter((file) => !/(\.test|\.d|\.fake|contract)\.ts$/.test(file))
  .map((file) => join(root, file));

test("every folder of src has a floor", () => {
  assert.ok(sources.length > 100, "the sources are found");
  for (const file of sources) assert.ok(roomOf(file) in floors, `${relative(root, file)} is on no floor`);
});

test("imports lead to the same folder or to a lower floor", () => {
  const wrong: string[] = [];
  for (const file of sources) {
    const from = roomOf(file);
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith(".")) continue;
      const to = roomOf(join(dirname(file), specifier));
      if (to === from || floors[to]! < floors[from]! || allowed.has(`${from} -> ${to}`)) continue;
      wrong.push(`${relative(root, file)} imports ${specifier}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("floors 0 to 3 know nothing of Node", () => {
  const wrong = sources.filter(
    (file) => floors[roomOf(file)]! < 4 && importsOf(file).some((name) => !name.startsWith(".")),
  );
  assert.deepEqual(
    wrong.map((file) => relative(root, file)),
    [],
  );
});

test("only hosts/browser, browser/ and the page's own files are compiled with a browser's types", () => {
  const { exclude } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as { exclude: string[] };
  assert.deepEqual(exclude, ["src/browser", "src/hosts/browser", "apps/web/page", "tests/web"]);
});
