// A crash report for people: what happened, where, in which task, what led there, and what to do next.
import { moduleTaints, taintReasons } from "../../kernel/crash/taint.ts";
import type { ReadCrash } from "./read.ts";

const indent = (lines: readonly string[]): string[] => lines.map((line) => `    ${line}`);
const LOG_TAIL = 12;

export function explainCrash(crash: ReadCrash): string {
  const sections: (readonly [string, string[]])[] = [
    ["What happened", happened(crash)],
    ["Where", where(crash)],
    ["In which task", inTask(crash)],
    ["What led there", led(crash)],
    ["The kernel", kernel(crash)],
    ["What to do next", advice(crash)],
  ];
  const body = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${title}\n${lines.map((line) => `  ${line}\n`).join("")}`);
  const faults = crash.faults.map((fault) => `note: ${fault}\n`).join("");
  return `${faults}${faults ? "\n" : ""}${body.join("\n")}`;
}

function happened({ kind, text, exception, time, uptime }: ReadCrash): string[] {
  const what = text ?? "(the report does not say)";
  const when = [time, uptime === undefined ? undefined : `${uptime.toFixed(3)} s after boot`]
    .filter(Boolean)
    .join(", ");
  const first =
    kind === "panic"
      ? `The kernel panicked: ${what}`
      : kind === "oops"
        ? `An exception in the kernel, which it survived: ${what}`
        : `A report that was asked for: nothing has failed (${what})`;
  const why = kind === "panic" && exception !== undefined ? [`The exception: ${exception}`] : [];
  return [first, ...why, ...(when === "" ? [] : [when])];
}

/** The innermost frame that is not the machinery of crashes itself. */
function origin({ stack }: ReadCrash): string | undefined {
  return stack.find((frame) => /\(|:\d+:\d+/.test(frame) && !/\/crash\/|sysrq\.ts|provoke-crash/.test(frame));
}

function where(crash: ReadCrash): string[] {
  const { stack } = crash;
  if (stack.length === 0) return [];
  const module = /module:([\w-]+)/.exec(stack.join("\n"))?.[1];
  return [
    ...(module === undefined ? [] : [`In the module ${module}, not in the kernel's own code.`]),
    `Nearest place: ${origin(crash) ?? stack[0]}`,
    "The kernel's stack, innermost first:",
    ...indent(stack),
  ];
}

function inTask({ current, tasks, registers, kind }: ReadCrash): string[] {
  if (kind === "request") return [];
  if (current === undefined) return ["In none: a timer, the scheduler, or something that the host handed in."];
  const task = tasks.find(({ tid }) => tid === current);
  if (!task) return [`Task ${current}, of which the report says no more.`];
  const who = `${task.name}, task ${task.tid} of process ${task.pid} (child of ${task.ppid})`;
  const doing = task.call === undefined ? "It was on its way between user and kernel space." : `It was in ${task.call}`;
  return [
    who,
    doing,
    `Its program was at ${task.pc}.`,
    ...(registers.length ? ["Its registers:", ...indent(registers)] : []),
  ];
}

function led({ crossings, log, current }: ReadCrash): string[] {
  const mine = crossings.filter(({ tid }) => tid === current).slice(-8);
  const shown = mine.length > 0 ? mine : crossings.slice(-8);
  const tail = log.slice(-LOG_TAIL).map(({ time, text }) => `[${(time / 1e9).toFixed(6).padStart(12)}] ${text}`);
  return [
    ...(shown.length
      ? [mine.length ? "Its last crossings:" : "The last crossings:", ...indent(shown.map(({ text }) => text))]
      : []),
    ...(tail.length ? ["The end of the kernel log:", ...indent(tail.flatMap((entry) => entry.split("\n")))] : []),
  ];
}

function kernel(crash: ReadCrash): string[] {
  const { release, version, host, commandLine, taints, modules, memory, tasks, oopses, warnings } = crash;
  const lines: string[] = [];
  if (release !== undefined) lines.push(`${release} ${version ?? ""}${host ? `, on ${host}` : ""}`);
  if (commandLine !== undefined) lines.push(`Command line: ${commandLine}`);
  if (taints === 0) lines.push("Not tainted.");
  for (const { letter, meaning } of taintReasons(taints)) lines.push(`Tainted ${letter}: ${meaning}.`);
  if (oopses + warnings > 0) lines.push(`${oopses} oopses, ${warnings} warnings since boot.`);
  for (const { name, state, taints: own } of modules) lines.push(`Module ${name} ${moduleTaints(own)}${state}`);
  const pages = new Map(memory);
  const total = pages.get("total");
  if (total !== undefined) lines.push(`Memory: ${pages.get("free") ?? "?"} of ${total} pages free.`);
  if (tasks.length > 0) {
    const states = new Map<string, number>();
    for (const { state } of tasks) states.set(state, (states.get(state) ?? 0) + 1);
    lines.push(`${tasks.length} tasks: ${[...states].map(([state, count]) => `${count} ${state}`).join(", ")}.`);
  }
  return lines;
}

function advice(crash: ReadCrash): string[] {
  const { kind, text = "", stack, taints } = crash;
  const all = stack.join("\n");
  if (kind === "request") return [];
  if (/sysrq/.test(text) || /provoke-crash/.test(all))
    return ["Nothing is broken: someone inside asked for this crash."];
  if (/Out of memory|out of memory/.test(text))
    return ["Give the machine more memory (--memory), or its programs less to do."];
  const steps: string[] = [];
  const module = /module:([\w-]+)/.exec(all)?.[1];
  if (module !== undefined) {
    steps.push(`Tell the author of the module ${module}; run without it until then (rmmod ${module}).`);
  } else if (/panic_on_(oops|warn)|^Fatal exception$/.test(text)) {
    steps.push("The kernel was told to stop at the first fault (panic_on_oops, panic_on_warn): the log says which.");
  }
  if (module === undefined) {
    steps.push(
      "This is a bug of the kernel: report it with this file. It holds no file contents, but names, arguments and registers.",
    );
  }
  if ((taints & ~0x80) !== 0)
    steps.push("The kernel was tainted before: see whether it happens without what tainted it.");
  if (kind === "oops")
    steps.push("The task died; the others go on. Restart the machine when you can: something may have leaked.");
  steps.push("`airside strace` on the command shows the calls up to the one that failed.");
  return steps;
}
