// The format of Valgrind's callgrind, which callgrind_annotate and KCachegrind read: what each function cost itself, and
// what each of its calls cost. https://valgrind.org/docs/manual/cl-format.html
import { eventIndex, frameName, type Profile } from "./profile.ts";

interface Cost {
  self: number;
  /** By what was called: how often that was seen, and what it cost with all that it called. */
  readonly calls: Map<number, { count: number; cost: number }>;
}

/** What identifies functions: the name and the module. */
function functionsOf(profile: Profile): { of: number[]; names: string[]; modules: number[]; sources: string[] } {
  const index = new Map<string, number>();
  const names: string[] = [];
  const modules: number[] = [];
  const sources: string[] = [];
  const of = profile.frames.map((frame) => {
    const key = `${frame.module} ${frameName(frame)} ${frame.source ?? ""}`;
    let found = index.get(key);
    if (found === undefined) {
      found = names.length;
      index.set(key, found);
      names.push(frameName(frame));
      modules.push(frame.module);
      sources.push(frame.source?.replace(/:\d+$/, "") ?? "???");
    }
    return found;
  });
  return { of, names, modules, sources };
}

export function callgrindText(profile: Profile, eventName?: string): string {
  const event = eventIndex(profile, eventName);
  const { samples, stacks } = profile;
  const functions = functionsOf(profile);
  const costs = functions.names.map((): Cost => ({ self: 0, calls: new Map() }));
  let total = 0;
  for (let i = 0; i < samples.event.length; i++) {
    if (samples.event[i] !== event) continue;
    const period = Math.round(samples.period[i]!);
    total += period;
    const seen = new Set<string>();
    let callee = -1;
    for (let node = samples.stack[i]!; node >= 0; node = stacks.parent[node]!) {
      const own = functions.of[stacks.frame[node]!]!;
      const cost = costs[own]!;
      if (callee < 0) cost.self += period;
      else if (!seen.has(`${own} ${callee}`)) {
        // A recursive call counts once.
        seen.add(`${own} ${callee}`);
        const call = cost.calls.get(callee);
        if (!call) cost.calls.set(callee, { count: 1, cost: period });
        else {
          call.count++;
          call.cost += period;
        }
      }
      callee = own;
    }
  }
  countCalls(profile, functions.of, costs);
  const { name } = profile.events[event]!;
  const lines = [
    "# callgrind format",
    "version: 1",
    "creator: airside perf",
    `pid: ${profile.threads[0]?.pid ?? 0}`,
    `cmd: ${profile.command.join(" ")}`,
    "part: 1",
    "",
    `desc: Trigger: Program termination`,
    "positions: line",
    `event: ${eventId(name)} : ${name}`,
    `events: ${eventId(name)}`,
    `summary: ${total}`,
    "",
  ];
  const named = new Set<string>();
  /** The first time with its name, then by number. */
  const ref = (kind: string, index: number, text: string): string => {
    const key = `${kind} ${index}`;
    if (named.has(key)) return `(${index + 1})`;
    named.add(key);
    return `(${index + 1}) ${text}`;
  };
  const sourceIndex = new Map([...new Set(functions.sources)].map((source, i) => [source, i]));
  const place = (prefix: string, i: number): string[] => [
    `${prefix}ob=${ref("ob", functions.modules[i]!, profile.modules[functions.modules[i]!]!.path)}`,
    `${prefix === "" ? "fl" : "cfi"}=${ref("fl", sourceIndex.get(functions.sources[i]!)!, functions.sources[i]!)}`,
    `${prefix}fn=${ref("fn", i, functions.names[i]!)}`,
  ];
  costs.forEach((cost, i) => {
    if (cost.self === 0 && cost.calls.size === 0) return;
    lines.push(...place("", i), `0 ${cost.self}`);
    for (const [callee, call] of cost.calls) {
      lines.push(...place("c", callee), `calls=${call.count} 0`, `0 ${call.cost}`);
    }
    lines.push("");
  });
  lines.push(`totals: ${total}`, "");
  return lines.join("\n");
}

/** In an exact recording every call was counted; else samples stand for them. */
function countCalls(profile: Profile, of: readonly number[], costs: readonly Cost[]): void {
  const { parent, frame, calls } = profile.stacks;
  if (!calls) return;
  for (const cost of costs) for (const call of cost.calls.values()) call.count = 0;
  calls.forEach((count, node) => {
    if (parent[node]! < 0) return;
    const call = costs[of[frame[parent[node]!]!]!]!.calls.get(of[frame[node]!]!);
    if (call) call.count += count;
  });
}

/** callgrind's own name for instructions is Ir; others may hold letters only. */
const eventId = (name: string): string => (name.startsWith("instructions") ? "Ir" : name.replace(/[^A-Za-z]+/g, "_"));
