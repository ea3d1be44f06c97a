// Which accesses of a region are checked together. Every register's value has a name that says how it came about: a root,
// and a distance from it, which `addi` and `mv` alone change. Accesses whose addresses have the same root lie in one page
// mostly, which is looked up once, at the first of them; the others that it dominates go through the physical address
// found there. It stays right as long as the translation is not left: nothing but the kernel, which runs after that,
// changes a page table. Calls that return bring back the registers that a function preserves, which is verified where
// it matters (Node.verify).
import { dominates, type Node, OUTSIDE } from "./node.ts";
import { operandsOf, writesX } from "./operands.ts";
import type { Instruction } from "./region.ts";

/** Accesses through one root that are checked together. */
export interface Group {
  /** How many bytes are accessed, from the smallest address on. */
  span: number;
  /** One of them stores. Who may write may read. */
  write: boolean;
  /** The local of the physical address of the smallest. */
  readonly physical: number;
}

export interface Access {
  readonly group: Group;
  /** Bytes from the group's smallest address. */
  readonly distance: number;
  /** The group is checked here. */
  readonly first: boolean;
}

/** Bytes that a group spans at most: it should seldom lie on two pages. */
const MOST_SPAN = 256;
const LOAD = 0x03;
const LOAD_FP = 0x07;
const STORE = 0x23;
const STORE_FP = 0x27;
const SP = 2;
/** sp, gp, tp and s0 to s11. psABI, "Integer Register Convention" */
export const PRESERVED = 0x0ffc_031c;

/** An access as it stands in the region. */
interface Place {
  readonly instruction: Instruction;
  readonly node: number;
  /** Bytes from the root. */
  readonly offset: number;
  readonly size: number;
  readonly write: boolean;
}

/** What holds for the registers at some place: by register, its root and the distance from that. */
interface Values {
  readonly roots: Int32Array;
  readonly offsets: Float64Array;
}

/** Sets Node.verify. `local`: a new local for a physical address. */
export function checksOf(nodes: readonly Node[], local: () => number): Map<Instruction, Access> {
  const names = new Names(nodes);
  const checks = new Map<Instruction, Access>();
  const across = new Map<number, number>();
  for (const [root, places] of names.places) {
    if (places.length < 2 || places.some(({ instruction }) => instruction.apart)) continue;
    const last = share(nodes, places, names.isStack(root), local, checks);
    if (last !== OUTSIDE) across.set(root, last);
  }
  nodes.forEach((node, i) => {
    if (node.block.end.kind !== "call" || node.next === OUTSIDE) return;
    const { roots } = names.after[i]!;
    for (let register = 1; register < 32; register++) {
      const last = (PRESERVED >>> register) & 1 ? across.get(roots[register]!) : undefined;
      if (last !== undefined && (last > i || node.loop)) node.verify |= 1 << register;
    }
  });
  return checks;
}

/** Makes the groups of one root's accesses; the last node that relies on a check in another one, or OUTSIDE. */
function share(
  nodes: readonly Node[],
  places: readonly Place[],
  stack: boolean,
  local: () => number,
  checks: Map<Instruction, Access>,
): number {
  let last = OUTSIDE;
  const open = places.slice();
  for (let first = open.shift(); first; first = open.shift()) {
    const { node } = first;
    const dominated = open.filter((place) => place.node === node || dominates(nodes, node, place.node));
    let low = first.offset;
    let high = first.offset + first.size;
    let { write } = first;
    const fits = (place: Place): boolean =>
      Math.max(high, place.offset + place.size) - Math.min(low, place.offset) <= MOST_SPAN;
    for (const place of dominated) {
      if (!fits(place)) continue;
      low = Math.min(low, place.offset);
      high = Math.max(high, place.offset + place.size);
      // What another block writes may never be written: only of a stack is it sure that it may.
      write ||= place.write && (stack || place.node === node);
    }
    const members = dominated.filter(
      (place) => place.offset >= low && place.offset + place.size <= high && (write || !place.write),
    );
    if (members.length === 0) continue;
    const group: Group = { span: high - low, write, physical: local() };
    checks.set(first.instruction, { group, distance: first.offset - low, first: true });
    for (const place of members) {
      checks.set(place.instruction, { group, distance: place.offset - low, first: false });
      open.splice(open.indexOf(place), 1);
      if (place.node !== node) last = Math.max(last, place.node);
    }
  }
  return last;
}

