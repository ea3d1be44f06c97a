import assert from "node:assert/strict";
import { test } from "node:test";
import type { Vma } from "./vma.ts";
import { VmaList } from "./vma-list.ts";

const PAGE = 4096;
const TOP = 6000;
const area = (start: number, end: number): Vma => ({
  start: start * PAGE,
  end: end * PAGE,
  prot: 0,
  maxProt: 0,
  flags: 0,
  pages: undefined,
  file: undefined,
  offset: 0,
  name: undefined,
});

/** Page by page: which are taken. */
function highestGap(taken: readonly boolean[], length: number, floor: number, ceiling: number): number | undefined {
  for (let start = ceiling - length; start >= floor; start--) {
    let free = true;
    for (let page = start; page < start + length && free; page++) free = !taken[page];
    if (free) return start * PAGE;
  }
  return undefined;
}

test("areas put in and taken out at random are found, and gaps are the highest, as a map of pages has them", () => {
  let state = 5;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const list = new VmaList();
  const taken: boolean[] = Array(TOP).fill(false);
  let areas: Vma[] = [];
  const mark = ({ start, end }: Vma, value: boolean) => taken.fill(value, start / PAGE, end / PAGE);
  for (let step = 0; step < 6000; step++) {
    const growing = step < 2500 || step > 4500;
    if (random(10) < (growing ? 8 : 3)) {
      const start = random(TOP - 4);
      const made = area(start, start + 1 + random(3));
      const free = taken.slice(start, made.end / PAGE).every((one) => !one);
      assert.equal(list.isFree(made.start, made.end), free);
      if (free) {
        list.insert(made);
        areas.push(made);
        mark(made, true);
      }
    } else if (areas.length > 0) {
      const [gone] = areas.splice(random(areas.length), 1);
      list.remove(gone!);
      mark(gone!, false);
    }
    if (step % 7 !== 0) continue;
    const address = random(TOP) * PAGE;
    assert.equal(
      list.find(address),
      areas.find((one) => one.start <= address && address < one.end),
    );
    const length = 1 + random(12);
    const [floor, ceiling] = [random(TOP / 2), TOP / 2 + random(TOP / 2)];
    assert.equal(
      list.gapBelow(length * PAGE, floor * PAGE, ceiling * PAGE),
      highestGap(taken, length, floor, ceiling),
      `${length} in ${floor} to ${ceiling}`,
    );
    if (step % 70 !== 0) continue;
    areas = areas.toSorted((a, b) => a.start - b.start);
    assert.deepEqual([...list], areas);
    assert.equal(list.count, areas.length);
    const above = areas.findIndex((one) => one.end > address);
    assert.equal(list.from(address), areas[above]);
    assert.equal(list.before(address), above < 0 ? areas.at(-1) : areas[above - 1]);
    assert.deepEqual(
      list.within(address, address + 500 * PAGE),
      areas.filter((one) => one.end > address && one.start < address + 500 * PAGE),
    );
  }
  assert.ok(list.count > 500, `${list.count} areas at the end`);
  list.clear();
  assert.equal(list.gapBelow(PAGE, PAGE, TOP * PAGE), (TOP - 1) * PAGE);
});

test("areas that grow in place are minded by the search for gaps", () => {
  const list = new VmaList();
  const low = area(10, 12);
  list.insert(low);
  list.insert(area(20, 22));
  assert.equal(list.gapBelow(8 * PAGE, 0, 22 * PAGE), 12 * PAGE);
  low.end = 15 * PAGE;
  assert.equal(list.gapBelow(8 * PAGE, 0, 22 * PAGE), 2 * PAGE);
});
