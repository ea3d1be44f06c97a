// What a row of the bench is: one piece of work, on each of the sides that can do it.

/** native: the host's own processor and kernel; qemu: qemu-riscv64 in user mode on the host's kernel; v86: v86/peer.ts. */
export interface Side {
  readonly kind: "native" | "qemu" | "v86" | "airside";
  /** As a table's column is headed: "qemu 10.0". */
  readonly name: string;
  /** qemu's program. */
  readonly program: string;
  readonly version: string;
}

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

export type Outcome = Sample | Absent;

export interface Workload {
  readonly name: string;
  readonly group: Group;
  /** Smaller is better in every unit but "/s", which is a count to know and has no ratio. */
  readonly unit: "ms" | "ns" | "KiB" | "×" | "ms/s" | "/s";
  /** What is measured, for the reader of the table. */
  readonly about: string;
  /** v86 can do it too. */
  readonly onV86?: boolean;
  /** One qemu is enough: the newest. */
  readonly oneQemu?: boolean;
  /** Makes ready what a run needs and is not measured; called once. */
  readonly prepare?: () => void | Promise<void>;
  /** The `turn`th run of a side, from 0. */
  readonly run: (side: Side, turn: number) => Outcome | Promise<Outcome>;
}

/** Several rows that come from one and the same run: what the first asks for is kept for the others. */
export function together<T>(run: (side: Side) => T | Promise<T>): (side: Side, turn: number) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (side, turn) => {
    const key = `${side.name} ${turn}`;
    let found = kept.get(key);
    if (!found) kept.set(key, (found = Promise.resolve(run(side))));
    return found;
  };
}
