import assert from "node:assert/strict";
import { test } from "node:test";
import { BARS, verdict } from "./bars.ts";
import { STEEPEST, slope } from "./growth/fit.ts";
import { AIRSIDE, geometricMean, type Measured, measure, NATIVE, ratio, summary } from "./measure.ts";
import { markdown } from "./report.ts";
import { type Setting, withRow } from "./results.ts";
import { Absent, type Side, type Workload } from "./workload.ts";

const times = (...runs: number[]) => summary(runs);
const row = (name: string, sides: Measured["sides"]): Measured => ({
  name,
  group: "kernels",
  unit: "ms",
  about: "",
  sides,
  absent: {},
});
const about = (date: string): Setting => ({
  date,
  commit: "abc",
  processor: "p",
  cores: 2,
  memory: "1 GiB",
  kernel: "6",
  node: "24",
  qemus: [],
  compilers: "gcc",
  runs: 3,
  load: 0,
  programs: "",
  notes: [],
});
const SIDES: Side[] = ["native", "airside"].map((kind) => ({
  kind: kind as Side["kind"],
  name: kind,
  program: "",
  version: "",
}));

test("the ratio to qemu is that to the fastest version of it in the row", () => {
  const one = row("a", {
    [NATIVE]: times(10),
    "qemu 7.2": times(40),
    "qemu 10.0": times(20),
    [AIRSIDE]: times(10, 30, 12),
  });
  assert.equal(ratio(one, "qemu"), 0.6);
  assert.equal(ratio(one, "native"), 1.2);
});

test("the median of an even number of runs lies between the middle ones", () => {
  assert.deepEqual(summary([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4, runs: [4, 1, 3, 2] });
  assert.equal(geometricMean([1, undefined, 4]), 2);
  assert.equal(geometricMean([undefined]), undefined);
});

test("a row whose outputs differ has no time, and an absent side says why", async () => {
  const workload = (run: Workload["run"]): Workload => ({ name: "w", group: "kernels", unit: "ms", about: "", run });
  const differing = await measure(
    workload((side) => ({ value: 1, output: side.name })),
    SIDES,
    2,
  );
  assert.deepEqual(differing.sides, {});
  assert.deepEqual(differing.differing, { native: "native", airside: "airside" });
  const lacking = await measure(
    workload(({ kind }) => (kind === "native" ? new Absent("no") : { value: 2, output: "" })),
    SIDES,
    2,
  );
  assert.deepEqual(lacking.absent, { native: "no" });
  assert.deepEqual(lacking.sides.airside?.runs, [2, 2]);
});

test("the sides take turns", async () => {
  const order: string[] = [];
  const run: Workload["run"] = (side, turn) => {
    order.push(`${side.name}${turn}`);
    return { value: 1, output: "" };
  };
  await measure({ name: "w", group: "kernels", unit: "ms", about: "", run }, SIDES, 2);
  assert.deepEqual(order, ["native0", "airside0", "native1", "airside1"]);
});

test("running a row again replaces that row alone; settings go with their last row", () => {
  const names = ["kernels/a", "kernels/b"];
  let kept = withRow({ settings: [], rows: [] }, row("b", {}), about("2026-01-01"), names);
  kept = withRow(kept, row("a", {}), about("2026-01-01"), names);
  assert.deepEqual(
    kept.rows.map(({ name }) => name),
    ["a", "b"],
  );
  assert.equal(kept.settings.length, 1);
  kept = withRow(kept, row("a", { [AIRSIDE]: times(5) }), about("2026-01-02"), names);
  assert.deepEqual(
    kept.rows.map(({ setting }) => kept.settings[setting]!.date),
    ["2026-01-02", "2026-01-01"],
  );
  kept = withRow(kept, row("b", {}), about("2026-01-02"), names);
  assert.deepEqual(
    kept.settings.map(({ date }) => date),
    ["2026-01-02"],
  );
});

test("a bar without its rows has no value; met and not met are by the row's ratio", () => {
  const bar = BARS.find(({ what }) => what.startsWith("getpid"))!;
  assert.equal(verdict(bar, bar.value([])?.value), "no value");
  const at = (value: number) => row("getpid", { [NATIVE]: times(100), [AIRSIDE]: times(value) });
  assert.equal(verdict(bar, bar.value([at(51)])?.value), "**not met**");
  assert.equal(verdict(bar, bar.value([at(50)])?.value), "met");
  assert.equal(verdict(bar, bar.value([at(15)])?.value), "met, and the aim");
});

test("the page has each row with the date and the commit of its own run", () => {
  const names = ["kernels/a", "kernels/b"];
  let kept = withRow({ settings: [], rows: [] }, row("a", { [AIRSIDE]: times(1) }), about("2026-01-01T10:00"), names);
  kept = withRow(kept, row("b", { [AIRSIDE]: times(2) }), { ...about("2026-01-02T10:00"), commit: "def" }, names);
  const page = markdown(kept);
  assert.match(page, /^\| a \|.*2026-01-01 abc \|$/m);
  assert.match(page, /^\| b \|.*2026-01-02 def \|$/m);
});

test("the slope of a cost in proportion is 1, of its square 2, and one bad point moves neither", () => {
  const points = (cost: (n: number) => number) =>
    [1, 10, 50, 100, 200, 500, 1000, 2000].map((n) => ({ n, ns: n === 200 ? cost(n) * 40 : cost(n) }));
  assert.ok(Math.abs(slope(points((n) => 30 * n)) - 1) < 0.01);
  assert.ok(slope(points((n) => n * n)) > STEEPEST);
  assert.ok(slope(points(() => 1000)) < 0.01);
});
