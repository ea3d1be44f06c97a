// A flame graph as one page that needs nothing else: the data, and the script that draws them (its bundle is handed in).
import { type Frame, frameName, isKernel, moduleName, type Profile } from "./profile.ts";

interface Node {
  name: string;
  value: number;
  side: "user" | "kernel" | "interpreted" | "thread";
  /** The module, or the source. */
  where?: string;
  children: Node[];
}

/** What the page's script reads. */
export interface FlameData {
  readonly command: string;
  readonly events: { name: string; unit: string; root: Node }[];
}

function treeOf(profile: Profile, event: number): Node {
  const { samples, stacks } = profile;
  const root: Node = { name: "all", value: 0, side: "thread", children: [] };
  const children = new Map<Node, Map<string, Node>>();
  const child = (parent: Node, key: string, make: () => Omit<Node, "value" | "children">): Node => {
    let known = children.get(parent);
    if (!known) {
      known = new Map();
      children.set(parent, known);
    }
    let node = known.get(key);
    if (!node) {
      node = { ...make(), value: 0, children: [] };
      known.set(key, node);
      parent.children.push(node);
    }
    return node;
  };
  const side = (frame: Frame): Node["side"] =>
    isKernel(profile, frame) ? "kernel" : frame.source === undefined ? "user" : "interpreted";
  for (let i = 0; i < samples.event.length; i++) {
    if (samples.event[i] !== event) continue;
    const period = Math.round(samples.period[i]!);
    const path: number[] = [];
    for (let node = samples.stack[i]!; node >= 0; node = stacks.parent[node]!) path.push(stacks.frame[node]!);
    const { comm } = profile.threads[samples.thread[i]!]!;
    root.value += period;
    let at = child(root, comm, () => ({ name: comm, side: "thread" }));
    at.value += period;
    for (const number of path.reverse()) {
      const frame = profile.frames[number]!;
      at = child(at, `${frame.module} ${frameName(frame)}`, () => ({
        name: frame.name === "" ? `${moduleName(profile, frame)}+${frameName(frame)}` : frame.name,
        side: side(frame),
        where: frame.source ?? moduleName(profile, frame),
      }));
      at.value += period;
    }
  }
  return root;
}

/** All events, `first` in front. */
export function flameData(profile: Profile, first: number): FlameData {
  const order = [first, ...profile.events.keys()].filter((event, i) => i === 0 || event !== first);
  return {
    command: profile.command.join(" "),
    events: order.map((event) => ({ ...profile.events[event]!, root: treeOf(profile, event) })),
  };
}

/** `<` is the only character that could end a script element. */
const embedded = (text: string): string => text.replace(/</g, "\\u003c");

export function flamePage(profile: Profile, event: number, script: string): string {
  const interpreted = profile.frames.some(({ source }) => source !== undefined)
    ? `  <span><span class="key" style="background:hsl(130 70% 72%)"></span> interpreted</span>\n`
    : "";
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Flame graph</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; font: 13px system-ui, sans-serif; }
  body { margin: 1rem; }
  header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-bottom: .75rem; }
  h1 { font: 600 1rem ui-monospace, monospace; margin: 0; flex: 1 1 20rem; overflow-wrap: anywhere; }
  #details { min-height: 1.4em; margin: .25rem 0 .5rem; font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
  #chart { width: 100%; overflow: hidden; }
  .d3-flame-graph rect { stroke: Canvas; fill-opacity: .9; }
  .d3-flame-graph rect:hover { stroke: CanvasText; stroke-width: .5; cursor: pointer; }
  .d3-flame-graph-label { pointer-events: none; white-space: nowrap; text-overflow: ellipsis; overflow: hidden;
    font: 11px ui-monospace, monospace; margin: 0 4px; line-height: 1.6; color: #000; text-align: left; }
  .d3-flame-graph .fade { opacity: .6 !important; }
  .key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; vertical-align: -1px; }
</style>
<header>
  <h1 id="command"></h1>
  <span><span class="key" style="background:hsl(37 70% 72%)"></span> user space</span>
  <span><span class="key" style="background:hsl(217 70% 72%)"></span> kernel space</span>
${interpreted}  <label>Event <select id="event"></select></label>
  <label>Search <input id="search" type="search" placeholder="part of a name"></label>
  <button id="reset" type="button">Reset</button>
</header>
<div id="details" aria-live="polite"></div>
<div id="chart"></div>
<script id="profile" type="application/json">${embedded(JSON.stringify(flameData(profile, event)))}</script>
<script>${script.replace(/<\/script/g, "<\\/script")}</script>
</html>
`;
}
