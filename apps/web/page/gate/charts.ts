// The two drawings: a minute of user space, kernel space and waiting; and who had the processor in the last two seconds.
import { colour, context, percent } from "../dom.ts";
import type { History } from "./history.ts";

const MINUTE = 60e9;
const HEIGHT = 96;

/** A minute, newest at the right: user space at the bottom, kernel space on it, the rest is waiting. */
export function drawMinute(canvas: HTMLCanvasElement, history: History): void {
  const place = context(canvas, HEIGHT);
  if (!place) return;
  const { draw, width } = place;
  const end = history.latest?.time ?? 0;
  const bottom = HEIGHT - 16;
  const x = (time: number): number => width * (1 - (end - time) / MINUTE);
  draw.fillStyle = colour("--raised");
  draw.fillRect(0, 0, width, bottom);
  const colours = [colour("--user"), colour("--kernel")];
  for (const frame of history.frames) {
    const left = x(frame.time - frame.length);
    const right = x(frame.time);
    if (right < 0) continue;
    let y = bottom;
    [frame.user, frame.kernel].forEach((part, at) => {
      const height = Math.min(y, (part / frame.length) * bottom);
      draw.fillStyle = colours[at]!;
      draw.fillRect(left, y - height, right - left + 0.6, height);
      y -= height;
    });
  }
  draw.fillStyle = colour("--soft");
  draw.font = "11px system-ui, sans-serif";
  draw.textAlign = "left";
  draw.fillText("60 s ago", 2, HEIGHT - 3);
  draw.textAlign = "right";
  draw.fillText("now", width - 2, HEIGHT - 3);
  const { user, kernel, length } = history.share(5e9);
  if (length > 0) {
    const label = `Last five seconds: user space ${percent(user / length)}, kernel space ${percent(kernel / length)}`;
    if (canvas.getAttribute("aria-label") !== label) canvas.setAttribute("aria-label", label);
  }
}

const SPAN = 2e9;
const LANE = 16;
const LANES = 8;

/** A lane for each process that ran, its turns as blocks. */
export function drawTimeline(canvas: HTMLCanvasElement, history: History): void {
  const frames = history.last(SPAN + 2e8);
  const spent = new Map<number, number>();
  for (const { timeline } of frames) {
    for (let at = 0; at < timeline.length; at += 4) {
      const pid = timeline[at + 1]!;
      spent.set(pid, (spent.get(pid) ?? 0) + timeline[at + 3]! - timeline[at + 2]!);
    }
  }
  const lanes = [...spent]
    .sort((a, b) => b[1] - a[1])
    .slice(0, LANES)
    .map(([pid]) => pid)
    .sort((a, b) => a - b);
  const place = context(canvas, LANES * LANE + 16);
  if (!place) return;
  const { draw, width } = place;
  const end = history.latest?.time ?? 0;
  const left = 110;
  const x = (time: number): number => left + (width - left) * (1 - (end - time) / SPAN);
  const names = new Map(frames.flatMap(({ processes }) => processes.map(({ pid, name }) => [pid, name] as const)));
  draw.font = "11px ui-monospace, 'DejaVu Sans Mono', monospace";
  const ink = colour("--ink");
  const raised = colour("--raised");
  lanes.forEach((pid, lane) => {
    draw.fillStyle = raised;
    draw.fillRect(left, lane * LANE + 2, width - left, LANE - 4);
    draw.fillStyle = ink;
    draw.textAlign = "left";
    draw.fillText(`${names.get(pid) ?? ""} ${pid}`.slice(0, 16), 0, lane * LANE + 12);
  });
  draw.fillStyle = colour("--user");
  for (const { timeline } of frames) {
    for (let at = 0; at < timeline.length; at += 4) {
      const lane = lanes.indexOf(timeline[at + 1]!);
      if (lane < 0) continue;
      const from = Math.max(left, x(timeline[at + 2]!));
      const to = x(timeline[at + 3]!);
      if (to > left) draw.fillRect(from, lane * LANE + 3, Math.max(0.7, to - from), LANE - 6);
    }
  }
  draw.fillStyle = colour("--soft");
  draw.textAlign = "left";
  draw.fillText("2 s ago", left, LANES * LANE + 12);
  draw.textAlign = "right";
  draw.fillText("now", width - 2, LANES * LANE + 12);
}
