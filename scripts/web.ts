// Builds dist/web: what a page needs, as modules that any static server can serve. `airside web build` copies it and adds
// images. As a program it builds and says how large it is; with --serve it is `npm run dev`.
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import { prepared } from "./prepared.ts";

const root = join(import.meta.dirname, "..");
const out = join(root, "dist/web");

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "browser",
  target: ["chrome112", "firefox121", "safari18.2"],
  sourcemap: "linked",
  outdir: "dist/web",
  loader: { ".css": "text", ".md": "text" },
  logLevel: "warning",
} satisfies BuildOptions;

export async function buildWeb(): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  await build({
    ...shared,
    minify: true,
    entryPoints: { "airside-worker": "src/browser/worker/main.ts" },
    // What only a page that looks inside needs is a file of its own.
    splitting: true,
    chunkNames: "airside-worker-[name]-[hash]",
    plugins: [prepared("browser")],
  });
  await build({
    ...shared,
    minify: true,
    entryPoints: { airside: "src/browser/index.ts", page: "apps/web/page/main.ts" },
    // The library's module is the same one for the page and for whoever imports it.
    splitting: true,
    chunkNames: "airside-[name]-[hash]",
  });
  mkdirSync(out, { recursive: true });
  for (const file of ["index.html", "style.css"]) cpSync(join(root, "apps/web/page", file), join(out, file));
}

/** Builds at once and again at each request for a page: `npm run dev`. */
async function develop(): Promise<void> {
  const { serveWeb } = await import("../apps/web/serve.ts");
  await buildWeb();
  await serveWeb({ folder: out, port: 8080, host: "127.0.0.1", isolated: false, beforePage: buildWeb });
  process.stdout.write("http://localhost:8080/ (built anew at each reload)\n");
}

if (import.meta.main) {
  if (process.argv.includes("--serve")) await develop();
  else await buildWeb();
  for (const name of ["airside-worker.js", "airside.js", "page.js"]) {
    const { bytes, gzip } = sizes(name);
    process.stdout.write(`${name}: ${(bytes / 1024).toFixed(0)} KB, ${(gzip / 1024).toFixed(0)} KB gzipped\n`);
  }
}

/** A built module with all that it imports at once. */
function sizes(name: string, seen = new Set<string>()): { bytes: number; gzip: number } {
  seen.add(name);
  const content = readFileSync(join(out, name));
  const total = { bytes: content.length, gzip: gzipSync(content, { level: 9 }).length };
  for (const [, imported = ""] of content.toString().matchAll(/from"\.\/([\w-]+\.js)"/g)) {
    if (seen.has(imported)) continue;
    const inner = sizes(imported, seen);
    total.bytes += inner.bytes;
    total.gzip += inner.gzip;
  }
  return total;
}
