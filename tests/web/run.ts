// `npm run test:web`: installs what is missing, builds the page, and runs the tests in headless Chromium. Arguments are
// files to run instead of all.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { buildWeb } from "../../scripts/web.ts";
import { browserPackages, buildImages, installPackages } from "../setup.ts";

const root = join(import.meta.dirname, "../..");
installPackages(browserPackages);
buildImages(["busybox", "debian"]);
await buildWeb();

const named = process.argv.slice(2);
const files = named.length > 0 ? named : globSync("tests/web/*.test.ts", { cwd: root }).sort();
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-concurrency=1", "--test-timeout=300000", "--test-reporter=spec", ...files],
  { cwd: root, stdio: "inherit" },
);
process.exitCode = status ?? 1;
