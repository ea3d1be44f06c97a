import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { deviceMarks } from "../../kernel/fs/overlay/marks.ts";
import { tmpfs } from "../../kernel/fs/tmpfs/tmpfs.ts";
import { fakeKernel } from "../../kernel/vfs/caller.fake.ts";
import { Inode } from "../../kernel/vfs/inode.ts";
import { inPieces, makeTar } from "../tar/make.ts";
import { applyLayer, layerArchive, readLayerArchive } from "./archive.ts";

const owner = { uid: 0, gid: 0 };
const made = (inode: Inode | number | undefined): Inode => {
  assert.ok(inode instanceof Inode, String(inode));
  return inode;
};
function emptyRoot(): Inode {
  const superblock = tmpfs.mount(fakeKernel(), { source: "test", flags: 0, data: "" });
  assert.ok(typeof superblock !== "number");
  return superblock.root.inode!;
}
function whole(root: Inode): Uint8Array {
  return new Uint8Array(Buffer.concat(layerArchive(root)));
}
function example(): Inode {
  const root = emptyRoot();
  const etc = made(root.mkdir("etc", { mode: 0o40755, ...owner }));
  const file = made(etc.create("k\xc3\xb6ln", { mode: 0o104711, uid: 3_000_000, gid: 4 }));
  for (const [page, text] of [
    [0, "first"],
    [2, "third"],
  ] as const) {
    const frame = file.pages!.get(page) as number;
    file.pages!.ram.u8.set(new TextEncoder().encode(text), frame);
  }
  file.size = 2 * 4096 + 5;
  file.mtime = 1_700_000_000_123_456_789n;
  file.setxattr("user.note", new TextEncoder().encode("kept"), 0);
  etc.link("twin", file);
  made(root.symlink("n".repeat(120), `etc/${"m".repeat(150)}`, { mode: 0o120777, ...owner }));
  deviceMarks.hide(etc, "passwd");
  deviceMarks.setOpaque(made(root.mkdir("opt", { mode: 0o40755, ...owner })));
  made(root.create("null", { mode: 0o020666, ...owner, rdev: (1 << 8) | 3 }));
  return root;
}

test("a layer goes out as an archive and comes back the same", async () => {
  const root = example();
  const bytes = whole(root);
  const back = emptyRoot();
  applyLayer(back, await readLayerArchive(inPieces(bytes, 1000)));
  assert.deepEqual(whole(back), bytes);
  const etc = made(back.lookup("etc"));
  const file = made(etc.lookup("k\xc3\xb6ln"));
  assert.equal(file, etc.lookup("twin"));
  assert.deepEqual([file.uid, file.mtime, file.size], [3_000_000, 1_700_000_000_123_456_789n, 8197]);
  assert.ok(deviceMarks.hides(etc, "passwd", made(etc.lookup("passwd"))));
  assert.ok(deviceMarks.isOpaque(made(back.lookup("opt"))));
});

test("GNU tar reads it", () => {
  const listed = spawnSync("tar", ["-tvf", "-"], {
    input: whole(example()),
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  assert.equal(listed.status, 0, listed.stderr);
  assert.match(listed.stdout, /^-rws--x--x 3000000\/4 +8197 .* etc\/k\\303\\266ln$/m);
  assert.match(listed.stdout, /^-rw------- .* etc\/\.wh\.passwd$/m);
  assert.match(listed.stdout, /^crw-rw-rw- .* 1,3 .* null$/m);
});

test("archives that lead outside, or link to nothing, are refused", async () => {
  const refused = async (entries: Parameters<typeof makeTar>[0], fault: string): Promise<void> => {
    const entriesRead = readLayerArchive(inPieces(makeTar(entries), 512));
    await assert.rejects(async () => applyLayer(emptyRoot(), await entriesRead), { fault });
  };
  await refused([{ name: "../x", bytes: new Uint8Array(1) }], "hostile");
  await refused([{ name: "a", type: "1", link: "nothing" }], "damaged");
  await refused(
    [
      { name: "a", bytes: new Uint8Array(1) },
      { name: "a/b", bytes: new Uint8Array(1) },
    ],
    "damaged",
  );
});
