// The bars that Airside has set itself (docs/bench.md shows them), and what the rows say about each.
import { AIRSIDE, firstRatio, geometricMean, type Measured, ratio } from "./measure.ts";

export interface Bar {
  readonly what: string;
  readonly unit: "×" | "ms" | "MB";
  readonly must: number;
  readonly aim: number;
  /** Undefined when the rows it needs have no value. */
  readonly value: (rows: readonly Measured[]) => Found | undefined;
}
interface Found {
  readonly value: number;
  readonly note?: string;
}

type To = "native" | "qemu";
type Of = typeof ratio;
const COMPUTE = ["programs", "kernels"] as const;

function mean(groups: readonly string[], to: To, of: Of = ratio): Bar["value"] {
  return (rows) => {
    const values = rows.filter(({ group }) => groups.includes(group)).map((row) => of(row, to));
    const value = geometricMean(values);
    const known = values.filter((one) => one !== undefined).length;
    return value === undefined ? undefined : { value, note: `${known} rows` };
  };
}
const worst: Bar["value"] = (rows) => {
  const found = rows
    .filter(({ group }) => COMPUTE.includes(group as (typeof COMPUTE)[number]))
    .map((row) => ({ value: ratio(row, "qemu") ?? -1, note: row.name }))
    .sort((a, b) => b.value - a.value)[0];
  return found && found.value >= 0 ? found : undefined;
};
const one =
  (name: string, to: To): Bar["value"] =>
  (rows) => {
    const row = rows.find((candidate) => candidate.name === name);
    const value = row && ratio(row, to);
    return value === undefined ? undefined : { value };
  };
const own =
  (name: string, factor: number): Bar["value"] =>
  (rows) => {
    const times = rows.find((candidate) => candidate.name === name)?.sides[AIRSIDE];
    return times && { value: times.median * factor };
  };
const crossing = (must: number, aim: number, ...names: string[]): Bar[] =>
  names.map((name) => ({ what: `${name}, against native`, unit: "×", must, aim, value: one(name, "native") }));
const MEGABYTES = 1024 / 1e6;

export const BARS: readonly Bar[] = [
  {
    what: "real programs, geometric mean against the faster qemu",
    unit: "×",
    must: 0.6,
    aim: 0.3,
    value: mean(["programs"], "qemu"),
  },
  {
    what: "likewise, first runs: nothing kept",
    unit: "×",
    must: 0.6,
    aim: 0.3,
    value: mean(["programs"], "qemu", firstRatio),
  },
  {
    what: "C kernels, geometric mean against the faster qemu",
    unit: "×",
    must: 0.6,
    aim: 0.4,
    value: mean(["kernels"], "qemu"),
  },
  {
    what: "likewise, first runs: nothing kept",
    unit: "×",
    must: 0.6,
    aim: 0.4,
    value: mean(["kernels"], "qemu", firstRatio),
  },
  { what: "the worst row of either, against the faster qemu", unit: "×", must: 1.2, aim: 1, value: worst },
  {
    what: "real programs and C kernels, geometric mean against native",
    unit: "×",
    must: 4,
    aim: 2,
    value: mean(COMPUTE, "native"),
  },
  ...crossing(0.5, 0.15, "getpid", "write 1 B"),
  ...crossing(
    1,
    0.5,
    ...["pipe", "tmpfs"].flatMap((target) => [`write 1 MB, ${target}, 1,000 calls`, `write 1 MB, ${target}, 1 call`]),
  ),
  ...crossing(0.5, 0.15, "pipe ping-pong", "AF_UNIX ping-pong", "futex hand-over", "signal"),
  ...crossing(1, 0.5, "stat", "open+close"),
  ...crossing(1, 0.3, "fork+exit+wait", "vfork+exec+wait", "thread create+join", "page fault"),
  {
    what: "`python3 -c pass`, cold, against the faster qemu",
    unit: "×",
    must: 0.7,
    aim: 0.3,
    value: one("python3 -c pass, cold", "qemu"),
  },
  {
    what: "`python3 -c pass`, with kept translations, likewise",
    unit: "×",
    must: 0.7,
    aim: 0.3,
    value: one("python3 -c pass, warm", "qemu"),
  },
  { what: "prompt from a cached image", unit: "ms", must: 500, aim: 150, value: own("prompt, warm", 1) },
  { what: "host memory of an idle machine", unit: "MB", must: 150, aim: 80, value: own("idle machine", MEGABYTES) },
  {
    what: "host memory of each idle `sleep` more",
    unit: "MB",
    must: 1,
    aim: 0.2,
    value: own("idle process", MEGABYTES),
  },
];

export function verdict({ must, aim }: Bar, value: number | undefined): string {
  if (value === undefined) return "no value";
  if (value <= aim) return "met, and the aim";
  return value <= must ? "met" : "**not met**";
}
