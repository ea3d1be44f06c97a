// Builds what is published and what `npm start` runs: the library as modules for Node.js, the command line as one
// CommonJS file; on request the pages' side (--web) and type declarations (--types).
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { buildFlameGraph } from "./flame-graph.ts";
import { prepared } from "./prepared.ts";
import { buildWeb } from "./web.ts";

const root = join(import.meta.dirname, "..");
rmSync(join(root, "dist"), { recursive: true, force: true });
/** What a start has no use for of Node's: these modules are loaded when something of theirs is first used. */
const seldom = new Set(
  "child_process crypto net os stream stream/promises timers/promises zlib".split(" ").map((name) => `node:${name}`),
);
const late: Plugin = {
  name: "late",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, namespace }) =>
      namespace === "late" || !seldom.has(path) ? undefined : { path, namespace: "late" },
    );
    onLoad({ filter: /./, namespace: "late" }, ({ path }) => {
      const getters = Object.keys(process.getBuiltinModule(path) ?? {}).map(
        (name) => `get ${name}() { return process.getBuiltinModule("${path}").${name}; }`,
      );
      return { contents: `module.exports = { ${getters.join(", ")} };`, loader: "js" };
    });
  },
};

/** The bundle's copies of Node's modules, made so that they look like ES modules, would run every getter that these
 *  have, and load half of Node. The modules themselves do as well. Places in the file stay what they were. */
function withoutCopies(code: string): string {
  return code.replace(/(\w+)=__toESM\(require\("(node:\w+)"\),1\)/g, (text, name: string, path: string) => {
    const plain = new RegExp(`\\b${name}\\.default\\b`).test(code)
      ? `${name}={default:require("${path}")}`
      : `${name}=require("${path}")`;
    return plain.padEnd(text.length);
  });
}

// Names stay, for the stack in an oops.
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node" as const,
  target: "node22",
  sourcemap: "linked" as const,
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [prepared("node"), late],
  logLevel: "warning" as const,
} satisfies BuildOptions;
await build({
  ...shared,
  entryPoints: { index: "src/index.ts", module: "src/module.ts" },
  outdir: "dist",
  format: "esm",
  packages: "external",
});
const licence = (name: string): string => readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8");
// What every start pays for: one file is read, and importing node:crypto and its like as modules would run all their
// getters (a fifth of what `run debian true` takes).
const { outputFiles } = await build({
  ...shared,
  entryPoints: { commands: "apps/cli/commands.ts" },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.dirname": "__dirname" },
  format: "cjs",
  // Asked for by who builds kernel modules.
  external: ["esbuild"],
  write: false,
  banner: {
    js: `/* Contains commander.\n${licence("commander")}\nAnd d3-scale and d3-shape with what they need of d3.\n${licence("d3-scale")}*/`,
  },
});
for (const { path, text } of outputFiles) writeFileSync(path, path.endsWith(".cjs") ? withoutCopies(text) : text);
await buildFlameGraph();
// The doctor compiles it where there is a compiler.
copyFileSync(join(root, "apps/cli/doctor/calibrate.c"), join(root, "dist/calibrate.c"));
writeFileSync(
  join(root, "dist/cli.js"),
  `#!/usr/bin/env node
import module from "node:module";
module.enableCompileCache?.();
module.createRequire(import.meta.url)("./commands.cjs");
`,
);
chmodSync(join(root, "dist/cli.js"), 0o755);
if (process.argv.includes("--web")) await buildWeb();
if (process.argv.includes("--types")) {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  for (const project of ["tsconfig.build.json", "tsconfig.build-web.json"]) {
    execFileSync(process.execPath, [tsc, "-p", join(root, project)], { stdio: "inherit" });
  }
}
