// The flame graph's page: d3-flame-graph draws what the page holds as JSON. Runs in a browser; bundled by scripts/build.ts.
import flamegraph from "d3-flame-graph";
import { select } from "d3-selection";

const { command, events } = JSON.parse(document.getElementById("profile").textContent);
const chart = document.getElementById("chart");
const details = document.getElementById("details");
const choice = document.getElementById("event");
const search = document.getElementById("search");
const number = new Intl.NumberFormat("en-US");

/** A number that is the same for the same name, between 0 and 1. */
const spread = (name) => {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return (hash >>> 8) / 2 ** 24;
};
const hue = { kernel: [205, 25], user: [20, 35], interpreted: [110, 40], thread: [0, 0] };
const color = ({ data }) => {
  const [from, range] = hue[data.side] ?? hue.user;
  const at = spread(data.name);
  return `hsl(${from + at * range} ${data.side === "thread" ? 0 : 70}% ${66 + at * 12}%)`;
};

let graph;
const draw = () => {
  const event = events[choice.value];
  const amount = (value) => (event.unit === "ns" ? `${number.format(value / 1e6)} ms` : number.format(value));
  const label = ({ data, value }) =>
    `${data.name}${data.where ? ` (${data.where})` : ""}: ${amount(value)}, ${((100 * value) / event.root.value).toFixed(2)} %`;
  chart.replaceChildren();
  graph = flamegraph()
    .width(chart.clientWidth)
    .cellHeight(18)
    .minFrameSize(1)
    .transitionDuration(150)
    .inverted(false)
    .sort(true)
    .title("")
    .tooltip(false)
    .onHover((node) => {
      details.textContent = label(node);
    })
    .label(label);
  graph.setColorMapper((node, original) => (node.highlight ? original : color(node)));
  select(chart).datum(structuredClone(event.root)).call(graph);
  details.textContent = `${event.name}: ${amount(event.root.value)}`;
};

document.title = `${command} – flame graph`;
document.getElementById("command").textContent = command;
events.forEach((event, i) => {
  choice.add(new Option(event.name, i));
});
choice.addEventListener("change", draw);
search.addEventListener("input", () => (search.value === "" ? graph.clear() : graph.search(search.value)));
document.getElementById("reset").addEventListener("click", () => {
  search.value = "";
  graph.clear();
  graph.resetZoom();
});
let resized;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(draw, 150);
});
draw();
