// npm run scaling -- [SUBJECT…] [--passes N] [--page]: how time grows with the number of processes, open files,
// mappings and directory entries (bench/growth/growth.c, native and in Airside). Prints the slope of each operation on a
// log-log plot, and fails where Airside's is worse than proportion. A subject's points replace those in
// bench/results/scaling.json; docs/scaling.md and its graphs are written from all of them (--page only does that).
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Curves, chart } from "./growth/chart.ts";
import { middle, type Point, STEEPEST, slope } from "./growth/fit.ts";
import { commit, machine } from "./results.ts";
import { compile, ownCommand, root } from "./sides.ts";
import { timed } from "./timed.ts";
import { Absent, type Side } from "./workload.ts";

const SUBJECTS: Record<string, { what: string; most: number; folder: string; about: string }> = {
  processes: { what: "processes", most: 2000, folder: "/", about: "Children that wait, all alive at once." },
  files: { what: "open files", most: 5000, folder: "/", about: "Descriptors of one process." },
  mappings: {
    what: "mappings",
    most: 10_000,
    folder: "/",
    about: "Private areas of one page, each with other rights than its neighbours.",
  },
  entries: { what: "directory entries", most: 10_000, folder: "/dev/shm", about: "Files of one directory on tmpfs." },
};
const SIDES = ["Airside", "native"] as const;
type SideName = (typeof SIDES)[number];

interface Subject {
  readonly date: string;
  readonly commit: string;
  readonly machine: ReturnType<typeof machine>;
  readonly sides: Partial<Record<SideName, Curves>>;
}
type Results = Partial<Record<string, Subject>>;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { passes: { type: "string", default: "3" }, page: { type: "boolean", default: false } },
});
const wanted = positionals.length > 0 ? positionals : Object.keys(SUBJECTS);
for (const name of wanted) {
  if (SUBJECTS[name]) continue;
  console.error(`scaling: ${name} is none of ${Object.keys(SUBJECTS).join(", ")}`);
  process.exit(2);
}
const path = join(root, "bench/results/scaling.json");
const results: Results = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Results) : {};

const tooSteep: string[] = [];
if (!flags.page) {
  execFileSync(process.execPath, [join(root, "scripts/build.ts")], { stdio: "inherit" });
  compile("growth/growth", ["-pthread"]);
  for (const name of wanted) {
    const sides = measure(name, Number(flags.passes));
    results[name] = { date: new Date().toISOString().slice(0, 16), commit: commit(), machine: machine(), sides };
    print(name, results[name]);
    mkdirSync(join(root, "bench/results"), { recursive: true });
    writeFileSync(path, `${JSON.stringify(results)}\n`);
  }
}
await writePage();
if (tooSteep.length > 0) {
  console.error(`scaling: worse than proportion (a slope over ${STEEPEST}): ${tooSteep.join("; ")}`);
  process.exitCode = 1;
}

/** The sides in turn, several times. */
function measure(name: string, passes: number): Subject["sides"] {
  const { most, folder } = SUBJECTS[name]!;
  const all: Record<SideName, Curves[]> = { Airside: [], native: [] };
  for (let pass = 0; pass < passes; pass++) {
    for (const side of SIDES) {
      const kind: Side["kind"] = side === "native" ? "native" : "airside";
      const command = ownCommand({ kind, name: side, program: "", version: "" }, "growth/growth", [
        name,
        String(most),
        folder,
      ]);
      if (command instanceof Absent) {
        console.error(`scaling: ${side} is left out: ${command.reason}`);
        continue;
      }
      const { failed, output } = timed(command, { timeout: 300_000 });
      if (failed === undefined) all[side].push(curves(output));
      else console.error(`scaling: ${name}, ${side}: ${failed}`);
    }
  }
  const measured = SIDES.filter((side) => all[side].length > 0).map((side) => {
    const operations = Object.keys(all[side][0]!);
    return [side, Object.fromEntries(operations.map((one) => [one, middle(all[side].map((pass) => pass[one]!))]))];
  });
  return Object.fromEntries(measured) as Subject["sides"];
}

/** "OPERATION NUMBER NANOSECONDS", with tabs between. */
function curves(output: string): Record<string, Point[]> {
  const found: Record<string, Point[]> = {};
  for (const line of output.trim().split("\n")) {
    const [operation = "", n, ns] = line.split("\t");
    (found[operation] ??= []).push({ n: Number(n), ns: Number(ns) });
  }
  return found;
}

function each(points: readonly Point[] | undefined, n: number): string {
  const point = points?.find((one) => one.n === n);
  return point === undefined ? "–" : `${Math.round(point.ns / n).toLocaleString("en")}`;
}
function steep(points: readonly Point[] | undefined): string {
  return points ? slope(points).toFixed(2) : "–";
}

function print(name: string, { sides }: Subject): void {
  console.log(`${SUBJECTS[name]!.what.padEnd(30)} slope  native's  ns each at 100, at ${SUBJECTS[name]!.most}`);
  for (const [operation, points] of Object.entries(sides.Airside ?? {})) {
    const native = sides.native?.[operation];
    const cells = [steep(points), steep(native).padStart(8), each(points, 100), each(points, SUBJECTS[name]!.most)];
    console.log(`  ${operation.padEnd(28)} ${cells.join("  ")}`);
    if (slope(points) > STEEPEST) tooSteep.push(`${name}, ${operation}: ${steep(points)}`);
  }
}

async function writePage(): Promise<void> {
  const lines = [
    "# How time grows",
    "",
    "Written by `npm run scaling` from bench/results/scaling.json. A program (bench/growth/growth.c) makes so many",
    "things and times an operation on all of them, natively and in Airside. Time in proportion to the number is a straight",
    "line that rises as the grey one does: a slope of 1 on these log-log graphs, or less where something is paid once. The",
    `slope is that from 50 things on; a run fails where Airside's is over ${STEEPEST}.`,
  ];
  mkdirSync(join(root, "docs/scaling"), { recursive: true });
  for (const [name, { what, most, about }] of Object.entries(SUBJECTS)) {
    const subject = results[name];
    if (!subject) continue;
    const { sides, date, machine: on } = subject;
    writeFileSync(join(root, `docs/scaling/${name}.svg`), await chart(what, sides as Record<string, Curves>));
    lines.push("", `## ${what[0]!.toUpperCase()}${what.slice(1)}`, "", about, "");
    lines.push(`![${what}](scaling/${name}.svg)`, "");
    lines.push(
      "| | slope | ns each of 100 | ns each of the most | native: slope | ns each of 100 | ns each of the most |",
    );
    lines.push("|---|--:|--:|--:|--:|--:|--:|");
    for (const [operation, points] of Object.entries(sides.Airside ?? {})) {
      const cells = [points, sides.native?.[operation]].flatMap((one) => [steep(one), each(one, 100), each(one, most)]);
      lines.push(`| ${operation} | ${cells.join(" | ")} |`);
    }
    lines.push("");
    lines.push(
      `${date.replace("T", " ")} UTC, commit ${subject.commit}; ${on.processor}, ${on.cores} cores, ${on.memory},`,
    );
    lines.push(`Linux ${on.kernel}, Node.js ${on.node}.`);
  }
  writeFileSync(join(root, "docs/scaling.md"), `${lines.join("\n")}\n`);
  console.log("written: docs/scaling.md");
}
