// Kernel modules by Debian's own tools: insmod, rmmod, lsmod, modinfo, depmod, modprobe. The example of modules/ is one
// of them; the others are made here, each to be wrong in its own way.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { appendSignature, readModule, splitSignature, writeModule } from "../src/abi/module.ts";
import { VERMAGIC } from "../src/abi/version.ts";
import { buildModule, generateKey, packModule, readModuleKey, signModule } from "../src/hosts/node/modules.ts";
import { type BootOptions, boot, type Machine } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "airside-modules-"));
// Users inside are others outside.
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true, force: true }));

const mine = generateKey();
const foreign = generateKey();
writeFileSync(join(folder, "key.pub"), mine.open);
const moduleKeys = [readModuleKey(join(folder, "key.pub"))];

const signed = (file: Uint8Array): Uint8Array => signModule(file, mine.secret, "test");
const put = (name: string, file: Uint8Array): void => writeFileSync(join(folder, `${name}.ko`), file);

/** A module of a few words. */
const made = (name: string, body: string, info = ""): Uint8Array =>
  packModule(`exports.info = { name: "${name}", license: "GPL", ${info} };\n${body}`, name);

put("rot13", signed(await buildModule(join(import.meta.dirname, "../modules/rot13/rot13.ts"))));

async function machine(options: BootOptions = {}): Promise<Machine> {
  const it = await boot({
    image: "debian-kmod",
    memory: "256m",
    mounts: [{ host: folder, guest: "/mnt", readOnly: true }],
    moduleKeys,
    ...options,
  });
  it.kernel.log.onConsole = undefined;
  after(() => it.shutdown());
  return it;
}

async function sh(it: Machine, script: string): Promise<string> {
  const { stdout, stderr } = await it.exec(["dash", "-c", script]);
  return stdout + stderr;
}

const logOf = (it: Machine): string => it.kernel.log.records.map(({ text }) => text).join("\n");

describe("the example", () => {
  test("is told by modinfo, loaded with a parameter, seen, used, and removed once nobody has it open", async () => {
    const it = await machine();
    const about = await sh(it, "modinfo /mnt/rot13.ko");
    assert.match(about, /^vermagic: +6\..*\nsig_id: +X509\nsigner: +test\n/m);
    assert.match(about, /^parm: +shift:Letters to move by \(int\)$/m);
    const said = await sh(
      it,
      `insmod /mnt/rot13.ko shift=1 && lsmod && cat /proc/modules && ls -l /dev/rot13
       echo Hello > /dev/rot13; head -c6 /dev/rot13
       cat /sys/class/misc/rot13/dev /sys/dev/char/240:0/dev
       cd /sys/module/rot13; cat initstate refcnt taint version parameters/shift
       echo 13 > parameters/shift; echo Hello > /dev/rot13; head -c6 /dev/rot13
       exec 3</dev/rot13; cat refcnt; rmmod rot13; exec 3<&-; rmmod rot13; cat /proc/modules; ls /dev/rot13`,
    );
    assert.match(said, /^rot13 +\d+ +0$/m);
    assert.match(said, /^rot13 \d+ 0 - Live 0x0000000000000000 \(O\)$/m);
    assert.match(said, /^crw-rw-rw- 1 root root 240, 0 /m);
    assert.match(said, /^Ifmmp\n240:0\n240:0\nlive\n0\nO\n1\.0\n1\nUryyb\n1\n/m);
    assert.match(said, /ERROR: Module rot13 is in use/);
    assert.match(said, /cannot access '\/dev\/rot13'/);
    assert.equal(it.kernel.modules.all.length, 0);
    assert.equal(it.kernel.taints.toString().replaceAll(" ", ""), "Tainted:GO");
  });

  test("a reader waits for a writer, and for poll it is what its queues say", async () => {
    const it = await machine();
    const said = await sh(it, "insmod /mnt/rot13.ko; head -c3 /dev/rot13 & echo abc > /dev/rot13; wait");
    assert.equal(said, "nop");
  });

  test("depmod and modprobe find it; an open of its numbers loads it", async () => {
    const it = await machine();
    const said = await sh(
      it,
      `mkdir -p /lib/modules/$(uname -r)/extra; cp /mnt/rot13.ko /lib/modules/$(uname -r)/extra; depmod -a 2>&-
       modprobe rot13 shift=2; cat /sys/module/rot13/parameters/shift; modprobe -r rot13; cat /proc/modules
       mknod /dev/mine c 240 0; echo abc > /dev/mine; head -c4 /dev/mine; cat /proc/modules`,
    );
    assert.match(said, /^2\nnop\nrot13 /);
  });
});

