// Random calls on an overlay whose lower layer holds a tree, and on a tmpfs that holds the same: programs must not be
// able to tell the two apart. A failure names its seed; SEED=n runs that one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FileCaller, fakeKernel, fakeRoot } from "../../vfs/caller.fake.ts";
import type { Inode } from "../../vfs/inode.ts";
import { tmpfs } from "../tmpfs/tmpfs.ts";
import { overlay } from "./index.ts";
import { deviceMarks, type Marks, nameMarks } from "./marks.ts";

/** xorshift32. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const NAMES = ["a", "b", "c", "d"];
const AT_FDCWD = -100;

type Pick = ReturnType<typeof random>;

function path(pick: Pick): string {
  const depth = 1 + pick(3);
  return `/${Array.from({ length: depth }, () => NAMES[pick(NAMES.length)]).join("/")}`;
}

function content(c: FileCaller, place: string): string {
  const fd = c.open(place);
  if (typeof fd === "string") return fd;
  const text = c.read(fd, 20000);
  c.close(fd);
  return text;
}

/** One call, decided by `pick` alone, so that two callers make the same. Its outcome as text. */
function step(c: FileCaller, pick: Pick, open: Map<number, number>): string {
  const call = (name: string, ...args: (number | string | Uint8Array)[]): string => `${name} ${c.call(name, ...args)}`;
  switch (pick(16)) {
    case 0:
    case 1: {
      const fd = c.open(path(pick), 0o102 | (pick(2) ? 0o1000 : 0) | (pick(3) ? 0 : 0o2000), 0o600 + pick(0o200));
      if (typeof fd === "string") return `open ${fd}`;
      const written = c.write(fd, `${pick(1000)}`.repeat(1 + pick(3000)));
      c.close(fd);
      return `wrote ${written}`;
    }
    case 2:
      return call("mkdirat", AT_FDCWD, path(pick), 0o700 + pick(0o100));
    case 3:
      return `rmdir ${c.rmdir(path(pick))}`;
    case 4:
    case 5:
      return `unlink ${c.unlink(path(pick))}`;
    case 6:
    case 7:
    case 8:
      return `rename ${c.rename(path(pick), path(pick), [0, 0, 1, 2][pick(4)])}`;
    case 9:
      return `link ${c.link(path(pick), path(pick))}`;
    case 10:
      return `symlink ${c.symlink(path(pick), path(pick))}`;
    case 11:
      return call("fchmodat", AT_FDCWD, path(pick), pick(0o1000));
    case 12:
      return call("truncate", path(pick), pick(20000));
    case 13: {
      // Descriptors that outlive what happens to their names.
      const slot = pick(4);
      const old = open.get(slot);
      if (old !== undefined) {
        const result = `${c.call("fchmod", old, pick(0o1000))} ${c.read(old, 50)} ${c.write(old, "!")}`;
        c.close(old);
        open.delete(slot);
        return result;
      }
      const fd = c.open(path(pick), pick(2) * 2);
      if (typeof fd === "number") open.set(slot, fd);
      return `open ${typeof fd}${typeof fd === "string" ? fd : ""}`;
    }
    case 14:
      return `list ${c.list(path(pick))}`;
    default: {
      const place = path(pick);
      return `content ${content(c, place)} ${c.readlink(place)}`;
    }
  }
}

/** Everything that can be seen of a tree; numbers as the first name that has them. */
function dump(c: FileCaller, at = "/", seen = new Map<number, string>()): string[] {
  const names = c.list(at);
  if (typeof names === "string") return [`${at} ${names}`];
  return names.flatMap((name) => {
    const place = at === "/" ? `/${name}` : `${at}/${name}`;
    const { ino, mode, nlink, size } = c.status(place);
    const first = seen.get(ino) ?? place;
    seen.set(ino, first);
    const type = mode >> 12;
    if (type === 4) return [`${place} ${mode.toString(8)}`, ...dump(c, place, seen)];
    const shown = type === 10 ? c.readlink(place) : content(c, place);
    return [`${place} ${mode.toString(8)} ${nlink} ${size} ${first} ${shown}`];
  });
}

function run(marks: Marks, seed: number): void {
  const kernel = fakeKernel();
  const plain = new FileCaller(kernel, fakeRoot(kernel, tmpfs));
  const lower = tmpfs.mount(kernel, { source: "none", flags: 0, data: "" });
  const upper = tmpfs.mount(kernel, { source: "none", flags: 0, data: "" });
  assert.ok(typeof lower !== "number" && typeof upper !== "number");
  // The tree that both begin with: made on the lower layer itself before it becomes one.
  const below = new FileCaller(kernel, fakeRoot(kernel, { ...tmpfs, mount: () => lower }));
  for (const caller of [plain, below]) {
    const pick = random(seed);
    for (let i = 0; i < 60; i++) step(caller, pick, new Map());
  }
  assert.deepEqual(dump(below), dump(plain), `seed ${seed}: before`);
  const layers = { lower: [lower.root.inode as Inode], upper: upper.root.inode as Inode, marks };
  const merged = new FileCaller(kernel, fakeRoot(kernel, overlay, { host: layers }));
  const picks = [random(seed + 1000), random(seed + 1000)] as const;
  const open = [new Map<number, number>(), new Map<number, number>()] as const;
  for (let i = 0; i < 150; i++) {
    const expected = step(plain, picks[0], open[0]);
    const actual = step(merged, picks[1], open[1]);
    assert.equal(actual, expected, `seed ${seed}, step ${i}`);
    if (i % 25 === 24) assert.deepEqual(dump(merged), dump(plain), `seed ${seed}, after step ${i}`);
  }
}

for (const [name, marks] of [
  ["devices", deviceMarks],
  ["names", nameMarks],
] as const) {
  test(`overlay: random calls, whiteouts by ${name}: nothing tells it from a plain filesystem`, () => {
    const only = Number(process.env.SEED ?? 0);
    if (only) run(marks, only);
    else for (let seed = 1; seed <= Number(process.env.SEEDS ?? 30); seed++) run(marks, seed);
  });
}
