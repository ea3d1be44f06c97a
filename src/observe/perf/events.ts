// What can be counted and recorded, under perf's names. perf-list(1)
import { systemCallName } from "../../abi/system-call-names.ts";

/** Which side of the gate an event is limited to: perf's modifiers. */
export type Side = "u" | "k" | undefined;

export interface Event {
  /** As perf prints it. */
  readonly name: string;
  readonly side: Side;
  /** "ns" for events that are time. */
  readonly unit: "" | "ns";
}

interface Known {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly kind: "Hardware event" | "Software event" | "Tool event" | "Tracepoint event";
  readonly unit?: "ns";
  /** It happens on one side only. */
  readonly side?: "u" | "k";
  /** Counted only: nothing tells where. */
  readonly counted?: true;
}

const known: readonly Known[] = [
  { name: "instructions", aliases: ["cpu-cycles", "cycles"], kind: "Hardware event", side: "u" },
  { name: "branch-instructions", aliases: ["branches"], kind: "Hardware event", side: "u", counted: true },
  { name: "L1-dcache-loads", aliases: ["loads", "mem-loads"], kind: "Hardware event", side: "u", counted: true },
  { name: "L1-dcache-stores", aliases: ["stores", "mem-stores"], kind: "Hardware event", side: "u", counted: true },
  { name: "cpu-clock", aliases: [], kind: "Software event", unit: "ns" },
  { name: "task-clock", aliases: [], kind: "Software event", unit: "ns" },
  { name: "page-faults", aliases: ["faults"], kind: "Software event" },
  { name: "minor-faults", aliases: [], kind: "Software event" },
  { name: "major-faults", aliases: [], kind: "Software event" },
  { name: "context-switches", aliases: ["cs"], kind: "Software event" },
  { name: "cpu-migrations", aliases: ["migrations"], kind: "Software event", counted: true },
  { name: "offcpu-time", aliases: [], kind: "Software event", unit: "ns" },
  { name: "duration_time", aliases: [], kind: "Tool event", unit: "ns", counted: true },
  { name: "user_time", aliases: [], kind: "Tool event", unit: "ns", counted: true },
  { name: "system_time", aliases: [], kind: "Tool event", unit: "ns", counted: true },
  { name: "raw_syscalls:sys_enter", aliases: ["syscalls"], kind: "Tracepoint event" },
  { name: "exceptions:page_fault_user", aliases: [], kind: "Tracepoint event" },
  { name: "sched:sched_switch", aliases: [], kind: "Tracepoint event" },
  { name: "sched:sched_wakeup", aliases: [], kind: "Tracepoint event" },
  { name: "sched:sched_process_fork", aliases: [], kind: "Tracepoint event" },
  { name: "sched:sched_process_exec", aliases: [], kind: "Tracepoint event" },
  { name: "sched:sched_process_exit", aliases: [], kind: "Tracepoint event" },
  { name: "signal:signal_generate", aliases: [], kind: "Tracepoint event" },
  { name: "signal:signal_deliver", aliases: [], kind: "Tracepoint event" },
];

const byName = new Map(known.flatMap((each) => [each.name, ...each.aliases].map((name) => [name, each] as const)));

/** "syscalls:sys_enter_write": the call's name, or undefined. */
export const systemCallOf = (event: string): string | undefined => /^syscalls:sys_enter_(\w+)$/.exec(event)?.[1];

function isSystemCall(name: string): boolean {
  for (let number = 0; number < 512; number++) if (systemCallName(number) === name) return true;
  return false;
}

/** perf's lists: names apart by commas, with modifiers behind a colon. Throws a RangeError with one plain line. */
export function parseEvents(text: string): Event[] {
  // Groups, as in '{a,b}', are counted as well as single ones.
  const plain = text.replace(/[{}]/g, "");
  return plain.split(",").map((word) => {
    const call = systemCallOf(word);
    if (call !== undefined && isSystemCall(call)) return { name: word, side: undefined, unit: "" };
    const [, name, modifiers = ""] = /^(.*?)(?::([ukhHGpPSD]+))?$/.exec(word)!;
    const found = byName.get(word) ?? byName.get(name!);
    if (!found) throw new RangeError(`event is not known: ${word} (airside perf list)`);
    const asked: Side = /u/.test(modifiers) === /k/.test(modifiers) ? undefined : /u/.test(modifiers) ? "u" : "k";
    if (found.side !== undefined && asked !== undefined && found.side !== asked) {
      throw new RangeError(`${found.name} can't be counted on that side: ${word}`);
    }
    const side = found.side ?? asked;
    return { name: side === undefined ? found.name : `${found.name}:${side}`, side, unit: found.unit ?? "" };
  });
}

/** The event without its side. */
export const baseName = (event: Event): string =>
  event.side === undefined ? event.name : event.name.slice(0, -event.side.length - 1);

/** Throws a RangeError for an event that only `stat` knows. */
export function checkRecordable(event: Event): void {
  if (byName.get(baseName(event))?.counted) throw new RangeError(`${event.name} can be counted, not recorded`);
}

/** perf list. */
export function listEvents(): string {
  const lines = ["", "List of pre-defined events (to be used in -e or -M):", ""];
  for (const { name, aliases, kind } of known) {
    lines.push(`  ${[name, ...aliases].join(" OR ").padEnd(50)} [${kind}]`);
  }
  lines.push(`  ${"syscalls:sys_enter_NAME".padEnd(50)} [Tracepoint event]`, "", "");
  return lines.join("\n");
}
