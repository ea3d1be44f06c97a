// Bundles what draws flame graphs, in the pages that `perf script flamegraph` makes: dist/flame-graph.js.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

export async function buildFlameGraph(): Promise<void> {
  const licences = ["d3-flame-graph", "d3-selection", "d3-hierarchy"].map(
    (name) => `${name}\n${readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8")}`,
  );
  await build({
    absWorkingDir: root,
    entryPoints: { "flame-graph": "apps/cli/perf/flame-page.js" },
    outdir: "dist",
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    banner: { js: `/* Contains d3-flame-graph and parts of d3.\n${licences.join("\n").replace(/\*\//g, "* /")}*/` },
    logLevel: "warning",
  });
}
