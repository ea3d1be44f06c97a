// The doctor's answer: first the verdict in one line, then the shares with their evidence, then the findings.
import type { Evidence } from "./evidence.ts";
import { type Finding, findings, milliseconds, number } from "./findings.ts";
import { callCost, type Estimate, MODEL, measured, native } from "./model.ts";

export type Verdict = "user space" | "kernel space" | "waiting" | "balanced";

export interface Report {
  command: readonly string[];
  verdict: Verdict;
  /** What the waiting was for, most first. */
  waitingOn: { what: string; call: string; nanoseconds: number; share: number }[];
  /** On native Linux, by the model. */
  shares: Estimate["shares"];
  native: Estimate;
  /** As it was here. */
  measured: Estimate;
  model: typeof MODEL;
  instructions: number;
  systemCalls: number;
  pageFaults: number;
  switches: number;
  processes: number;
  /** Nanoseconds: measured here in the kernel, and the model's. */
  calls: { name: string; calls: number; errors: number; measured: number; native: number; waited: number }[];
  findings: Finding[];
}

const meanings: Readonly<Record<string, string>> = {
  clock_nanosleep: "sleeping",
  nanosleep: "sleeping",
  wait4: "child processes",
  waitid: "child processes",
  futex: "locks and other threads",
  read: "input",
  readv: "input",
  ppoll: "events",
  pselect6: "events",
  epoll_pwait: "events",
  recvfrom: "the network",
  recvmsg: "the network",
  accept4: "the network",
  accept: "the network",
  connect: "the network",
  write: "the reader of its output",
  sendto: "the network",
  flock: "file locks",
  rt_sigsuspend: "signals",
  rt_sigtimedwait: "signals",
};

export function report(evidence: Evidence, command: readonly string[]): Report {
  const run = native(evidence, evidence.bytes);
  const accounts = [...evidence.calls.values()].filter((account) => account.name !== "page fault");
  return {
    command,
    verdict: verdictOf(run),
    waitingOn: accounts
      .filter((account) => account.idle > 0 && run.waiting > 0)
      .sort((a, b) => b.idle - a.idle)
      .map(({ name, idle }) => ({
        what: meanings[name] ?? name,
        call: name,
        nanoseconds: idle,
        share: Math.min(1, idle / run.waiting),
      })),
    shares: run.shares,
    native: run,
    measured: measured(evidence),
    model: MODEL,
    instructions: evidence.instructions,
    systemCalls: accounts.reduce((sum, account) => sum + account.calls, 0),
    pageFaults: evidence.faults,
    switches: evidence.voluntary + evidence.involuntary,
    processes: evidence.forks + 1,
    calls: accounts
      .map(({ name, calls, errors, time, waited }) => {
        return { name, calls, errors, measured: time, native: calls * callCost(name), waited };
      })
      .sort((a, b) => b.native - a.native),
    findings: findings(evidence, run),
  };
}

/** Waiting from half of the time on; else the side that has three fifths of what was done. */
function verdictOf({ user, kernel, shares }: Estimate): Verdict {
  if (shares.waiting >= 0.5) return "waiting";
  const busy = user + kernel;
  if (user >= busy * 0.6) return "user space";
  return kernel >= busy * 0.6 ? "kernel space" : "balanced";
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const bar = (share: number): string => "█".repeat(Math.round(share * 30)).padEnd(30, "·");

function headline({ verdict, shares, waitingOn }: Report): string {
  switch (verdict) {
    case "user space":
      return `User space: ${percent(shares.user)} of the time goes into the program's own instructions.`;
    case "kernel space":
      return `Kernel space: ${percent(shares.kernel)} of the time is spent behind the gate, in system calls and faults.`;
    case "waiting": {
      const [first] = waitingOn;
      return `Waiting: ${percent(shares.waiting)} of the time nothing runs${first ? `, mostly for ${first.what} (${first.call})` : ""}.`;
    }
    case "balanced":
      return `Balanced: user space ${percent(shares.user)}, kernel space ${percent(shares.kernel)}, waiting ${percent(shares.waiting)}.`;
  }
}

function wrapped(text: string, indent: string, width = 96): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each).join("\n");
}

export function reportText(answer: Report): string {
  const { shares, native: run, measured: here, calls, findings: found } = answer;
  const row = (name: string, share: number, time: number, what: string): string =>
    `  ${name.padEnd(8)} ${bar(share)} ${percent(share).padStart(5)}  ${milliseconds(time).padStart(8)}  ${what}`;
  const waiting = answer.waitingOn.slice(0, 2).map((each) => `${each.what} (${each.call})`);
  const text = [
    headline(answer),
    "",
    row("user", shares.user, run.user, `${number(answer.instructions)} instructions`),
    row(
      "kernel",
      shares.kernel,
      run.kernel,
      `${number(answer.systemCalls)} system calls, ${number(answer.pageFaults)} page faults, ${number(answer.switches)} switches`,
    ),
    row("waiting", shares.waiting, run.waiting, waiting.join(", ")),
    "",
    wrapped(
      `Times are estimates for native Linux (${MODEL.name}) from exact counts; in this machine it was user ${percent(here.shares.user)}, kernel ${percent(here.shares.kernel)}, waiting ${percent(here.shares.waiting)} of ${milliseconds(here.total)}.`,
      "  ",
    ),
  ];
  const costly = calls.filter((call) => call.native >= run.total * 0.02).slice(0, 6);
  if (costly.length > 0) {
    text.push("", "Most costly system calls");
    for (const call of costly) {
      const errors = call.errors > 0 ? `, ${number(call.errors)} failed` : "";
      text.push(
        `  ${call.name.padEnd(16)} ${milliseconds(call.native).padStart(8)}  ${number(call.calls)} ${call.calls === 1 ? "call" : "calls"}${errors}`,
      );
    }
  }
  text.push("", found.length === 0 ? "No findings: nothing here looks wasteful." : "Findings");
  for (const [index, finding] of found.slice(0, 8).entries()) {
    const saves =
      finding.saves > 0 ? `saves about ${milliseconds(finding.saves)}, ${percent(finding.share)} of the run` : "";
    text.push(
      `${index === 0 ? "" : "\n"}  ${index + 1}. ${finding.title[0]!.toUpperCase()}${finding.title.slice(1)} [${finding.id}]${saves === "" ? "" : ` — ${saves}`}`,
      wrapped(finding.evidence, "     "),
      wrapped(finding.why, "     "),
      wrapped(`→ ${finding.change}`, "     "),
    );
  }
  return `${text.join("\n")}\n`;
}

/** The whole report for tools. */
export const reportJson = (answer: Report): string => `${JSON.stringify(answer, undefined, 2)}\n`;
