// All findings of a run: costs first, the dearest of them on top; then risks; then what was allowed and not needed.
import type { Facts } from "../facts.ts";
import type { Estimate, Model } from "../model.ts";
import type { Trial } from "../trial.ts";
import { fileRules } from "./files.ts";
import { type Finding, type Found, type Rule, subjectOf } from "./finding.ts";
import { postureRules, taskRules } from "./tasks.ts";
import { waitingRules } from "./waiting.ts";

export type { Finding, Tried } from "./finding.ts";

const rules: readonly Rule[] = [...fileRules, ...waitingRules, ...taskRules, ...postureRules];
const order: readonly Finding["kind"][] = ["cost", "risk", "posture"];

/** Below this share of the run a cost is not worth a finding. */
const LEAST = 0.01;

export interface Findings {
  readonly findings: Finding[];
  /** What can be tried, by finding. */
  readonly trials: ReadonlyMap<Finding, Trial>;
}

export function findingsOf(facts: Facts, model: Model, run: Estimate): Findings {
  const subject = subjectOf(facts, model, run);
  const trials = new Map<Finding, Trial>();
  const findings = rules
    .flatMap((rule) => rule(subject))
    .map((found) => {
      const finding = completed(found, run);
      if (found.trial) trials.set(finding, found.trial);
      return finding;
    })
    .filter(({ kind, share }) => kind !== "cost" || share >= LEAST)
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || b.saves - a.saves);
  return { findings, trials };
}

function completed(found: Found, run: Estimate): Finding {
  const { program = "", path = "", saves = 0 } = found;
  const where = found.function ?? "";
  const place = [program, where === "" ? "" : `${where}()`, path].filter((part) => part !== "").join(", ");
  return {
    id: found.id,
    kind: found.kind ?? "cost",
    title: found.title,
    place,
    program,
    function: where,
    path,
    evidence: found.evidence,
    why: found.why,
    change: found.change,
    saves,
    share: run.total === 0 ? 0 : Math.min(1, saves / run.total),
    tried: undefined,
  };
}
