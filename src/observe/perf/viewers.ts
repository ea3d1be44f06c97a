// Files for viewers in a browser: speedscope (https://www.speedscope.app) and the Firefox Profiler, whose gecko format is
// what perf's own script writes (perf script gecko).
import { eventIndex, frameName, framesOf, isKernel, type Profile } from "./profile.ts";

/** The samples of one event by thread. */
function byThread(profile: Profile, event: number): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const { samples } = profile;
  for (let i = 0; i < samples.event.length; i++) {
    if (samples.event[i] !== event) continue;
    const list = found.get(samples.thread[i]!);
    if (list) list.push(i);
    else found.set(samples.thread[i]!, [i]);
  }
  return found;
}

export function speedscope(profile: Profile): string {
  const { samples } = profile;
  const frames = profile.frames.map((frame) => ({
    name: frameName(frame),
    file: frame.source ?? profile.modules[frame.module]!.path,
  }));
  const index = new Map(profile.frames.map((frame, i) => [frame, i]));
  const profiles = profile.events.flatMap((event, number) =>
    [...byThread(profile, number)].map(([thread, list]) => {
      const { comm, tid } = profile.threads[thread]!;
      const weights = list.map((i) => Math.round(samples.period[i]!));
      return {
        type: "sampled",
        name: `${comm} ${tid} (${event.name})`,
        unit: event.unit === "ns" ? "nanoseconds" : "none",
        startValue: 0,
        endValue: weights.reduce((sum, weight) => sum + weight, 0),
        samples: list.map((i) => framesOf(profile, samples.stack[i]!).map((frame) => index.get(frame)!)),
        weights,
      };
    }),
  );
  return JSON.stringify({
    $schema: "https://www.speedscope.app/file-format-schema.json",
    name: profile.command.join(" "),
    exporter: "airside perf",
    activeProfileIndex: 0,
    shared: { frames },
    profiles,
  });
}

const USER = 0;
const KERNEL = 1;

export function gecko(profile: Profile, eventName?: string): string {
  const event = eventIndex(profile, eventName);
  const { samples, stacks } = profile;
  const first = Math.min(...samples.time.slice(0, 1), Number.POSITIVE_INFINITY);
  const threads = [...byThread(profile, event)].map(([thread, list]) => {
    const { comm, pid, tid } = profile.threads[thread]!;
    const strings: string[] = [];
    const stringIndex = new Map<string, number>();
    const frameTable: unknown[] = [];
    const frameIndex = new Map<number, number>();
    const stackTable: [number | null, number][] = [];
    const stackIndex = new Map<number, number>();
    const frameOf = (number: number): number => {
      const known = frameIndex.get(number);
      if (known !== undefined) return known;
      const frame = profile.frames[number]!;
      const text = `${frameName(frame)} (in ${frame.source ?? profile.modules[frame.module]!.path})`;
      if (!stringIndex.has(text)) stringIndex.set(text, strings.push(text) - 1);
      const category = isKernel(profile, frame) ? KERNEL : USER;
      frameTable.push([stringIndex.get(text), false, 0, null, null, null, null, category, null]);
      frameIndex.set(number, frameTable.length - 1);
      return frameTable.length - 1;
    };
    const stackOf = (node: number): number | null => {
      if (node < 0) return null;
      const known = stackIndex.get(node);
      if (known !== undefined) return known;
      const prefix = stackOf(stacks.parent[node]!);
      stackTable.push([prefix, frameOf(stacks.frame[node]!)]);
      stackIndex.set(node, stackTable.length - 1);
      return stackTable.length - 1;
    };
    const data = list.map((i) => [stackOf(samples.stack[i]!), (samples.time[i]! - first) / 1e6, 0]);
    return {
      name: comm,
      pid,
      tid,
      processType: "default",
      registerTime: 0,
      unregisterTime: null,
      markers: { schema: { name: 0, startTime: 1, endTime: 2, phase: 3, category: 4, data: 5 }, data: [] },
      samples: { schema: { stack: 0, time: 1, responsiveness: 2 }, data },
      frameTable: {
        schema: {
          location: 0,
          relevantForJS: 1,
          innerWindowID: 2,
          implementation: 3,
          optimizations: 4,
          line: 5,
          column: 6,
          category: 7,
          subcategory: 8,
        },
        data: frameTable,
      },
      stackTable: { schema: { prefix: 0, frame: 1 }, data: stackTable },
      stringTable: strings,
    };
  });
  return JSON.stringify({
    meta: {
      interval: 1,
      processType: 0,
      product: profile.command.join(" "),
      stackwalk: 1,
      debug: 0,
      gcpoison: 0,
      asyncstack: 1,
      startTime: profile.started,
      shutdownTime: null,
      version: 24,
      presymbolicated: true,
      categories: [
        { name: "User", color: "yellow", subcategories: ["Other"] },
        { name: "Kernel", color: "orange", subcategories: ["Other"] },
      ],
      markerSchema: [],
    },
    libs: [],
    threads,
    processes: [],
    pausedRanges: [],
  });
}
