// Debian's tools for namespaces: unshare, nsenter, lsns, setpriv, mount and pivot_root, ip netns. docs/containers.md
import assert from "node:assert/strict";
import { test } from "node:test";
import { sh, testMachine } from "./machine.ts";

const machine = await testMachine();

test("unshare: root of a user namespace, process 1 of a PID namespace with its own proc", async () => {
  const script = `setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urpf --mount-proc sh -c '
    id -u; echo $$; ps -e -o pid=,comm=; cat /proc/self/uid_map; kill -9 1; echo alive'`;
  const lines = (await sh(machine, script)).split("\n").map((line) => line.trim().replace(/\s+/g, " "));
  assert.deepEqual(lines, ["0", "1", "1 sh", "3 ps", "0 1000 1", "alive", ""]);
});

test("lsns and nsenter: a container is found from outside, and entered", async () => {
  const script = `unshare -Urpunf --mount-proc sh -c 'hostname box; exec sleep 30' & sleep 0.3
    pid=$(lsns -t pid -n -o PID,COMMAND | sed -n 's/^ *\\([0-9]*\\) .*sleep 30$/\\1/p')
    nsenter -t $pid -a sh -c 'hostname; ps -e -o comm='
    kill -9 $pid; hostname`;
  assert.equal(await sh(machine, script), "box\nsleep\nsh\nps\nairside\n");
});

test("pivot_root: a root of one's own, what came from above stays read-only", async () => {
  const script = `setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urmpf sh -c '
    mount -t tmpfs box /mnt && mkdir /mnt/proc /mnt/usr /mnt/old && ln -s usr/bin usr/lib /mnt
    mount --rbind /usr /mnt/usr && mount -o remount,bind,ro /mnt/usr && mount -t proc proc /mnt/proc
    cd /mnt && pivot_root . old && cd / && umount -l /old && rmdir /old
    ls; touch /usr/x 2>&1; touch /y && ls -n /y | cut -d" " -f3,4'`;
  assert.equal(
    await sh(machine, script),
    "bin\nlib\nproc\nusr\ntouch: cannot touch '/usr/x': Read-only file system\n0 0\n",
  );
});

test("ip netns: a network with ports of its own, kept by its file", async () => {
  const listen = `python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 80));
socket.create_connection(("127.0.0.1", 80)); print("connected")'`;
  const script = `ip netns add blue; ip netns exec blue ip link set lo up; ip netns exec blue ip -br addr | tr -s ' '
    ip netns exec blue ${listen}; ip netns list; ip netns del blue; ip netns list; ls /run/netns`;
  assert.equal(await sh(machine, script), "lo UNKNOWN 127.0.0.1/8 ::1/128 \nconnected\nblue\n");
});

test("unshare --time: the boot clock of a time namespace", async () => {
  const days = await sh(machine, "unshare -T --boottime 864000 sh -c 'cut -d. -f1 /proc/uptime'");
  assert.equal(Math.floor(Number(days) / 86400), 10);
});
