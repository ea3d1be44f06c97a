// System calls by what they cost, and by how much they move.
import { scaleBand, scaleLinear } from "d3-scale";
import type { Report } from "../../../../src/observe/doctor/report.ts";
import { bytesText, milliseconds, number } from "../../../../src/observe/doctor/text.ts";
import { html, type Markup, px } from "./markup.ts";

const MOST = 12;

/** Time in the kernel by call, dearest first. */
export function byCost({ calls }: Report): Markup | undefined {
  const shown = calls.filter((call) => call.native > 0).slice(0, MOST);
  if (shown.length === 0) return undefined;
  const width = scaleLinear([0, shown[0]!.native], [0, 100]);
  return html`<section><h2>Calls by cost</h2>
<figure><figcaption>Time in kernel space, and how often</figcaption>
<div class="bars">${shown.map(
    ({ name, calls: count, native, errors }) => html`
<code>${name}</code><i style="width:${px(width(native))}%" title="${number(count)} calls, ${number(errors)} failed"></i><span class="figure">${milliseconds(native)} · ${number(count)}</span>`,
  )}</div></figure></section>`;
}

const WIDTH = 440;
const HEIGHT = 220;
const FOOT = 34;
const LEFT = 46;
const directions = ["read", "write", "send"] as const;

/** How many calls moved how many bytes: a column for each power of two. */
export function bySize({ sizes }: Report): Markup | undefined {
  const used = directions.filter((direction) => sizes[direction].some((count) => count > 0));
  const all = used.flatMap((direction) => sizes[direction].map((count, i) => ({ direction, i, count: count ?? 0 })));
  const filled = all.filter(({ count }) => count > 0);
  if (filled.length === 0) return undefined;
  const first = Math.min(...filled.map(({ i }) => i));
  const last = Math.max(...filled.map(({ i }) => i), first + 3);
  const classes = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const most = Math.max(...filled.map(({ count }) => count));
  const x = scaleBand(classes, [LEFT, WIDTH]).padding(0.18);
  const inner = scaleBand<string>(used, [0, x.bandwidth()]).padding(0.08);
  const y = scaleLinear([0, most], [HEIGHT - FOOT, 12]).nice(4);
  const every = Math.ceil(classes.length / 7);
  return html`<section><h2>Calls by size</h2>
<figure class="columns"><figcaption>${used.map(
    (direction) => html`<span class="key" style="--key:var(--${colours[direction]})">${direction}s</span>&ensp;&ensp;`,
  )}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Calls by the bytes that they moved">
${y
  .ticks(4)
  .map(
    (tick) =>
      html`<line x1="${LEFT}" x2="${WIDTH}" y1="${px(y(tick))}" y2="${px(y(tick))}"/><text x="${LEFT - 6}" y="${px(y(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
  )}
${filled.map(({ direction, i, count }) => {
  const top = Math.min(y(count), HEIGHT - FOOT - 1.5);
  return html`<rect class="${direction}" x="${px(x(i)! + inner(direction)!)}" y="${px(top)}" width="${px(inner.bandwidth())}" height="${px(HEIGHT - FOOT - top)}"><title>${number(count)} ${direction}s of ${range(i)}</title></rect>`;
})}
${classes
  .filter((i) => (i - first) % every === 0)
  .map(
    (i) =>
      html`<text x="${px(x(i)! + x.bandwidth() / 2)}" y="${HEIGHT - FOOT + 15}" text-anchor="middle">${short(2 ** i, 1024)}</text>`,
  )}
<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 2}" text-anchor="middle">bytes a call, at most</text>
</svg></figure></section>`;
}

const colours = { read: "user", write: "kernel", send: "good" } as const;
const range = (i: number): string => (i === 0 ? "at most one byte" : `up to ${bytesText(2 ** i)}`);

/** "64k": a figure for an axis. */
function short(value: number, kilo = 1000): string {
  if (value >= kilo * kilo) return `${Math.round((value / kilo / kilo) * 10) / 10}M`;
  return value >= kilo ? `${Math.round((value / kilo) * 10) / 10}k` : String(value);
}
