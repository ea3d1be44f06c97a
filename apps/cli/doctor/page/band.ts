// The band over time: user space, kernel space and waiting, stacked, each bucket as a step.
import { scaleLinear } from "d3-scale";
import { area, curveStepAfter, type SeriesPoint, stack } from "d3-shape";
import type { Report } from "../../../../src/observe/doctor/report.ts";
import { milliseconds } from "../../../../src/observe/doctor/text.ts";
import type { Bucket, Kind } from "../../../../src/observe/doctor/timeline.ts";
import { html, type Markup, px } from "./markup.ts";

const WIDTH = 960;
const HEIGHT = 144;
const kinds: readonly Kind[] = ["user", "kernel", "waiting"];

/** The whole band, or nothing for a run that left no time line. */
export function band({ timeline, native }: Report): Markup | undefined {
  const { width } = timeline;
  const buckets = timeline.buckets.filter((bucket) => kinds.some((kind) => bucket[kind] > 0));
  if (buckets.length < 2) return undefined;
  // The last one is mostly not full: each is shown by its shares.
  const shares = buckets.map((bucket): Bucket => {
    const sum = bucket.user + bucket.kernel + bucket.waiting;
    return { user: bucket.user / sum, kernel: bucket.kernel / sum, waiting: bucket.waiting / sum };
  });
  // A step needs an end.
  shares.push(shares.at(-1)!);
  const x = scaleLinear([0, shares.length - 1], [0, WIDTH]);
  const y = scaleLinear([0, 1], [HEIGHT, 0]);
  const shape = area<SeriesPoint<Bucket>>()
    .x((_, i) => x(i))
    .y0((point) => y(point[0]))
    .y1((point) => y(point[1]))
    .curve(curveStepAfter)
    .digits(1);
  const layers = stack<Bucket, Kind>().keys(kinds)(shares);
  const end = Math.min(buckets.length * width, native.total);
  const time = scaleLinear([0, end], [0, 100]);
  return html`<h2>Over time</h2>
<figure class="band"><figcaption>${legend()}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Shares of user space, kernel space and waiting over time">
${layers.map((layer) => html`<path class="fill-${layer.key}" d="${shape(layer) ?? ""}"><title>${names[layer.key]}</title></path>`)}
</svg>
<div class="ticks">${time.ticks(5).map((tick) => {
    const at = time(tick);
    return html`<span${at > 94 ? html` class="end"` : undefined} style="left:${px(at)}%">${tick === 0 ? "0" : milliseconds(tick)}</span>`;
  })}</div></figure>`;
}

export const names: Readonly<Record<Kind, string>> = { user: "user space", kernel: "kernel space", waiting: "waiting" };

const legend = (): Markup =>
  html`${kinds.map((kind) => html`<span class="key of-${kind}">${names[kind]}</span>&ensp;&ensp;`)}`;
