import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ContentWriter } from "../content.ts";
import { MemorySink } from "../memory-sink.ts";
import { inPieces, type MadeEntry, makeTar } from "../tar/make.ts";
import { ImageTree } from "../tree.ts";
import { completeRoot, prepareRoot } from "./base.ts";
import { appletNames } from "./busybox.ts";
import { writeDatabase } from "./database.ts";
import { parseStanzas } from "./deb822.ts";
import { unpackPackage } from "./package.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const hasher = (algorithm: string) => () => {
  const hash = createHash(algorithm);
  return { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest("hex") };
};

const unpack = async (control: readonly MadeEntry[], data: readonly MadeEntry[]) => {
  const tree = new ImageTree();
  const contents = new ContentWriter(new MemorySink(), hasher("sha256"));
  prepareRoot(tree);
  const source = {
    file: "x.deb",
    control: () => inPieces(makeTar(control), 1000),
    data: () => inPieces(makeTar(data), 1000),
  };
  const unpacked = await unpackPackage(tree, contents, source, hasher("md5"));
  const text = (path: string) => {
    const node = tree.find(path);
    return node?.content && new TextDecoder().decode(contents.read(node.content));
  };
  return { tree, contents, unpacked, text };
};

const CONTROL = `Package: libx1
Architecture: riscv64
Multi-Arch: same
Version: 1:2.0-3
Description: an example
 whose text goes on
`;

test("a package's files go through the links of a merged /usr, its control members where dpkg keeps them", async () => {
  const { tree, contents, unpacked, text } = await unpack(
    [
      { name: "./control", bytes: bytesOf(CONTROL) },
      { name: "./conffiles", bytes: bytesOf("/etc/x.conf\nremove-on-upgrade /etc/old\n") },
      { name: "./postinst", bytes: bytesOf("#!/bin/sh\n"), mode: 0o755 },
      {
        name: "./triggers",
        bytes: bytesOf("# none\ninterest-noawait /usr/lib\ninterest cache\nactivate-noawait ldconfig\n"),
      },
    ],
    [
      { name: "./", type: "5", mode: 0o755 },
      { name: "./lib/", type: "5", mode: 0o755 },
      { name: "./lib/libx.so.1", bytes: bytesOf("elf") },
      { name: "./etc/", type: "5", mode: 0o755 },
      { name: "./etc/x.conf", bytes: bytesOf("a=1\n") },
    ],
  );
  writeDatabase(tree, contents, [unpacked], "riscv64");
  assert.equal(text("/usr/lib/libx.so.1"), "elf");
  assert.equal(tree.find("/lib", false)?.target, "usr/lib");
  assert.equal(unpacked.id, "libx1:riscv64");
  assert.equal(text("/var/lib/dpkg/info/libx1:riscv64.list"), "/.\n/lib\n/lib/libx.so.1\n/etc\n/etc/x.conf\n");
  assert.equal(tree.find("/var/lib/dpkg/info/libx1:riscv64.postinst")?.mode, 0o100755);
  assert.equal(tree.find("/var/lib/dpkg/info/libx1:riscv64.control"), undefined);
  assert.equal(text("/var/lib/dpkg/triggers/File"), "/usr/lib libx1:riscv64/noawait\n");
  assert.equal(text("/var/lib/dpkg/triggers/cache"), "libx1:riscv64\n");
  const [status] = parseStanzas(text("/var/lib/dpkg/status") ?? "");
  assert.equal(status?.get("Status"), "install ok unpacked");
  assert.equal(status?.get("Conffiles"), `\n /etc/x.conf ${createHash("md5").update("a=1\n").digest("hex")}`);
  assert.equal(status?.get("Description"), "an example\n whose text goes on");
});

test("a root is usable before any script has run, and what packages bring is not replaced", async () => {
  const { tree, contents, text } = await unpack(
    [{ name: "./control", bytes: bytesOf(CONTROL) }],
    [
      { name: "./etc/hosts", bytes: bytesOf("theirs\n") },
      { name: "./usr/share/base-passwd/passwd.master", bytes: bytesOf("root:*:0:0:root:/root:/bin/bash\n") },
      { name: "./usr/bin/mawk", bytes: bytesOf("elf"), mode: 0o755 },
      { name: "./usr/bin/dash", bytes: bytesOf("elf"), mode: 0o755 },
    ],
  );
  completeRoot(tree, contents);
  assert.equal(text("/etc/hosts"), "theirs\n");
  assert.match(text("/etc/passwd") ?? "", /^root:/);
  assert.equal(text("/bin/awk"), "elf");
  assert.equal(tree.find("/bin/sh", false)?.target, "dash");
  assert.equal(tree.find("/tmp")?.mode, 0o041777);
  assert.equal(tree.find("/root")?.mode, 0o040700);
  assert.equal(tree.find("/dev/null")?.rdev, 0x103);
});

test("what is no package is refused by its name", async () => {
  await assert.rejects(unpack([{ name: "./control", bytes: bytesOf("Nothing: here\n") }], []), {
    fault: "damaged",
    message: "x.deb is no Debian package",
  });
});

test("busybox's names are read from its own table", () => {
  const binary = bytesOf("ELF\u0001[\0[[\0ar\0base64\0zcat\0\0more");
  assert.deepEqual(appletNames(binary), ["[", "[[", "ar", "base64", "zcat"]);
  assert.deepEqual(appletNames(bytesOf("no table")), []);
});
