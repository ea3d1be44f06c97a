// What a translation is made of, apart from where it stands in some hart: it can be kept, and used again wherever the
// same code lies at the same distances.
import type { CodeView, Region } from "./region.ts";

export interface Made {
  /** Where it begins in its first page, bytes. */
  readonly entry: number;
  /** Pages that it was made from, counted from its first. */
  readonly pages: readonly number[];
  /** Offsets at which its blocks begin, and to which it is left for want of knowing more. */
  readonly starts: readonly number[];
  readonly exits: readonly number[];
  /** The code it was made from: offsets, and halfwords from there on. */
  readonly code: readonly (readonly [offset: number, halfwords: Uint16Array])[];
  /** Offsets of instructions whose accesses are checked apart. */
  readonly apart: readonly number[];
  /** How often its region had been translated before. */
  readonly generation: number;
  readonly module: Uint8Array<ArrayBuffer>;
}

export function madeFrom(region: Region, view: CodeView, module: Uint8Array, generation: number): Made {
  const starts = region.blocks.map((block) => block.start);
  const known = new Set(starts);
  const exits = new Set<number>();
  const halfwords = new Set<number>();
  for (const { end, instructions } of region.blocks) {
    if ((end.kind === "branch" || end.kind === "jump") && !known.has(end.target)) exits.add(end.target);
    if ("next" in end && !known.has(end.next)) exits.add(end.next);
    for (const { offset, length } of instructions) {
      for (let i = 0; i < length; i += 2) halfwords.add(offset + i);
    }
  }
  const code: [number, Uint16Array][] = [];
  const sorted = [...halfwords].sort((a, b) => a - b);
  for (let i = 0; i < sorted.length; ) {
    let end = i + 1;
    while (end < sorted.length && sorted[end] === sorted[end - 1]! + 2) end++;
    code.push([sorted[i]!, Uint16Array.from(sorted.slice(i, end), (offset) => view.half(offset))]);
    i = end;
  }
  const { pages } = region;
  return {
    ...{
      entry: starts[0]!,
      pages,
      starts,
      exits: [...exits],
      code,
      apart: sorted.filter((offset) => view.apart(offset)),
    },
    ...{ generation, module: new Uint8Array(module) },
  };
}

/** Whether the code is what it was made from, and nothing more has been found out about it. */
export function fits(made: Made, view: CodeView): boolean {
  return made.code.every(([offset, halfwords]) =>
    halfwords.every((half, i) => {
      const at = offset + 2 * i;
      return view.half(at) === half && (!view.apart(at) || made.apart.includes(at));
    }),
  );
}
