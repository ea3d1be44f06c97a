// Builds what is published and what `npm start` runs: the library as modules for Node.js, the command line as one
// CommonJS file, and type declarations on request (--types).
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { FILE_SIZE } from "../src/machine/context.ts";
import { generateFloat } from "../src/machine/interpreter/float-module.ts";
import { generate } from "../src/machine/interpreter/generate.ts";
import { Ram } from "../src/machine/ram.ts";

const root = join(import.meta.dirname, "..");
rmSync(join(root, "dist"), { recursive: true, force: true });
/** Puts the interpreter's modules in the place of src/machine/interpreter/prepared.ts. */
const prepared: Plugin = {
  name: "prepared",
  setup({ onLoad }) {
    onLoad({ filter: /interpreter\/prepared\.ts$/ }, () => {
      const { codeTable } = new Ram({ maximum: 1 << 20 });
      const base64 = (bytes: Uint8Array): string => `"${Buffer.from(bytes).toString("base64")}"`;
      const contents = `const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
export const prepared = {
  file: ${FILE_SIZE},
  codeTable: ${codeTable},
  interpreter: () => bytes(${base64(generate(FILE_SIZE, codeTable))}),
  float: (fused) => bytes(fused
    ? ${base64(generateFloat(FILE_SIZE, true))}
    : ${base64(generateFloat(FILE_SIZE, false))}),
};`;
      return { contents, loader: "js" };
    });
  },
};

/** Functions of Node's that a start has no use for: their modules are loaded when one is called. */
const seldom: Record<string, readonly string[]> = {
  "node:child_process": ["spawn"],
  "node:stream/promises": ["pipeline"],
  "node:timers/promises": ["setTimeout"],
};
const late: Plugin = {
  name: "late",
  setup({ onResolve, onLoad }) {
    const filter = /^node:(child_process|stream\/promises|timers\/promises)$/;
    onResolve({ filter }, ({ path, namespace }) => (namespace === "late" ? undefined : { path, namespace: "late" }));
    onLoad({ filter: /./, namespace: "late" }, ({ path }) => {
      const functions = seldom[path]!.map((name) => `${name}: (...all) => module.require("${path}").${name}(...all)`);
      const names = seldom[path]!.map(
        (name) => `const late_${name} = late.${name}; export { late_${name} as ${name} };`,
      );
      const contents = `const late = { ${functions.join(", ")} }; export default late; ${names.join(" ")}`;
      return { contents, loader: "js" };
    });
  },
};

// Names stay, for the stack in an oops.
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node" as const,
  target: "node22",
  sourcemap: "linked" as const,
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [prepared],
  logLevel: "warning" as const,
} satisfies BuildOptions;
await build({
  ...shared,
  entryPoints: { index: "src/index.ts" },
  outdir: "dist",
  format: "esm",
  packages: "external",
});
// What every start pays for: one file is read, and importing node:crypto and its like as modules would run all their
// getters (a fifth of what `run debian true` takes).
await build({
  ...shared,
  plugins: [prepared, late],
  entryPoints: { commands: "apps/cli/commands.ts" },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  banner: { js: `/* Contains commander.\n${readFileSync(join(root, "node_modules/commander/LICENSE"), "utf8")}*/` },
});
writeFileSync(
  join(root, "dist/cli.js"),
  `#!/usr/bin/env node
import module from "node:module";
module.enableCompileCache?.();
module.createRequire(import.meta.url)("./commands.cjs");
`,
);
chmodSync(join(root, "dist/cli.js"), 0o755);
if (process.argv.includes("--types")) {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" });
}
