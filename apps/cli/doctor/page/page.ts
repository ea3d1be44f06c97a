// The report as one page that needs nothing else: no font, no network, no script but the flame graph's. Charts are drawn
// here, by d3.
import { compare } from "../../../../src/observe/doctor/compare.ts";
import type { Finding } from "../../../../src/observe/doctor/findings/index.ts";
import { headline, provenance } from "../../../../src/observe/doctor/headline.ts";
import { triedText } from "../../../../src/observe/doctor/plain.ts";
import type { Report } from "../../../../src/observe/doctor/report.ts";
import { capital, milliseconds, number, percent } from "../../../../src/observe/doctor/text.ts";
import { band, names } from "./band.ts";
import { byCost, bySize } from "./calls.ts";
import { escaped, html, Markup } from "./markup.ts";
import { style } from "./style.ts";

/** The whole page. `before`: an earlier report to compare with; `graph`: a flame graph's own page. */
export function page(report: Report, before?: Report, graph?: string): string {
  const { shares, verdict } = report;
  const [title = "", ...rest] = headline(report).split(/: (.*)/);
  const findings = report.findings.filter(({ kind }) => kind !== "posture");
  const posture = report.findings.filter(({ kind }) => kind === "posture");
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${capital(verdict)} · airside doctor</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><main>
<p class="soft small">airside doctor · <code>${shellWords(report.command)}</code></p>
<h1>${title}</h1>
<p class="lead">${capital(rest.join(""))}</p>
<div class="shares" role="img" aria-label="user ${percent(shares.user)}, kernel ${percent(shares.kernel)}, waiting ${percent(shares.waiting)}">${(
    ["user", "kernel", "waiting"] as const
  ).map(
    (kind) => shares[kind] > 0 && html`<span class="${kind}" style="flex:${shares[kind].toFixed(4)}"></span>`,
  )}</div>
<ul class="tiles">${(["user", "kernel", "waiting"] as const).map((kind) => tile(report, kind))}</ul>
<p class="soft small">${provenance(report)}</p>
${report.surroundings.map((line) => html`<p class="soft small">${line}</p>`)}
${report.notSeen.map((line) => html`<p class="soft small">Not seen: ${line}</p>`)}
${before && comparison(before, report)}
${band(report)}
<h2>${findings.length === 0 ? "No findings" : "Findings"}</h2>
${findings.length === 0 && html`<p>Nothing here looks wasteful.</p>`}
${findings.map(card)}
${report.notTried !== undefined && html`<p class="soft small">The run was not repeated with changes: ${report.notTried}.</p>`}
<div class="pair">${byCost(report)}${bySize(report)}</div>
${graph !== undefined && html`<h2>Where the time goes, on both sides of the gate</h2><figure><figcaption>By the calls that led there, as measured in the machine: what lies in kernel space has its colour</figcaption><iframe class="flame" title="Flame graph" srcdoc="${GRAPH}"></iframe></figure>`}
${
  posture.length > 0 &&
  html`<h2>Permitted, and not needed</h2><ul class="plain">${posture.map(
    ({ evidence, change, id }) =>
      html`<li>${evidence} <span class="soft">${change}</span> <code class="soft">${id}</code></li>`,
  )}</ul>`
}
<footer class="soft small"><p>Costs on ${report.model.name}, ${report.model.source}: a crossing ${milliseconds(report.model.call)}, a page fault ${milliseconds(report.model.pageFault)}, a switch ${milliseconds(report.model.switch)}, a program started ${milliseconds(report.model.fork + report.model.exec)}.</p></footer>
</main></body></html>
`.text
    .replace(/(\d) (%|[nµm]?s|kB|[MG]B)(?!\w)/g, "$1\u00a0$2")
    .replace(GRAPH.text, () => escaped(graph ?? ""));
}

/** Stands for the flame graph's page until all else is written: its script is left as it is. */
const GRAPH = new Markup("{{flame graph}}");

function tile(report: Report, kind: "user" | "kernel" | "waiting"): Markup {
  const { shares, native, waitingOn, switches } = report;
  const notes = {
    user: report.instructions > 0 ? `${number(report.instructions)} instructions` : "",
    kernel: `${number(report.systemCalls)} system calls, ${number(report.pageFaults)} page faults, ${number(switches.voluntary + switches.involuntary)} switches`,
    waiting: waitingOn
      .slice(0, 2)
      .map(({ what, call }) => `${what} (${call})`)
      .join(", "),
  };
  return html`<li><span class="key of-${kind}">${names[kind]}</span><b>${percent(shares[kind])} <span class="soft small">${milliseconds(native[kind])}</span></b><span class="soft small note">${notes[kind]}</span></li>`;
}

function card(finding: Finding): Markup {
  const { title, id, saves, share, evidence, place, why, change, tried, kind } = finding;
  const worth =
    saves > 0
      ? html`<span class="saves">saves about ${milliseconds(saves)} · ${percent(share)}</span>`
      : kind === "risk" && html`<span class="risk">a risk</span>`;
  return html`<article class="finding"><header><h3>${capital(title)}</h3>${worth}</header>
<p>${evidence}</p>${place !== "" && html`<p class="soft small"><code>${place}</code></p>`}
<p class="soft">${why}</p><p class="change">${change}</p>
${tried && html`<div class="tried">Tried: ${triedText(tried)}</div>`}<p class="soft small"><code>${id}</code></p></article>`;
}

function comparison(before: Report, after: Report): Markup {
  const { changes, gone, fresh } = compare(before, after);
  const shown = (unit: string, value: number): string => (unit === "time" ? milliseconds(value) : number(value));
  const rows = changes.filter((change) => change.before !== 0 || change.after !== 0);
  return html`<h2>Before and after</h2><p>Before: ${before.verdict}. After: ${after.verdict}.</p>
<div class="wide"><table><tr><th></th><th>before</th><th>after</th><th></th></tr>${rows.map((change) => {
    const gain = change.before === 0 ? 0 : (change.after - change.before) / change.before;
    return html`<tr><td>${change.what}</td><td>${shown(change.unit, change.before)}</td><td>${shown(change.unit, change.after)}</td><td>${Math.abs(gain) >= 0.005 && `${gain < 0 ? "−" : "+"}${percent(Math.abs(gain))}`}</td></tr>`;
  })}</table></div>
${gone.length > 0 && html`<p>Gone: ${gone.join(", ")}</p>`}${fresh.length > 0 && html`<p>New: ${fresh.join(", ")}</p>`}`;
}

const shellWords = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
