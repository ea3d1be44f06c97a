// How a cost grows: the slope of time over number where both are logarithms. 1 is a cost in proportion.

export interface Point {
  /** How many things. */
  readonly n: number;
  /** Nanoseconds for all of them. */
  readonly ns: number;
}

/** Below this number what is paid once, whatever the number, would hide how the rest grows. */
const FROM = 50;
/** A slope beyond this is worse than proportion. Below it stay noise, and caches: what lies in one for a hundred processes
 *  lies in memory for two thousand. */
export const STEEPEST = 1.35;

/** The median slope between any two points (Theil and Sen): a few bad points don't move it. */
export function slope(points: readonly Point[]): number {
  const used = points.filter(({ n, ns }) => n >= FROM && ns > 0);
  const slopes = used.flatMap((a, i) => used.slice(i + 1).map((b) => Math.log(b.ns / a.ns) / Math.log(b.n / a.n)));
  return median(slopes);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Several passes of the same program as one: the median of each point. */
export function middle(passes: readonly (readonly Point[])[]): Point[] {
  return passes[0]!.map(({ n }, i) => ({ n, ns: median(passes.map((points) => points[i]!.ns)) }));
}
