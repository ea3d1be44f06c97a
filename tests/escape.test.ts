// Attempts to get out of the machine, or of what untrusted code may do, none of which may succeed. SECURITY.md says which
// claim each of them is about. The programs are in tests/escape.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { boot, type Machine, type SpawnOptions } from "../src/index.ts";

const CANARY = "canary-of-the-host";
const compiler = "riscv64-linux-gnu-gcc";
const skip = spawnSync(compiler, ["--version"], { stdio: "ignore" }).error ? `needs ${compiler}` : false;

describe("nothing gets out", { skip }, () => {
  const base = fs.mkdtempSync(join(tmpdir(), "airside-escape-"));
  const at = (...path: string[]): string => join(base, ...path);
  let machine: Machine;
  let attempts = 0;

  before(async () => {
    process.env.AIRSIDE_ESCAPE = CANARY;
    for (const folder of ["share", "fixed", "outside", "programs"]) fs.mkdirSync(at(folder));
    fs.writeFileSync(at("outside/secret"), CANARY, { mode: 0o644 });
    fs.writeFileSync(at("fixed/file"), "fixed");
    fs.symlinkSync(at("outside/secret"), at("share/out-absolute"));
    fs.symlinkSync("../outside/secret", at("share/out-relative"));
    fs.symlinkSync("../outside", at("share/out-directory"));
    for (const name of ["host-folder", "untrusted", "wild", "races"]) {
      const source = new URL(`escape/${name}.c`, import.meta.url).pathname;
      execFileSync(compiler, ["-O1", "-w", "-static", "-pthread", "-o", at("programs", name), source]);
    }
    fs.copyFileSync(at("programs/untrusted"), at("share/suid"));
    fs.chmodSync(at("share/suid"), 0o4755);
    machine = await boot({
      image: "debian",
      memory: "1g",
      keepTranslations: false,
      mounts: [
        { host: at("share"), guest: "/share" },
        { host: at("fixed"), guest: "/fixed", readOnly: true },
        { host: at("programs"), guest: "/programs", readOnly: true },
      ],
    });
  });
  after(async () => {
    await machine.shutdown();
    fs.rmSync(base, { recursive: true, force: true });
  });

  /** Runs a program of attempts: none may say that it has escaped, nor may the kernel have had an exception. */
  async function attempt(argv: string[], options: SpawnOptions = {}): Promise<string[]> {
    const { oopses } = machine.kernel;
    const { stdout, stderr, signal } = await machine.exec(argv, options);
    const lines = stdout.trimEnd().split("\n");
    assert.deepEqual(
      lines.filter((line) => line.startsWith("ESCAPED")),
      [],
    );
    assert.equal(machine.kernel.oopses, oopses, machine.kernel.log.records.map(({ text }) => text).join("\n"));
    assert.equal(signal, undefined, stderr);
    const held = lines.filter((line) => line.startsWith("held"));
    attempts += held.length;
    return held;
  }

  test("a folder of the host can't be left, nor a read-only one changed", async () => {
    const secret = fs.statSync(at("outside/secret"));
    const held = await attempt(["/programs/host-folder", at("outside")]);
    assert.ok(held.length > 70, `${held.length} attempts`);
    assert.equal(fs.readFileSync(at("outside/secret"), "utf8"), CANARY);
    assert.deepEqual(fs.readdirSync(at("outside")), ["secret"]);
    const now = fs.statSync(at("outside/secret"));
    assert.deepEqual([now.mode, now.uid, now.mtimeMs, now.nlink], [secret.mode, secret.uid, secret.mtimeMs, 1]);
    assert.equal(fs.readFileSync(at("fixed/file"), "utf8"), "fixed");
    assert.deepEqual(fs.readdirSync(at("fixed")), ["file"]);
    // What was made as a device inside is none on the host.
    if (fs.existsSync(at("share/device"))) assert.equal(fs.lstatSync(at("share/device")).isCharacterDevice(), false);
  });

  test("code that is not trusted gains nothing and reaches nobody", async () => {
    // Of the same user, with a number that nothing inside has.
    await machine.exec(["sh", "-c", "echo 5000 > /proc/sys/kernel/ns_last_pid"]);
    const outside = await machine.spawn(["sleep", "1000"], { user: "65534:65534" });
    const server = createServer((socket) => socket.destroy());
    let connections = 0;
    server.on("connection", () => connections++);
    server.unref();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const held = await attempt(["/programs/untrusted", String(port), String(outside.pid)], { untrusted: true });
    assert.ok(held.length > 140, `${held.length} attempts`);
    assert.equal(connections, 0);
    server.close();
    outside.kill(9);
    assert.equal((await outside.exited).signal, "SIGKILL");
  });

  test("memory that a second thread changes, descriptors that it closes", async () => {
    const held = await attempt(["/programs/races"], { user: "1000:1000" });
    assert.ok(held.length >= 12, `${held.length} attempts`);
  });

  test("wild values in each argument of each system call", async () => {
    await attempt(["/programs/wild"], { untrusted: true, limits: { cpu: 600 } });
    // Without a filter, as an ordinary user, the calls themselves see them.
    await attempt(["/programs/wild"], { user: "1000:1000" });
    const check = await machine.exec(["sh", "-c", "echo alive"]);
    assert.equal(check.stdout, "alive\n");
  });

  test("there were enough attempts, and the host's secrets are nowhere inside", async () => {
    assert.ok(attempts > 240, `${attempts} attempts`);
    const { stdout } = await machine.exec(["sh", "-c", "cat /proc/*/environ /proc/cmdline /proc/mounts; dmesg; env"]);
    assert.equal(stdout.includes(CANARY), false);
  });
});
