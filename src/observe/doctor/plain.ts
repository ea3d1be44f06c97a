// The report as text for a terminal.
import type { Finding } from "./findings/index.ts";
import { headline, provenance } from "./headline.ts";
import type { Report } from "./report.ts";
import { capital, milliseconds, number, percent } from "./text.ts";

const MOST_CALLS = 6;
const MOST_FINDINGS = 8;
const bar = (share: number): string => "█".repeat(Math.round(share * 30)).padEnd(30, "·");

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

export function reportText(report: Report): string {
  const { shares, native: run, calls, findings } = report;
  const row = (name: string, share: number, time: number, what: string): string =>
    `  ${name.padEnd(8)} ${bar(share)} ${percent(share).padStart(9)}  ${milliseconds(time).padStart(8)}  ${what}`.trimEnd();
  const waiting = report.waitingOn.slice(0, 2).map((each) => `${each.what} (${each.call})`);
  const { voluntary, involuntary } = report.switches;
  const text = [
    headline(report),
    "",
    row("user", shares.user, run.user, report.instructions > 0 ? `${number(report.instructions)} instructions` : ""),
    row(
      "kernel",
      shares.kernel,
      run.kernel,
      `${number(report.systemCalls)} system calls, ${number(report.pageFaults)} page faults, ${number(voluntary + involuntary)} switches`,
    ),
    row("waiting", shares.waiting, run.waiting, waiting.join(", ")),
    "",
    wrapped(provenance(report), "  "),
  ];
  for (const line of report.surroundings) text.push(wrapped(line, "  "));
  for (const line of report.notSeen) text.push(wrapped(`Not seen: ${line}`, "  "));
  const costly = calls.filter((call) => call.native >= run.total * 0.02).slice(0, MOST_CALLS);
  if (costly.length > 0) {
    text.push("", "Most costly system calls");
    for (const call of costly) {
      const errors = call.errors > 0 ? `, ${number(call.errors)} failed` : "";
      text.push(
        `  ${call.name.padEnd(16)} ${milliseconds(call.native).padStart(8)}  ${number(call.calls)} ${call.calls === 1 ? "call" : "calls"}${errors}`,
      );
    }
  }
  const told = findings.filter(({ kind }) => kind !== "posture");
  text.push("", told.length === 0 ? "No findings: nothing here looks wasteful." : "Findings");
  for (const [index, finding] of told.slice(0, MOST_FINDINGS).entries()) text.push(...findingText(finding, index));
  if (told.length > MOST_FINDINGS) text.push("", `  … and ${told.length - MOST_FINDINGS} more (--json, --html)`);
  if (report.notTried !== undefined)
    text.push("", wrapped(`The run was not repeated with changes: ${report.notTried}.`, "  "));
  const posture = findings.filter(({ kind }) => kind === "posture");
  if (posture.length > 0) {
    text.push("", "Permitted, and not needed");
    for (const { id, evidence } of posture) text.push(wrapped(`${evidence} [${id}]`, "  "));
  }
  return `${text.join("\n")}\n`;
}

function findingText(finding: Finding, index: number): string[] {
  const saves =
    finding.saves > 0 ? ` — saves about ${milliseconds(finding.saves)}, ${percent(finding.share)} of the run` : "";
  const lines = [
    `${index === 0 ? "" : "\n"}  ${index + 1}. ${capital(finding.title)} [${finding.id}]${saves}`,
    wrapped(finding.evidence, "     "),
  ];
  if (finding.function !== "") lines.push(wrapped(`In ${finding.function}().`, "     "));
  lines.push(wrapped(finding.why, "     "), wrapped(`→ ${finding.change}`, "     "));
  if (finding.tried) lines.push(wrapped(`Tried: ${triedText(finding.tried)}`, "     "));
  return lines;
}

/** "writes of f through a buffer: 2.1 ms of work became 1.2 ms (−43 %), 1,200 system calls instead of 41,000". */
export function triedText({ change, before, after, difference, measured }: NonNullable<Finding["tried"]>): string {
  const gain = before === 0 ? 0 : (after - before) / before;
  const sign = gain <= 0 ? "−" : "+";
  const here = measured ? ", as measured here" : "";
  return `${change}: ${milliseconds(before)}${measured ? "" : " of work"} became ${milliseconds(after)}${here} (${sign}${percent(Math.abs(gain))})${difference === "" ? "" : `; ${difference}`}.`;
}
