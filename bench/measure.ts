// Runs a row: the sides in turn (A B C A B C), so that a change in the machine's speed meets them all; then the median
// and the spread, unless the outputs differ.
import { Absent, type Group, type Side, type Workload } from "./workload.ts";

export interface Times {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** In the order in which they were run: Airside's first has no kept translations to go by. */
  readonly runs: readonly number[];
}

export interface Measured {
  readonly name: string;
  readonly group: Group;
  readonly unit: Workload["unit"];
  readonly about: string;
  /** By the side's name: native, qemu 10.0, Airside. */
  readonly sides: Readonly<Record<string, Times>>;
  /** Why a side has no value. */
  readonly absent: Readonly<Record<string, string>>;
  /** The outputs, when they are not the same on all sides: such a row has no values. */
  readonly differing?: Readonly<Record<string, string>>;
}

export async function measure(row: Workload, sides: readonly Side[], runs: number): Promise<Measured> {
  await row.prepare?.();
  const values = new Map<string, number[]>();
  const outputs: Record<string, string> = {};
  const absent: Record<string, string> = {};
  let stable = true;
  for (let turn = 0; turn < runs; turn++) {
    for (const side of sides) {
      const { name } = side;
      if (absent[name] !== undefined) continue;
      const sample = await row.run(side, turn);
      if (sample instanceof Absent) {
        absent[name] = sample.reason;
        values.delete(name);
        delete outputs[name];
        continue;
      }
      values.set(name, [...(values.get(name) ?? []), sample.value]);
      stable &&= outputs[name] === undefined || outputs[name] === sample.output;
      outputs[name] ??= sample.output;
    }
  }
  const { name, group, unit, about } = row;
  const same = stable && new Set(Object.values(outputs)).size <= 1;
  if (!same) return { name, group, unit, about, sides: {}, absent, differing: outputs };
  const measured = Object.fromEntries([...values].map(([side, all]) => [side, summary(all)]));
  return { name, group, unit, about, sides: measured, absent };
}

export function summary(runs: readonly number[]): Times {
  const sorted = runs.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, runs };
}

export const NATIVE = "native";
export const V86 = "v86";
export const AIRSIDE = "Airside";
/** What Airside is compared with: of several qemus the faster. */
export type Peer = "native" | "qemu" | "v86";

/** The qemu that did best at this row. */
export function fasterQemu(row: Measured): Times | undefined {
  const all = Object.entries(row.sides).filter(([name]) => name.startsWith("qemu"));
  return all.map(([, times]) => times).sort((a, b) => a.median - b.median)[0];
}

const hasRatio = ({ unit }: Measured): boolean => unit !== "/s";

/** Airside's value over the peer's. */
export function ratio(row: Measured, to: Peer, airside = row.sides[AIRSIDE]?.median): number | undefined {
  const other = to === "qemu" ? fasterQemu(row) : row.sides[to === "native" ? NATIVE : V86];
  return hasRatio(row) && airside !== undefined && other && other.median > 0 ? airside / other.median : undefined;
}

/** The ratio of Airside's first run. */
export const firstRatio = (row: Measured, to: Peer): number | undefined => ratio(row, to, row.sides[AIRSIDE]?.runs[0]);

export function geometricMean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value): value is number => value !== undefined);
  return known.length === 0
    ? undefined
    : Math.exp(known.reduce((sum, value) => sum + Math.log(value), 0) / known.length);
}
