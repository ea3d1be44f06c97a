// `npm test`: installs what is missing, then runs every test with Node's runner. Arguments are files to run instead;
// --long adds the long ones (tests/long).
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { buildWeb } from "../scripts/web.ts";
import { browserPackages, buildGuestPrograms, buildImages, installPackages } from "./setup.ts";

const root = join(import.meta.dirname, "..");
const long = process.argv.includes("--long");
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));

installPackages(browserPackages);
buildGuestPrograms();
await buildWeb();
buildImages(["busybox", "debian", "debian-kmod", "debian-test"]);

const standard = [
  "src/**/*.test.ts",
  "apps/**/*.test.ts",
  "bench/*.test.ts",
  "tests/*.test.ts",
  "tests/programs/*.test.ts",
  "tests/doctor/*.test.ts",
  // The rest of those in a browser: npm run test:web.
  "tests/web/boot.test.ts",
];
const patterns = long ? ["tests/long/*.test.ts"] : standard;
const files = named.length > 0 ? named : patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-concurrency=2", `--test-timeout=${long ? 3_600_000 : 600_000}`, "--test-reporter=spec", ...files],
  { cwd: root, stdio: "inherit" },
);
process.exitCode = status ?? 1;
