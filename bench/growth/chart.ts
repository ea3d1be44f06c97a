// A log-log graph as SVG: one panel for each side, one line for each operation, and what proportion looks like.
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Point } from "./fit.ts";

export type Curves = Readonly<Record<string, readonly Point[]>>;
const PROPORTION = "in proportion";

export async function chart(what: string, sides: Readonly<Record<string, Curves>>): Promise<string> {
  const values: { side: string; operation: string; n: number; ms: number }[] = [];
  const operations = Object.keys(Object.values(sides)[0]!);
  const all = Object.values(sides).flatMap((curves) => Object.values(curves).flat());
  const most = Math.max(...all.map(({ n }) => n));
  const least = Math.min(...all.map(({ ns }) => ns)) / 1e6;
  for (const [side, curves] of Object.entries(sides)) {
    for (const [operation, points] of Object.entries(curves)) {
      for (const { n, ns } of points) values.push({ side, operation, n, ms: ns / 1e6 });
    }
    for (const n of [1, most]) values.push({ side, operation: PROPORTION, n, ms: least * n });
  }
  /** Powers of ten, from the one below to the one above. */
  const decades = (from: number, to: number): number[] => {
    const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
    return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  };
  const slowest = Math.max(...values.map(({ ms }) => ms));
  const domain = [...operations, PROPORTION];
  const colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf"];
  const spec: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    padding: 10,
    data: { values },
    facet: { column: { field: "side", sort: Object.keys(sides), title: null, header: { labelFontSize: 14 } } },
    spec: {
      width: 330,
      height: 330,
      mark: { type: "line", point: { size: 18 } },
      encoding: {
        x: {
          field: "n",
          type: "quantitative",
          scale: { type: "log", domain: [1, most] },
          axis: { values: decades(1, most), format: ",", title: `number of ${what}` },
        },
        y: {
          field: "ms",
          type: "quantitative",
          scale: { type: "log" },
          axis: { values: decades(least, slowest), format: "~", title: "milliseconds for all of them" },
        },
        color: {
          field: "operation",
          type: "nominal",
          scale: { domain, range: [...colours.slice(0, operations.length), "#999999"] },
          legend: { title: null, labelLimit: 300, orient: "bottom", columns: 3 },
        },
        strokeDash: {
          condition: { test: `datum.operation === '${PROPORTION}'`, value: [4, 4] },
          value: [1, 0],
        },
      },
    },
  };
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
