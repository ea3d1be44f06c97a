// Builds what is published and what `npm start` runs: the library as modules for Node.js, the command line as one
// CommonJS file, and type declarations on request (--types).
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
rmSync(join(root, "dist"), { recursive: true, force: true });
// Names stay, for the stack in an oops.
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node22",
  sourcemap: "linked",
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
} as const;
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
