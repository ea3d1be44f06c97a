// What a finding is, and what its rules are given.
import type { Count, Facts } from "../facts.ts";
import { callCost, type Estimate, type Model } from "../model.ts";
import type { Trial } from "../trial.ts";

/** What a repeated run with the change simulated showed. */
export interface Tried {
  /** What was changed. */
  change: string;
  /** Nanoseconds of the run as it was and of the one with the change: native time of its work by the model, or,
   *  where waiting was exchanged for work, as both were measured here. */
  before: number;
  after: number;
  measured: boolean;
  /** "1,000 system calls instead of 41,000". */
  difference: string;
}

export interface Finding {
  id: string;
  /** It takes time; it may end the program; or it permits more than was needed. */
  kind: "cost" | "risk" | "posture";
  title: string;
  /** Where: program, function, path or descriptor, as far as known. */
  place: string;
  program: string;
  function: string;
  path: string;
  evidence: string;
  why: string;
  change: string;
  /** Nanoseconds on native Linux by the model, and their share of the run. */
  saves: number;
  share: number;
  tried: Tried | undefined;
}

export interface Found {
  id: string;
  kind?: Finding["kind"];
  title: string;
  program?: string;
  function?: string;
  path?: string;
  evidence: string;
  why: string;
  change: string;
  saves?: number;
  /** How a run with the change can be had. */
  trial?: Trial;
}

export interface Subject {
  readonly facts: Facts;
  readonly model: Model;
  readonly run: Estimate;
  /** Nanoseconds of one such call. */
  cost(name: string): number;
}

export type Rule = (subject: Subject) => Found[];

export const subjectOf = (facts: Facts, model: Model, run: Estimate): Subject => ({
  facts,
  model,
  run,
  cost: (name) => callCost(model, name),
});

export const calls = ({ facts }: Subject, ...names: string[]): number =>
  names.reduce((sum, name) => sum + (facts.calls.get(name)?.calls ?? 0), 0);
export const idle = ({ facts }: Subject, ...names: string[]): number =>
  names.reduce((sum, name) => sum + (facts.calls.get(name)?.idle ?? 0), 0);
/** Most frequent first. */
export const top = (counts: Iterable<Count>, most = 3): Count[] =>
  [...counts].sort((a, b) => b.count - a.count).slice(0, most);
export const sum = (counts: Iterable<Count>): number => {
  let all = 0;
  for (const each of counts) all += each.count;
  return all;
};
/** Who did it most. */
export const foremost = (counts: Iterable<Count>): Count | undefined => top(counts, 1)[0];
