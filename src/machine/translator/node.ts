// A block in the flow of its region: where it leads, what dominates it, and what it needs of the registers.
import type { Block } from "./region.ts";

/** The edge leaves the region. */
export const OUTSIDE = -1;

/** x- and f-registers, bit n for register n. */
export interface Registers {
  x: number;
  f: number;
}

export interface Node {
  readonly block: Block;
  /** Where a branch goes that is taken; OUTSIDE for what is no branch. */
  taken: number;
  /** Where everything else goes: behind a branch, a call, a jump. */
  next: number;
  /** The immediate dominator; the entry's is itself. */
  dominator: number;
  /** A loop begins here: a later block comes back. */
  header: boolean;
  /** More than one edge from before leads here. */
  merge: boolean;
  /** Children in the tree of dominators. */
  readonly dominated: number[];
  /** It lies in a loop. */
  loop: boolean;
  /** Instructions, at most, from here to the next loop's head, call or exit. */
  path: number;
  /** x-registers that must be, behind the call that ends it, what they were before. */
  verify: number;
  /** Registers that are read before they are written, here or later. */
  readonly live: Registers;
  /** Registers that may differ from the register file when the block begins. */
  readonly dirty: Registers;
}

/** Whether every way to b leads through a. */
export function dominates(nodes: readonly Node[], a: number, b: number): boolean {
  while (b > a) b = nodes[b]!.dominator;
  return a === b;
}
