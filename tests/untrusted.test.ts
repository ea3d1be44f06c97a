// What `untrusted` promises: who the code is, what it sees, what it may use; and docker's options for less than that.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boot, type Machine, type SpawnOptions } from "../src/index.ts";

let machine: Machine;
before(async () => {
  machine = await boot({ image: "debian", memory: "1g", keepTranslations: false });
});
after(() => machine.shutdown());

const sh = (script: string, options: SpawnOptions = {}) =>
  machine.exec(["sh", "-c", script], { untrusted: true, ...options });
const lines = async (script: string, options: SpawnOptions = {}): Promise<string[]> =>
  (await sh(script, options)).stdout.trimEnd().split("\n");

test("untrusted: nobody, without capabilities or a way to any", async () => {
  assert.deepEqual(await lines("id -u; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr -d '\\t'"), [
    "65534",
    ...["Inh", "Prm", "Eff", "Bnd", "Amb"].map((set) => `Cap${set}:0000000000000000`),
    "NoNewPrivs:1",
    "Seccomp:2",
  ]);
  await assert.rejects(sh("id", { user: "root" }), /can't be run as root/);
  assert.deepEqual(await lines("id -u", { user: "1000" }), ["1000"]);
});

test("untrusted: the image is read-only; scratch space is its own, and small", async () => {
  const script = `
    for place in / /etc /usr/bin /root /run /dev /sys /proc; do touch $place/x 2>/dev/null && echo $place; done
    for place in /tmp /var/tmp /dev/shm; do touch $place/mine && echo $place; done
    dd if=/dev/zero of=/tmp/big bs=1M count=100 2>&1 | grep -o 'File too large\\|No space left'
    cat /dev/zero > /tmp/more 2>&1; cat /dev/zero > /tmp/again 2>&1; df -k --output=size /tmp | tail -1`;
  const found = await lines(script);
  assert.deepEqual(found.slice(0, 3), ["/tmp", "/var/tmp", "/dev/shm"]);
  assert.equal(found.at(-1)!.trim(), "65536");
  assert.deepEqual(await lines("ls /tmp /dev/shm | grep mine; echo none"), ["none"]);
  assert.equal(machine.fs.exists("/tmp/mine"), false);
});

test("untrusted: other processes can be neither seen, signalled nor traced", async () => {
  await machine.exec(["sh", "-c", "echo 5000 > /proc/sys/kernel/ns_last_pid"]);
  const other = await machine.spawn(["sleep", "100"], { user: "65534:65534" });
  const found = await sh(`
    ls /proc | grep -c '^${other.pid}$'; kill -0 ${other.pid} 2>&1; cat /proc/${other.pid}/environ 2>&1
    python3 -c 'import os
for pid in range(2, 6000):
  if pid in (os.getpid(), os.getppid()): continue
  try: os.kill(pid, 0); print("can signal", pid)
  except OSError as e: pass'`);
  assert.match(found.stdout, /^0\n/);
  assert.doesNotMatch(found.stdout, /can signal/);
  assert.match(found.stdout, /No such file/);
  other.kill(9);
  assert.equal((await other.exited).signal, "SIGKILL");
});

test("untrusted: no network but its own", async () => {
  assert.deepEqual(
    await lines(`python3 -c 'import socket, errno
for family, address in ((socket.AF_INET, ("8.8.8.8", 53)), (socket.AF_INET6, ("2001:4860:4860::8888", 53))):
  s = socket.socket(family, socket.SOCK_DGRAM)
  try: s.connect(address); print("connected")
  except OSError as e: print(errno.errorcode[e.errno])
for family in (40, 38, 17):
  try: socket.socket(family, socket.SOCK_STREAM); print("made")
  except OSError as e: print(errno.errorcode[e.errno])'`),
    ["ENETUNREACH", "ENETUNREACH", "EPERM", "EPERM", "EPERM"],
  );
});

test("untrusted: what would change the machine is refused", async () => {
  const found = await sh(`
    mount -t tmpfs none /tmp; umount /tmp; unshare -U true; unshare -n true; chroot / true; hostname x
    dmesg; date -s 2000-01-01; echo 1 > /proc/sys/vm/drop_caches; renice -n -5 $$; exec 2>&1
    setpriv --reuid 0 true; nsenter -t 1 -m true; ulimit -n 100000`);
  assert.equal(found.stderr.trimEnd().split("\n").length >= 9, true, found.stderr);
  assert.doesNotMatch(found.stderr, /not found/);
});

test("untrusted: limits bite, and others may be given", async () => {
  assert.deepEqual(await lines("ulimit -n; ulimit -f; ulimit -c; ulimit -t"), ["256", "131072", "0", "60"]);
  assert.deepEqual(await lines("ulimit -n", { limits: { ulimits: { nofile: 99 } } }), ["99"]);
  const bomb = await sh("i=0; while sleep 50 & do i=$((i+1)); [ $i -gt 200 ] && break; done; echo $i");
  assert.match(bomb.stderr, /Cannot fork|Resource temporarily unavailable/);
  const hog = await machine.exec(["python3", "-c", "x = bytearray(900 << 20)\nprint('had it')"], { untrusted: true });
  assert.equal(hog.stdout, "");
  const flood = await machine.exec(["sh", "-c", "yes | head -c 3000000; echo $? >&2"], {
    untrusted: true,
    limits: { output: "1m" },
  });
  assert.equal(flood.stdout.length, 1 << 20);
});

test("a machine for untrusted code makes it the default", async () => {
  const strict = await boot({ image: "debian", memory: "512m", untrusted: true, keepTranslations: false });
  assert.equal((await strict.exec(["id", "-u"])).stdout, "65534\n");
  assert.equal((await strict.exec(["id", "-u"], { untrusted: false })).stdout, "0\n");
  await strict.shutdown();
});

test("capDrop, capAdd, noNewPrivileges, network: docker's options by themselves", async () => {
  const caps = (options: SpawnOptions) =>
    lines("grep -E 'Cap(Eff|Bnd)|NoNew' /proc/self/status | tr -d '\\t'", { untrusted: false, ...options });
  assert.deepEqual(await caps({ privileges: { capDrop: ["ALL"], capAdd: ["NET_BIND_SERVICE", "cap_chown"] } }), [
    "CapEff:0000000000000401",
    "CapBnd:0000000000000401",
    "NoNewPrivs:0",
  ]);
  assert.deepEqual(await caps({ privileges: { capDrop: ["sys_admin"], noNewPrivileges: true } }), [
    "CapEff:000001ffffdfffff",
    "CapBnd:000001ffffdfffff",
    "NoNewPrivs:1",
  ]);
  await assert.rejects(sh("true", { untrusted: false, privileges: { capAdd: ["FLY"] } }), /no such capability: FLY/);
  const seccomp = JSON.stringify({
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: ["mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38 }],
  });
  const refused = await sh("mkdir /tmp/d", { untrusted: false, privileges: { seccomp } });
  assert.match(refused.stderr, /Function not implemented/);
  const logged = JSON.stringify({
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: ["mkdirat"], action: "SCMP_ACT_LOG" }],
  });
  assert.equal((await sh("mkdir /tmp/logged", { untrusted: false, privileges: { seccomp: logged } })).code, 0);
  const record = machine.kernel.log.records.find(({ text }) => text.startsWith("audit: type=1326"));
  assert.match(
    record!.text,
    /^audit: type=1326 audit\(\d+\.\d{3}:1\): auid=4294967295 uid=0 gid=0 ses=4294967295 pid=\d+ comm="mkdir" exe="\/usr\/bin\/mkdir" sig=0 arch=c00000f3 syscall=34 compat=0 ip=0x[0-9a-f]+ code=0x7ffc0000$/,
  );
  const alone = await lines("ls /sys/class/net | tr '\\n' ' '; cat /proc/net/dev | tail -n +3 | wc -l", {
    untrusted: false,
    network: "none",
  });
  assert.equal(alone.at(-1)!.trim().split(" ").at(-1), "1");
});
