// The shape of a region's control flow, and which registers are where: reverse postorder, dominators, loops, what must
// be in a local when a block begins, and what may have been written since the registers were last in the register file.
import { type Access, checksOf } from "./checks.ts";
import { dominates, type Node, OUTSIDE, type Registers } from "./node.ts";
import { operandsOf, readsF, readsX, writesF, writesX } from "./operands.ts";
import type { Block, Instruction, Region } from "./region.ts";

/** Nodes in reverse postorder; the entry is node 0. */
export interface Flow {
  readonly nodes: readonly Node[];
  /** Registers that may be dirty anywhere. */
  readonly dirty: Registers;
  /** Computes in floating point somewhere. */
  readonly float: boolean;
  /** Accesses that are checked together with others. */
  readonly checks: ReadonlyMap<Instruction, Access>;
}

/** `local`: a new local for a physical address. */
export function flowOf({ blocks }: Region, local: () => number): Flow {
  const index = new Map(blocks.map((block, i) => [block.start, i]));
  const edges = blocks.map((block) =>
    edgesOf(block).map((offset) => (offset === undefined ? OUTSIDE : (index.get(offset) ?? OUTSIDE))),
  );
  // Edges into the middle of a loop have no structured form: those that make one leave the region.
  const cut = new Set<number>();
  for (;;) {
    const nodes = order(blocks, edges, cut);
    dominators(nodes);
    const before = cut.size;
    nodes.forEach((node, i) => {
      for (const to of [node.taken, node.next]) {
        if (to !== OUTSIDE && to <= i && !dominates(nodes, to, i))
          cut.add(key(index.get(node.block.start)!, index.get(nodes[to]!.block.start)!));
      }
    });
    if (cut.size === before) return finish(nodes, local);
  }
}

const key = (from: number, to: number): number => from * 65536 + to;

function edgesOf({ end }: Block): [taken: number | undefined, next: number | undefined] {
  switch (end.kind) {
    case "branch":
      return [end.target, end.next];
    case "next":
    case "call":
      return [undefined, end.next];
    case "jump":
      return [undefined, end.target];
    default:
      return [undefined, undefined];
  }
}

function order(blocks: readonly Block[], all: readonly number[][], cut: ReadonlySet<number>): Node[] {
  const edges = cut.size === 0 ? all : all.map((to, from) => to.map((to) => (cut.has(key(from, to)) ? OUTSIDE : to)));
  const place = new Int32Array(blocks.length).fill(OUTSIDE);
  const postorder: number[] = [];
  const stack: [block: number, next: number][] = [[0, 0]];
  place[0] = 0;
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    // The fall-through is walked last, so that it comes right behind its block.
    const to = edges[top[0]]![top[1]++];
    if (to === undefined) {
      postorder.push(top[0]);
      stack.pop();
    } else if (to !== OUTSIDE && place[to] === OUTSIDE) {
      place[to] = 0;
      stack.push([to, 0]);
    }
  }
  const reversed = postorder.reverse();
  for (const [i, block] of reversed.entries()) place[block] = i;
  return reversed.map((i) => {
    const [taken, next] = edges[i]!.map((to) => (to === OUTSIDE ? OUTSIDE : place[to]!));
    return {
      ...{
        block: blocks[i]!,
        taken: taken!,
        next: next!,
        dominator: OUTSIDE,
        header: false,
        merge: false,
        loop: false,
      },
      ...{ dominated: [], path: 0, verify: 0, live: { x: 0, f: 0 }, dirty: { x: 0, f: 0 } },
    };
  });
}

/** Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". */
function dominators(nodes: readonly Node[]): void {
  const before: number[][] = nodes.map(() => []);
  nodes.forEach((node, i) => {
    if (node.taken !== OUTSIDE) before[node.taken]!.push(i);
    if (node.next !== OUTSIDE) before[node.next]!.push(i);
  });
  nodes[0]!.dominator = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < nodes.length; i++) {
      let common = OUTSIDE;
      for (const from of before[i]!) {
        if (nodes[from]!.dominator === OUTSIDE) continue;
        if (common === OUTSIDE) {
          common = from;
          continue;
        }
        let other = from;
        while (common !== other) {
          while (other > common) other = nodes[other]!.dominator;
          while (common > other) common = nodes[common]!.dominator;
        }
      }
      if (nodes[i]!.dominator !== common) {
        nodes[i]!.dominator = common;
        changed = true;
      }
    }
  }
}

