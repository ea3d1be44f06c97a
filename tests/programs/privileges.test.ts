// Debian's own tools for privileges: capsh, setcap, getcap, getpcaps, setpriv, each against what it does on any Linux.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Machine } from "../../src/index.ts";
import { boot } from "../../src/index.ts";

let machine: Machine;
before(async () => {
  machine = await boot({ image: "debian-test", memory: "1g" });
});
after(() => machine.shutdown());

const sh = async (script: string): Promise<string> => {
  const { stdout, stderr } = await machine.exec(["sh", "-c", script]);
  return `${stdout}${stderr}`.trimEnd();
};
const asUser = "setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all --bounding-set=-sys_admin";

test("setcap, getcap: file capabilities give a program what they say, and a write takes them away", async () => {
  const found = await sh(`cd /tmp; cp /bin/cat reader; echo secret > s; chmod 600 s
    setcap cap_dac_override+ep reader; getcap reader; setcap -v cap_dac_override+ep reader
    su -s /bin/sh nobody -c './reader s'; setpriv --no-new-privs su -s /bin/sh nobody -c './reader s'
    mount -o bind /tmp /mnt && mount -o remount,bind,nosuid /mnt && su -s /bin/sh nobody -c '/mnt/reader /tmp/s'
    setcap -n 1000 cap_kill+i reader; getcap -n reader; echo more >> reader; getcap reader; echo end`);
  assert.deepEqual(
    found.split("\n").filter((line) => line !== "got here"),
    [
      "reader cap_dac_override=ep",
      "reader: OK",
      "secret",
      "reader cap_kill=i [rootid=1000]",
      "end",
      "reader: s: Permission denied",
      "reader: /tmp/s: Permission denied",
    ],
  );
});

test("a program whose file gives effective capabilities that are out of bounds is not run at all", async () => {
  const found = await sh(`cd /tmp; cp /bin/true forced; setcap cap_sys_admin+ep forced; ${asUser} ./forced`);
  assert.match(found, /Operation not permitted/);
});

test("capsh: bounding set, ambient capabilities, secure bits and modes", async () => {
  assert.equal(await sh("capsh --drop=cap_chown -- -c 'grep CapBnd /proc/self/status'"), "CapBnd:\t000001fffffffffe");
  const ambient = "capsh --inh=cap_chown --keep=1 --uid=1000 --caps=cap_chown+eip --addamb=cap_chown --";
  assert.equal(await sh(`touch /tmp/f; ${ambient} -c 'chown 1:1 /tmp/f && stat -c %u:%g /tmp/f'`), "1:1");
  assert.match(await sh("capsh --secbits=0x2f --print"), /secure-noroot: yes \(locked\)/);
  assert.match(await sh("capsh --mode=NOPRIV --print"), /Guessed mode: NOPRIV/);
  assert.match(await sh("capsh --mode=PURE1E_INIT --print"), /Guessed mode: PURE1E_INIT/);
  assert.equal(await sh("capsh --has-p=cap_sys_admin && capsh --supports=cap_bpf && echo both"), "both");
  assert.match(await sh("getpcaps 1"), /^1: =ep$/);
});

test("setpriv: a root that is none, no new privileges, Landlock", async () => {
  const noroot = "setpriv --securebits +noroot,+noroot_locked --bounding-set -all";
  assert.match(
    await sh(`echo x > /tmp/r; chown 5 /tmp/r; chmod 600 /tmp/r; ${noroot} cat /tmp/r`),
    /Permission denied/,
  );
  assert.equal(
    await sh(
      `${asUser} --no-new-privs sh -c 'grep NoNewPrivs /proc/self/status; su -c id root < /dev/null > /dev/null 2>&1; echo $?'`,
    ).then((text) => text.split("\n")[0]),
    "NoNewPrivs:\t1",
  );
  const rules = ["/usr", "/lib", "/etc/hostname"].map(
    (path) => `--landlock-rule path-beneath:execute,read-file:${path}`,
  );
  const landlocked = `setpriv --landlock-access fs ${rules.join(" ")}`;
  assert.equal(await sh(`${landlocked} cat /etc/hostname`), "airside");
  assert.match(await sh(`${landlocked} cat /etc/passwd`), /Permission denied/);
  assert.match(await sh(`${landlocked} touch /tmp/x`), /Permission denied/);
});
