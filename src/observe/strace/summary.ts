// -c: how often each call was made, how long it took, how often it failed; in the columns of -U, sorted by -S.
export type SummaryKey = "time" | "calls" | "errors" | "name" | "shortest" | "longest" | "average";
export type SummaryColumn = "time" | "total" | "shortest" | "longest" | "average" | "calls" | "errors" | "name";

interface Sum {
  readonly number: number;
  readonly name: string;
  calls: number;
  errors: number;
  /** Nanoseconds. */
  time: number;
  least: number;
  most: number;
}

interface Column {
  readonly title: string;
  /** Columns wide at least. */
  readonly width: number;
  cell(sum: Sum, total: Sum): string;
}

const seconds = (nanoseconds: number): string => (nanoseconds / 1e9).toFixed(6);

const columns: Readonly<Record<SummaryColumn, Column>> = {
  time: {
    title: "% time",
    width: 6,
    cell: (sum, total) => (sum === total ? 100 : total.time === 0 ? 0 : (sum.time * 100) / total.time).toFixed(2),
  },
  total: { title: "seconds", width: 11, cell: (sum) => seconds(sum.time) },
  shortest: { title: "shortest", width: 8, cell: (sum) => seconds(sum.least) },
  longest: { title: "longest", width: 8, cell: (sum) => seconds(sum.most) },
  average: {
    title: "usecs/call",
    width: 11,
    cell: (sum) => String(Math.floor(sum.time / 1000 / Math.max(1, sum.calls))),
  },
  calls: { title: "calls", width: 9, cell: (sum) => String(sum.calls) },
  errors: { title: "errors", width: 9, cell: (sum) => (sum.errors === 0 ? "" : String(sum.errors)) },
  name: { title: "syscall", width: 16, cell: (sum) => sum.name },
};

const orders: Readonly<Record<SummaryKey, (a: Sum, b: Sum) => number>> = {
  time: (a, b) => b.time - a.time,
  calls: (a, b) => b.calls - a.calls,
  errors: (a, b) => b.errors - a.errors,
  name: (a, b) => (a.name < b.name ? -1 : 1),
  shortest: (a, b) => b.least - a.least,
  longest: (a, b) => b.most - a.most,
  average: (a, b) => b.time / b.calls - a.time / a.calls,
};

export class Summary {
  private readonly sums = new Map<number, Sum>();

  add(number: number, name: string, nanoseconds: number, failed: boolean): void {
    let sum = this.sums.get(number);
    if (!sum) {
      sum = { number, name, calls: 0, errors: 0, time: 0, least: Number.POSITIVE_INFINITY, most: 0 };
      this.sums.set(number, sum);
    }
    sum.calls++;
    if (failed) sum.errors++;
    sum.time += nanoseconds;
    if (nanoseconds < sum.least) sum.least = nanoseconds;
    if (nanoseconds > sum.most) sum.most = nanoseconds;
  }

  /** The table as strace(1) lays it out. */
  text(sort: SummaryKey | undefined, shown: readonly SummaryColumn[]): string {
    const rows = [...this.sums.values()].sort((a, b) => a.number - b.number);
    if (rows.length === 0) return "";
    if (sort) rows.sort(orders[sort]);
    const total: Sum = { number: -1, name: "total", calls: 0, errors: 0, time: 0, least: Infinity, most: 0 };
    for (const row of rows) {
      total.calls += row.calls;
      total.errors += row.errors;
      total.time += row.time;
      total.least = Math.min(total.least, row.least);
      total.most = Math.max(total.most, row.most);
    }
    const list = (shown.includes("name") ? shown : [...shown, "name" as const]).map((key) => ({
      key,
      ...columns[key],
    }));
    const longest = Math.max(...rows.map(({ name }) => name.length)) + 1;
    const widths = list.map(({ key, title, width, cell }) =>
      Math.max(title.length, width, key === "name" ? longest : cell(total, total).length),
    );
    const line = (cells: readonly string[]): string =>
      cells
        .map((cell, i) => {
          if (list[i]!.key !== "name") return cell.padStart(widths[i]!);
          return i === list.length - 1 ? cell : cell.padEnd(widths[i]!);
        })
        .join(" ");
    const rule = widths.map((width) => "-".repeat(width)).join(" ");
    return [
      line(list.map(({ title }) => title)),
      rule,
      ...rows.map((row) => line(list.map(({ cell }) => cell(row, total)))),
      rule,
      line(list.map(({ cell }) => cell(total, total))),
      "",
    ].join("\n");
  }
}
