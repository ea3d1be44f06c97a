// Texts that other tools read: perf script's own, and folded stacks (a line for each stack, as flame graph tools take).
import { type Frame, frameName, framesOf, isKernel, moduleName, type Profile } from "./profile.ts";

/** One sample's place, outermost first; the stack of a recording without calls is one frame. */
function stackLine(profile: Profile, frame: Frame, ip: number | undefined): string {
  const address = ip ?? frame.address;
  const offset = frame.name === "" || frame.address === 0 ? "" : `+0x${(frame.address - frame.start).toString(16)}`;
  const { path } = profile.modules[frame.module]!;
  return `${address.toString(16).padStart(16)} ${frame.name === "" ? "[unknown]" : frame.name}${offset} (${path})`;
}

/** perf-script(1): a paragraph for each sample. */
export function* scriptText(profile: Profile): Generator<string> {
  const { samples } = profile;
  for (let i = 0; i < samples.event.length; i++) {
    const thread = profile.threads[samples.thread[i]!]!;
    const seconds = (samples.time[i]! / 1e9).toFixed(6);
    const event = profile.events[samples.event[i]!]!;
    const head = `${thread.comm.padStart(15)} ${String(thread.tid).padStart(6)} ${seconds.padStart(13)}: `;
    const frames = framesOf(profile, samples.stack[i]!).reverse();
    const lines = frames.map((frame, at) =>
      stackLine(profile, frame, at === 0 && samples.ip[i] ? samples.ip[i] : undefined),
    );
    const count = `${String(Math.round(samples.period[i]!)).padStart(10)} ${event.name}: `;
    if (profile.calls) yield `${head}${count}\n${lines.map((line) => `\t${line}\n`).join("")}\n`;
    else yield `${head}${count}${lines[0] ?? "[unknown] ([unknown])"}\n`;
  }
}

/** A frame in a folded stack: what is the kernel's bears "_[k]". */
const foldedName = (profile: Profile, frame: Frame): string =>
  `${frame.name === "" ? `[${moduleName(profile, frame)}+${frameName(frame)}]` : frame.name}`.replace(/;/g, ":") +
  (isKernel(profile, frame) ? "_[k]" : "");

/** Periods by stack: the command, then its calls from the outermost on. */
export function foldedStacks(profile: Profile, event: number): Map<string, number> {
  const { samples } = profile;
  const names = profile.frames.map((frame) => foldedName(profile, frame));
  const texts: string[] = [];
  const textOf = (node: number): string => {
    if (node < 0) return "";
    texts[node] ??= `${textOf(profile.stacks.parent[node]!)};${names[profile.stacks.frame[node]!]}`;
    return texts[node]!;
  };
  const sums = new Map<string, number>();
  for (let i = 0; i < samples.event.length; i++) {
    if (samples.event[i] !== event) continue;
    const comm = profile.threads[samples.thread[i]!]!.comm.replace(/[; ]/g, "_");
    const key = comm + textOf(samples.stack[i]!);
    sums.set(key, (sums.get(key) ?? 0) + samples.period[i]!);
  }
  return sums;
}

/** A line for each stack, in alphabetical order. */
export function foldedText(profile: Profile, event: number): string {
  return [...foldedStacks(profile, event)]
    .map(([stack, sum]) => `${stack} ${Math.round(sum)}\n`)
    .sort()
    .join("");
}
