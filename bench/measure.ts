// Runs a row: the sides in turn (A B C A B C), so that a change in the machine's speed meets them all; then the median
// and the spread, unless the outputs differ.
import { Absent, SIDES, type Side, type Workload } from "./workload.ts";

export interface Times {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: readonly number[];
}

export interface RowResult {
  readonly name: string;
  readonly group: string;
  readonly unit: string;
  readonly about: string;
  readonly sides: Partial<Record<Side, Times>>;
  /** Why a side has no value. */
  readonly absent: Partial<Record<Side, string>>;
  /** The outputs, when they are not the same on all sides: such a row has no values. */
  readonly differing: Partial<Record<Side, string>> | undefined;
}

export async function measure(row: Workload, sides: readonly Side[], runs: number): Promise<RowResult> {
  await row.prepare?.();
  const values: Record<Side, number[]> = { native: [], qemu: [], airside: [] };
  const outputs: Partial<Record<Side, string>> = {};
  const absent: Partial<Record<Side, string>> = {};
  let stable = true;
  for (let i = 0; i < runs; i++) {
    for (const side of sides) {
      if (absent[side] !== undefined) continue;
      const sample = await row.run(side);
      if (sample instanceof Absent) {
        absent[side] = sample.reason;
        values[side] = [];
        delete outputs[side];
        continue;
      }
      values[side].push(sample.value);
      stable &&= outputs[side] === undefined || outputs[side] === sample.output;
      outputs[side] ??= sample.output;
    }
  }
  const same = stable && new Set(Object.values(outputs)).size <= 1;
  const measured: Partial<Record<Side, Times>> = {};
  for (const side of SIDES) if (same && values[side].length > 0) measured[side] = summary(values[side]);
  const { name, group, unit, about } = row;
  return { name, group, unit, about, sides: measured, absent, differing: same ? undefined : outputs };
}

function summary(runs: readonly number[]): Times {
  const sorted = runs.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, runs };
}

export const ratio = (row: RowResult, below: Side): number | undefined => {
  const { airside } = row.sides;
  const other = row.sides[below];
  return airside && other && other.median > 0 ? airside.median / other.median : undefined;
};

export function geometricMean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value): value is number => value !== undefined);
  return known.length === 0
    ? undefined
    : Math.exp(known.reduce((sum, value) => sum + Math.log(value), 0) / known.length);
}