/** Names of values, by a walk over the nodes in their order. */
class Names {
  /** Accesses by the root of their addresses, in the order of nodes. */
  readonly places = new Map<number, Place[]>();
  /** Behind each node. */
  readonly after: Values[] = [];
  private readonly nodes: readonly Node[];
  private readonly stacks = new Set<number>([SP]);
  private next = 32;

  constructor(nodes: readonly Node[]) {
    this.nodes = nodes;
    const before: number[][] = nodes.map(() => []);
    nodes.forEach((node, i) => {
      for (const to of [node.taken, node.next]) if (to > i) before[to]!.push(i);
    });
    nodes.forEach((_, i) => {
      this.after.push(this.walk(i, this.enter(i, before[i]!)));
    });
  }

  /** The root is a value of sp. */
  isStack(root: number): boolean {
    return this.stacks.has(root);
  }

  private fresh(values: Values, register: number): void {
    values.roots[register] = this.next;
    values.offsets[register] = 0;
    if (register === SP) this.stacks.add(this.next);
    this.next++;
  }

  /** What holds where a node begins. */
  private enter(index: number, before: readonly number[]): Values {
    if (index === 0) return { roots: Int32Array.from({ length: 32 }, (_, i) => i), offsets: new Float64Array(32) };
    const first = this.after[before[0]!]!;
    const values = { roots: first.roots.slice(), offsets: first.offsets.slice() };
    let changed = this.nodes[index]!.header ? this.writtenInLoop(index) : 0;
    for (let k = 1; k < before.length; k++) {
      const { roots, offsets } = this.after[before[k]!]!;
      for (let register = 1; register < 32; register++)
        if (roots[register] !== values.roots[register] || offsets[register] !== values.offsets[register])
          changed |= 1 << register;
    }
    for (let register = 1; register < 32; register++) if ((changed >>> register) & 1) this.fresh(values, register);
    return values;
  }

  /** Registers that are written between a loop's head and what comes back to it. */
  private writtenInLoop(head: number): number {
    const { nodes } = this;
    let end = head;
    nodes.forEach((node, i) => {
      if (i >= head && (node.taken === head || node.next === head)) end = i;
    });
    let written = 0;
    for (let i = head; i <= end; i++) {
      if (!dominates(nodes, head, i)) continue;
      const { block } = nodes[i]!;
      for (const { row, word } of block.instructions) written |= writesX(operandsOf(row), word);
      if (block.end.kind === "call") written |= ~PRESERVED;
    }
    return written;
  }

  private walk(index: number, values: Values): Values {
    const { block } = this.nodes[index]!;
    for (const instruction of block.instructions) {
      this.meet(index, instruction, values);
      this.write(instruction, values);
    }
    if (block.end.kind === "call")
      for (let register = 1; register < 32; register++)
        if (((PRESERVED >>> register) & 1) === 0) this.fresh(values, register);
    return values;
  }

  private meet(node: number, instruction: Instruction, { roots, offsets }: Values): void {
    const { word, immediate } = instruction;
    const opcode = word & 0x7f;
    const write = opcode === STORE || opcode === STORE_FP;
    if (!write && opcode !== LOAD && opcode !== LOAD_FP) return;
    const base = (word >>> 15) & 31;
    if (base === 0) return;
    const root = roots[base]!;
    const offset = offsets[base]! + immediate;
    const place = { instruction, node, offset, size: 1 << ((word >>> 12) & 3), write };
    const known = this.places.get(root);
    if (known) known.push(place);
    else this.places.set(root, [place]);
  }

  private write({ row, word, immediate }: Instruction, values: Values): void {
    const rd = (word >>> 7) & 31;
    if (writesX(operandsOf(row), word) === 0) return;
    const [rs1, rs2] = [(word >>> 15) & 31, (word >>> 20) & 31];
    // c.mv is an add of x0.
    const from = row.name === "addi" ? rs1 : row.name === "add" && (rs1 === 0 || rs2 === 0) ? rs1 | rs2 : 0;
    if (from === 0) {
      this.fresh(values, rd);
      return;
    }
    values.roots[rd] = values.roots[from]!;
    values.offsets[rd] = values.offsets[from]! + (row.name === "addi" ? immediate : 0);
  }
}