function finish(nodes: readonly Node[], local: () => number): Flow {
  const forward = new Int32Array(nodes.length);
  nodes.forEach((node, i) => {
    for (const to of [node.taken, node.next]) {
      if (to === OUTSIDE) continue;
      if (to <= i) nodes[to]!.header = true;
      else forward[to]!++;
    }
    if (i > 0) nodes[node.dominator]!.dominated.push(i);
  });
  nodes.forEach((node, i) => {
    node.merge = forward[i]! > 1;
    for (const head of [node.taken, node.next]) {
      // What a loop's head dominates, up to the block that comes back, mostly is in the loop.
      if (head === OUTSIDE || head > i) continue;
      for (let k = head; k <= i; k++) nodes[k]!.loop ||= dominates(nodes, head, k);
    }
  });
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const rest = (to: number): number => (to <= i || nodes[to]!.header ? 0 : nodes[to]!.path);
    const behind = node.block.end.kind === "call" ? 0 : Math.max(rest(node.taken), rest(node.next));
    node.path = node.block.instructions.length + behind;
  }
  const checks = checksOf(nodes, local);
  return { nodes, checks, ...registers(nodes) };
}

interface Local {
  /** Read before they are written, of whatever is not dirty. */
  readonly use: Registers;
  /** Written. */
  readonly set: Registers;
  /** Written before something that may leave the region in the middle, the last of them. */
  readonly kept: Registers;
  readonly leaves: boolean;
}

/** All registers are stored where it ends, so that those which are dirty must be right. */
const storesAtEnd = (node: Node): boolean => {
  const { kind } = node.block.end;
  if (kind === "branch") return node.taken === OUTSIDE || node.next === OUTSIDE;
  return kind === "call" || node.next === OUTSIDE;
};

function localOf(node: Node): Local & { float: boolean } {
  const use = { x: 0, f: 0 };
  const set = { x: 0, f: 0 };
  const kept = { x: 0, f: 0 };
  // A loop's head may leave when the fuel is short.
  let leaves = node.header;
  let float = false;
  // Before the first that may leave, nothing or little is written: what is dirty before the block is needed from there.
  for (const { row, word } of node.block.instructions) {
    const operands = operandsOf(row);
    if (operands.mayStep && !leaves) {
      leaves = true;
      kept.x = set.x;
      kept.f = set.f;
    }
    float ||= operands.float;
    use.x |= readsX(operands, word) & ~set.x;
    use.f |= readsF(operands, word) & ~set.f;
    set.x |= writesX(operands, word);
    set.f |= writesF(operands, word);
  }
  use.x |= node.verify & ~set.x;
  if (!leaves && storesAtEnd(node)) {
    leaves = true;
    kept.x = set.x;
    kept.f = set.f;
  }
  return { use, set, kept, leaves, float };
}

function registers(nodes: readonly Node[]): { dirty: Registers; float: boolean } {
  const locals = nodes.map(localOf);
  const all = { x: 0, f: 0 };
  for (let changed = true; changed; ) {
    changed = false;
    nodes.forEach((node, i) => {
      const { set } = locals[i]!;
      const x = node.dirty.x | set.x;
      const f = node.dirty.f | set.f;
      all.x |= x;
      all.f |= f;
      // A call stores everything before it.
      if (node.block.end.kind === "call") return;
      for (const to of [node.taken, node.next]) {
        if (to === OUTSIDE) continue;
        const { dirty } = nodes[to]!;
        if ((x & ~dirty.x) === 0 && (f & ~dirty.f) === 0) continue;
        dirty.x |= x;
        dirty.f |= f;
        changed = true;
      }
    });
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i]!;
      const { use, set, kept, leaves } = locals[i]!;
      const out = { x: 0, f: 0 };
      if (node.block.end.kind !== "call") {
        for (const to of [node.taken, node.next]) {
          if (to === OUTSIDE) continue;
          out.x |= nodes[to]!.live.x;
          out.f |= nodes[to]!.live.f;
        }
      }
      let x = use.x | (out.x & ~set.x);
      let f = use.f | (out.f & ~set.f);
      if (leaves) {
        x |= node.dirty.x & ~kept.x;
        f |= node.dirty.f & ~kept.f;
      }
      if (x === node.live.x && f === node.live.f) continue;
      node.live.x = x;
      node.live.f = f;
      changed = true;
    }
  }
  return { dirty: all, float: locals.some((local) => local.float) };
}
