// What a row of the bench is: one piece of work, on each of the sides that can do it.

export const SIDES = ["native", "qemu", "airside"] as const;
/** native: the host's own processor and kernel; qemu: qemu-riscv64 in user mode on the host's kernel. */
export type Side = (typeof SIDES)[number];

export const GROUPS = ["kernels", "programs", "crossings", "whole"] as const;
export type Group = (typeof GROUPS)[number];

/** One run: a value in the row's unit, and what the run put out, which must be the same on all sides. */
export interface Sample {
  readonly value: number;
  readonly output: string;
}

/** A side that can't do it says why, in a few words. */
export class Absent {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export interface Workload {
  readonly name: string;
  readonly group: Group;
  /** Smaller is better in every unit. */
  readonly unit: "ms" | "ns" | "KiB" | "×";
  /** What is measured, for the reader of the table. */
  readonly about: string;
  /** Makes ready what a run needs and is not measured; called once. */
  readonly prepare?: () => void | Promise<void>;
  readonly run: (side: Side) => Sample | Absent | Promise<Sample | Absent>;
}