describe("what is refused", () => {
  const plain = made("plain", "exports.init = () => 0; exports.exit = () => {};");
  const good = signed(plain);
  const { content, signed: signature } = splitSignature(good);
  assert.ok(typeof signature !== "number");
  const altered = good.slice();
  altered[content.length - 80]! ^= 1;
  const other = readModule(plain);
  assert.ok(typeof other !== "number");
  const old = writeModule({
    ...other,
    info: other.info.map(([k, v]) => [k, k === "vermagic" ? v.replace("6.", "5.") : v]),
  });
  const files: [name: string, file: Uint8Array, message: RegExp, log?: RegExp][] = [
    ["unsigned", plain, /Key was rejected by service/, /Loading of unsigned module is rejected/],
    ["foreign", signModule(plain, foreign.secret, "x"), /Key was rejected by service/, /unavailable key is rejected/],
    ["altered", altered, /Key was rejected by service/],
    ["nonsense", appendSignature(plain.subarray(0, 0), signature).subarray(-70), /Bad message/],
    [
      "text",
      signed(new TextEncoder().encode("no module at all, but signed by someone who is trusted to know better")),
      /Invalid module format/,
    ],
    ["old", signed(old), /Invalid module format/, /version magic '5\..*' should be '6\./],
    ["syntax", signed(writeModule({ ...other, code: "exports.init = (" })), /Invalid module format/],
    [
      "missing",
      signed(made("missing", "", "imports: ['nowhere']")),
      /Unknown symbol in module/,
      /Unknown symbol nowhere \(err -2\)/,
    ],
    ["fails", signed(made("fails", "exports.init = () => -19;")), /No such device/],
  ];
  test("each with its own errno, and nothing of it is left", async () => {
    for (const [name, file] of files) put(name, file);
    const it = await machine();
    for (const [name, , message, log] of files) {
      assert.match(await sh(it, `insmod /mnt/${name}.ko`), message, name);
      if (log) assert.match(logOf(it), log);
    }
    put("plain", good);
    assert.equal(await sh(it, "insmod /mnt/plain.ko"), "");
    assert.match(await sh(it, "insmod /mnt/plain.ko"), /File exists/);
    assert.match(await sh(it, "insmod /mnt/rot13.ko shift=many"), /Invalid parameters/);
    assert.match(logOf(it), /rot13: `many' invalid for parameter `shift'/);
    assert.match(await sh(it, "rmmod rot13"), /Module rot13 is not currently loaded/);
    assert.equal(it.kernel.modules.all.length, 1);
    assert.equal(it.kernel.oopses, 0);
  });

  test("everything: to who may not, once modules_disabled is set, and under lockdown what is not signed", async () => {
    put("plain", good);
    put("unsigned", plain);
    const it = await machine({ commandLine: "module.sig_enforce=0" });
    const { stderr } = await it.exec(["insmod", "/mnt/plain.ko"], { user: "1000" });
    assert.match(stderr, /Operation not permitted/);
    assert.equal(
      await sh(it, "cat /sys/module/module/parameters/sig_enforce; echo integrity > /sys/kernel/security/lockdown"),
      "N\n",
    );
    assert.match(await sh(it, "insmod /mnt/unsigned.ko"), /Operation not permitted/);
    assert.match(logOf(it), /Lockdown: insmod: unsigned module loading is restricted/);
    assert.match(await sh(it, "echo none > /sys/kernel/security/lockdown"), /error/);
    assert.equal(await sh(it, "insmod /mnt/plain.ko && rmmod plain"), "");
    await sh(it, "echo 1 > /proc/sys/kernel/modules_disabled");
    assert.match(
      await sh(it, "insmod /mnt/plain.ko; echo 0 > /proc/sys/kernel/modules_disabled"),
      /not permitted\n.*error/,
    );
  });

  test("unless it need not be signed, which taints: (OE), and by force (F)", async () => {
    put("unsigned", plain);
    put("older", old);
    const it = await machine({ commandLine: "module.sig_enforce=0" });
    assert.match(
      await sh(it, "insmod /mnt/unsigned.ko; cat /proc/modules /proc/sys/kernel/tainted"),
      /\(OE\)\n12288\n$/,
    );
    assert.match(
      logOf(it),
      /plain: module verification failed: signature and\/or required key missing - tainting kernel/,
    );
    assert.match(await sh(it, "rmmod plain; insmod -f /mnt/older.ko; cat /sys/module/plain/taint"), /^FOE\n$/);
    assert.match(
      await sh(it, "cd /sys/module/module/parameters; echo Y > sig_enforce; echo N > sig_enforce; cat sig_enforce"),
      /^Y\n.*error/,
    );
    assert.equal(it.kernel.modules.enforceSignatures, true);
  });
});

describe("modules that lean on each other", () => {
  test("symbols, holders, and no removal of what another needs", async () => {
    put(
      "lower",
      signed(
        made(
          "lower",
          "exports.init = () => 0; exports.exit = () => {}; exports.symbols = { lower_add: (a, b) => a + b };",
        ),
      ),
    );
    put(
      "upper",
      signed(
        made(
          "upper",
          "exports.init = (kernel) => { kernel.log(6, 'sum ' + kernel.symbols.lower_add(20, 22)); return 0; }; exports.exit = () => {};",
          "imports: ['lower_add']",
        ),
      ),
    );
    const it = await machine();
    const said = await sh(
      it,
      `mkdir -p /lib/modules/$(uname -r)/extra; cp /mnt/lower.ko /mnt/upper.ko /lib/modules/$(uname -r)/extra; depmod -a 2>&-
       modprobe upper; lsmod; ls /sys/module/lower/holders; rmmod lower; modprobe -r upper; cat /proc/modules`,
    );
    assert.match(said, /^lower +\d+ +1 upper$/m);
    assert.match(said, /^upper\n/m);
    assert.match(said, /Module lower is in use by: upper/);
    assert.match(logOf(it), /upper: sum 42/);
    assert.equal(it.kernel.modules.all.length, 0);
  });

  test("a filesystem comes with the mount that asks for it, and stays as long as it is mounted", async () => {
    put(
      "memos",
      signed(
        made(
          "memos",
          `let text = "empty\\n";
           exports.init = (kernel) => kernel.registerFilesystem({ name: "memos", magic: 0x6e6f7465, rows: [
             kernel.page("note", 0o644, () => text, { write: (_, written) => { text = written; return 0; } }),
             kernel.directory("more", [kernel.link("up", () => "../note")]),
           ] });
           exports.exit = () => {};`,
          "alias: ['fs-memos']",
        ),
      ),
    );
    const it = await machine();
    const said = await sh(
      it,
      `mkdir -p /lib/modules/$(uname -r)/extra /srv; cp /mnt/memos.ko /lib/modules/$(uname -r)/extra; depmod -a 2>&-
       mount -t memos none /srv; cat /srv/note; echo hello > /srv/note; cat /srv/more/up; cat /sys/module/memos/refcnt
       rmmod memos; umount /srv; rmmod memos; cat /proc/filesystems | tail -1; mount -t unheard none /srv`,
    );
    assert.match(said, /^empty\nhello\n1\n/);
    assert.match(said, /Module memos is in use/);
    assert.match(said, /unknown filesystem type 'unheard'/);
    assert.equal(it.kernel.modules.all.length, 0);
  });
});

describe("a module's exception", () => {
  const device = (name: string, ops: string): Uint8Array =>
    signed(
      made(
        name,
        `exports.init = (kernel) => { const queue = kernel.waitQueue();
           return kernel.registerCharDevice({ name: "${name}", major: 241, minor: 0, mode: 0o666, open: () => (${ops}) }); };
         exports.exit = () => {};`,
      ),
    );
  test("kills who was in it, disables the module, and leaves the machine alone", async () => {
    put(
      "bad",
      device(
        "bad",
        "{ stream: true, read: () => queue.nothing.at.all, write: (file, from) => kernel.waitOn(queue, () => kernel.waitOn(queue)) }",
      ),
    );
    const it = await machine();
    const said = await sh(
      it,
      `insmod /mnt/bad.ko; (echo waits > /dev/bad; echo $? waited) & sleep 0.2; exec 3</dev/bad
       (cat /dev/bad); echo $?; wait; cat <&3; ls /dev/bad; cat /proc/modules
       cat /sys/module/bad/initstate; exec 3<&-; rmmod bad; cat /proc/modules; echo on`,
    );
    assert.match(said, /Segmentation fault/);
    assert.match(said, /^139$/m);
    assert.match(said, /^[^0] waited$/m);
    assert.match(said, /cat: -: Input\/output error/);
    assert.match(said, /cannot access '\/dev\/bad'/);
    assert.match(said, /^bad \d+ 1 - Unloading 0x0+ \(O-\)\ngoing\non\n/m);
    const log = logOf(it);
    assert.match(log, /^BUG: TypeError: .*\nOops \[#1\]\nModules linked in: bad\(O\)$/m);
    assert.match(log, /^ .*read \(module:bad:\d+:\d+\)$/m);
    assert.match(log, /bad: disabled after an exception/);
    assert.equal(it.kernel.oopses, 1);
    assert.equal(it.kernel.ended, undefined);
  });

  test("in its init, its exit or a timer of its own is no different, but that a timer kills nobody", async () => {
    put("begins", signed(made("begins", "exports.init = () => { throw new Error('early'); };")));
    put("ends", signed(made("ends", "exports.init = () => 0; exports.exit = () => { throw new Error('late'); };")));
    put(
      "ticks",
      signed(
        made(
          "ticks",
          "exports.init = (kernel) => { kernel.setTimer(1e6, () => { throw new Error('tick'); }); return 0; }; exports.exit = () => {};",
        ),
      ),
    );
    const it = await machine();
    for (const [script, oopses] of [
      ["(insmod /mnt/begins.ko); rmmod begins", 1],
      ["insmod /mnt/ends.ko; (rmmod ends); rmmod ends", 2],
      ["insmod /mnt/ticks.ko; sleep 0.1; rmmod ticks", 3],
    ] as const) {
      await sh(it, script);
      assert.equal(it.kernel.oopses, oopses, script);
      assert.equal(it.kernel.modules.all.length, 0, script);
    }
    assert.equal(await sh(it, "insmod /mnt/rot13.ko && rmmod rot13 && echo on"), "on\n");
  });

  test("what it can reach by name is not the host's", async () => {
    put(
      "looks",
      signed(
        made(
          "looks",
          "exports.init = (kernel) => { kernel.log(6, [typeof process, typeof require, typeof fetch, typeof setTimeout, typeof WebAssembly].join()); return 0; };",
        ),
      ),
    );
    const it = await machine();
    await sh(it, "insmod /mnt/looks.ko");
    assert.match(logOf(it), /looks: undefined,undefined,undefined,undefined,/);
    assert.match(await sh(it, "rmmod looks"), /busy|in use|temporarily unavailable/i);
  });
});

test("files that are damaged anywhere are refused, or read for what they still are", () => {
  const whole = signed(made("whole", "exports.symbols = { a: 1 };", "imports: ['b'], alias: ['c']"));
  // xorshift: the same files each time.
  let state = 0x9e3779b9;
  const random = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  for (let i = 0; i < 20_000; i++) {
    const file = random(4) === 0 ? whole.slice(0, random(whole.length)) : whole.slice();
    for (let n = random(4); n >= 0 && file.length > 0; n--)
      file[random(2) ? random(file.length) : random(64) % file.length] = random(256);
    const { content } = splitSignature(file);
    const module = readModule(content);
    if (typeof module !== "number") assert.ok(module.name.length < 56 && module.info.length < 100);
  }
  assert.match(VERMAGIC, /^6\./);
});
