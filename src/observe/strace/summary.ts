// -c: how often each call was made, how long it took, how often it failed.
export type SortKey = "time" | "calls" | "errors" | "name" | "nothing" | "min-time" | "max-time" | "avg-time";

interface Sum {
  name: string;
  calls: number;
  errors: number;
  /** Nanoseconds. */
  time: number;
  least: number;
  most: number;
}

export class Summary {
  private readonly sums = new Map<string, Sum>();

  add(name: string, nanoseconds: number, failed: boolean): void {
    let sum = this.sums.get(name);
    if (!sum) {
      sum = { name, calls: 0, errors: 0, time: 0, least: Number.POSITIVE_INFINITY, most: 0 };
      this.sums.set(name, sum);
    }
    sum.calls++;
    if (failed) sum.errors++;
    sum.time += nanoseconds;
    sum.least = Math.min(sum.least, nanoseconds);
    sum.most = Math.max(sum.most, nanoseconds);
  }

  /** The table as strace(1) lays it out. */
  text(sortBy: SortKey): string {
    const rows = [...this.sums.values()];
    const keys: Record<SortKey, (a: Sum, b: Sum) => number> = {
      time: (a, b) => b.time - a.time || b.calls - a.calls,
      calls: (a, b) => b.calls - a.calls,
      errors: (a, b) => b.errors - a.errors,
      name: (a, b) => (a.name < b.name ? -1 : 1),
      nothing: () => 0,
      "min-time": (a, b) => b.least - a.least,
      "max-time": (a, b) => b.most - a.most,
      "avg-time": (a, b) => b.time / b.calls - a.time / a.calls,
    };
    rows.sort(keys[sortBy]);
    const total = { calls: 0, errors: 0, time: 0 };
    for (const row of rows) {
      total.calls += row.calls;
      total.errors += row.errors;
      total.time += row.time;
    }
    const rule = "------ ----------- ----------- --------- --------- ----------------";
    const line = (share: number, sum: { calls: number; errors: number; time: number }, name: string): string => {
      const each = Math.round(sum.time / 1000 / Math.max(1, sum.calls));
      const percent = share.toFixed(2).padStart(6);
      const seconds = (sum.time / 1e9).toFixed(6).padStart(11);
      const errors = sum.errors === 0 ? "" : String(sum.errors);
      return `${percent} ${seconds} ${String(each).padStart(11)} ${String(sum.calls).padStart(9)} ${errors.padStart(9)} ${name}`;
    };
    return [
      "% time     seconds  usecs/call     calls    errors syscall",
      rule,
      ...rows.map((row) => line(total.time === 0 ? 0 : (row.time * 100) / total.time, row, row.name)),
      rule,
      line(total.time === 0 ? 0 : 100, total, "total"),
      "",
    ].join("\n");
  }
}
