import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { DebianAbout } from "../../../images/debian/database.ts";
import { countSetUp, lastSetUp, scriptFailures, secondStageScript } from "../../../images/debian/second-stage.ts";
import { ImageIndex } from "../../../kernel/fs/imagefs/format.ts";
import { imagefs } from "../../../kernel/fs/imagefs/index.ts";
import { overlay } from "../../../kernel/fs/overlay/index.ts";
import { tmpfs } from "../../../kernel/fs/tmpfs/tmpfs.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import { fakeKernel } from "../../../kernel/vfs/caller.fake.ts";
import type { Inode } from "../../../kernel/vfs/inode.ts";
import type { FileSystem } from "../../../kernel/vfs/superblock.ts";
import { ImageCache } from "./cache.ts";
import { type BootForConfiguring, configureImage } from "./configure.ts";
import { type OpenImage, openImage } from "./open.ts";
import { silent } from "./progress.ts";
import { createImage } from "./write.ts";

let folder = "";
let cache: ImageCache;
before(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "airside-configure-"));
  cache = new ImageCache(folder);
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const ABOUT: DebianAbout = {
  kind: "debian",
  architecture: "riscv64",
  mirror: "http://mirror.example/debian",
  suite: "trixie",
  debian: "13",
  released: "",
  requested: ["x"],
  configured: false,
  provisional: ["/etc/stand in"],
  packages: [{ name: "x", version: "1", architecture: "riscv64" }],
};

const unconfigured = () =>
  createImage(cache, "x", (tree, contents) => {
    tree.file("/etc/kept", { mode: 0o644, uid: 0, gid: 0, mtimeSec: 9 }, contents.putText("kept"));
    tree.directory("/tmp", { mode: 0o1777, uid: 0, gid: 0, mtimeSec: 9 });
    return Promise.resolve(ABOUT);
  });

const mounted = (kernel: Kernel, filesystem: FileSystem, host?: unknown): Inode => {
  const superblock = filesystem.mount(kernel, { source: "test", flags: 0, data: "", host });
  assert.ok(typeof superblock !== "number");
  return superblock.root.inode!;
};

/** A machine in which "the scripts" are `act` on the root, with this exit code and output. */
const pretending =
  (code: number, output: string, act: (root: Inode) => void): BootForConfiguring =>
  (image: OpenImage) => {
    const kernel = fakeKernel();
    const root = mounted(kernel, overlay, { lower: [mounted(kernel, imagefs, image)], upper: mounted(kernel, tmpfs) });
    return Promise.resolve({
      root,
      run: (command, { onOutput }) => {
        assert.deepEqual(command.slice(0, 2), ["/bin/sh", "-c"]);
        assert.match(command[2] ?? "", /rm -f '\/etc\/stand in'\n/);
        act(root);
        onOutput(output);
        return Promise.resolve({ code, output });
      },
      shutdown: () => undefined,
    });
  };

const aboutOf = (): DebianAbout => {
  const { index, close } = openImage(cache, "x");
  close();
  return JSON.parse(index.about()) as DebianAbout;
};

test("what the scripts left becomes the image, and scripts that failed are named with their reason", async () => {
  await unconfigured();
  const output = `Setting up x (1) ...
dpkg: error processing package x (--configure):
 installed x package post-installation script subprocess returned error exit status 38
`;
  const boot = pretending(1, output, (root) => {
    const etc = root.lookup("etc") as Inode;
    assert.ok(typeof etc.create("made", { mode: 0o100600, uid: 0, gid: 0 }) !== "number");
    const tmp = root.lookup("tmp") as Inode;
    assert.ok(typeof tmp.create("litter", { mode: 0o100600, uid: 0, gid: 0 }) !== "number");
  });
  const { id, failures } = await configureImage(cache, "x", boot, silent);
  assert.deepEqual(failures, [
    { package: "x", reason: "installed x package post-installation script subprocess returned error exit status 38" },
  ]);
  const image = openImage(cache, "x");
  assert.equal(image.id, id);
  const { index } = image;
  const etc = index.lookup(ImageIndex.ROOT, "etc");
  assert.deepEqual(
    [...index.children(etc)].map(({ name }) => name),
    ["kept", "made"],
  );
  assert.equal(index.childCount(index.lookup(ImageIndex.ROOT, "tmp")), 0);
  assert.deepEqual([aboutOf().configured, aboutOf().failures], [true, failures]);
  image.close();
  assert.equal(fs.readdirSync(cache.path("store")).length, 1);
});

test("a machine that fails leaves the image as it was; a configured one is not configured again", async () => {
  const before = await unconfigured();
  const broken: BootForConfiguring = (image) =>
    pretending(0, "", () => {
      throw new Error("the machine stopped");
    })(image);
  await assert.rejects(configureImage(cache, "x", broken, silent), /the machine stopped/);
  assert.equal(cache.reference("x")?.id, before);
  await configureImage(
    cache,
    "x",
    pretending(0, "Setting up x (1) ...\n", () => undefined),
    silent,
  );
  const again = await configureImage(cache, "x", broken, silent);
  assert.equal(again.id, cache.reference("x")?.id);
});

test("dpkg's output tells how far it is and what failed", () => {
  const output = "Setting up a (1) ...\nnoise Setting up\nSetting up b:riscv64 (2) ...\n";
  assert.deepEqual([countSetUp(output), lastSetUp(output), lastSetUp("")], [2, "b:riscv64", ""]);
  assert.deepEqual(scriptFailures("dpkg: error processing package p (preinst): exit status 2\n"), [
    { package: "p", reason: "exit status 2" },
  ]);
  assert.match(secondStageScript(["/it's"]), /rm -f '\/it'\\''s'/);
});
