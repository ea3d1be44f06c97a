// `airside crash [FILE]`: explains a crash report.
import * as fs from "node:fs";
import { Command } from "commander";
import { keptCrashes } from "../../src/hosts/node/crashes.ts";
import { printable } from "../../src/lib/printable.ts";
import { explainCrash } from "../../src/observe/crash/explain.ts";
import { type ReadCrash, readCrash } from "../../src/observe/crash/read.ts";

interface Flags {
  log?: boolean;
  tasks?: boolean;
  list?: boolean;
}

function fail(text: string): void {
  process.stderr.write(`airside: ${text}\n`);
  process.exitCode = 1;
}

function crash(file: string | undefined, flags: Flags): void {
  const kept = keptCrashes();
  if (flags.list) {
    process.stdout.write(kept.map((path) => `${path}\n`).join(""));
    return;
  }
  const path = file ?? kept.at(-1);
  if (path === undefined) {
    fail("no machine has left a crash report here");
    return;
  }
  const text = contentOf(path);
  if (text instanceof Error) {
    fail(`can't read ${path}: ${text.message}`);
    return;
  }
  const report = readCrash(text);
  if (typeof report === "string") fail(`${path}: ${report}`);
  else
    process.stdout.write(
      printable(flags.log ? logText(report) : flags.tasks ? taskTable(report) : explainCrash(report)),
    );
}

function contentOf(path: string): string | Error {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    return error as Error;
  }
}

const logText = ({ log }: ReadCrash): string =>
  log.map(({ time, text }) => `[${(time / 1e9).toFixed(6).padStart(12)}] ${text}\n`).join("");

const taskTable = ({ tasks }: ReadCrash): string =>
  tasks
    .map(({ tid, ppid, state, name, call, pc }) => {
      return `${String(tid).padStart(7)} ${String(ppid).padStart(7)} ${state} ${name.padEnd(16)} ${call ?? `at ${pc}`}\n`;
    })
    .join("");

export const crashCommand = (): Command =>
  new Command("crash")
    .description("explain the report that a machine whose kernel failed has left")
    .argument("[file]", "the report; the newest in the cache if none is named")
    .option("--log", "the whole kernel log")
    .option("--tasks", "every task, with the call that it was in")
    .option("--list", "the reports in the cache")
    .action(crash);
