import assert from "node:assert/strict";
import { test } from "node:test";
import { errnoName } from "../../../abi/errno.ts";
import { AT_FDCWD, O_RDONLY, O_WRONLY } from "../../../abi/flags.ts";
import type { Host } from "../../../host/host.ts";
import { fromBytes, toBytes } from "../../../lib/byte-string.ts";
import { bootKernel } from "../../boot.ts";
import type { Kernel } from "../../kernel.ts";
import { KernelBuffer } from "../../mm/user.ts";
import { userCred } from "../../security/cred.ts";
import { cloneTask } from "../../task/clone.ts";
import type { Task } from "../../task/task.ts";
import { File } from "../../vfs/file.ts";
import { FOLLOW, walk } from "../../vfs/namei.ts";
import { openPath } from "../../vfs/open.ts";
import { tmpfs } from "../tmpfs/tmpfs.ts";

const host: Host = {
  monotonic: () => 5e9,
  realtime: () => 1_700_000_000_000_000_000n,
  random: (into) => void into.fill(7),
  soon: () => undefined,
  after: () => () => undefined,
};

function boot(): Kernel {
  const root = (kernel: Kernel) => tmpfs.mount(kernel, { source: "root", flags: 0, data: "" });
  return bootKernel({ host, memory: 64 << 20, root, hostname: "test" });
}

const init = (kernel: Kernel): Task => kernel.tasks.init!.leader;

function as<T>(task: Task, work: () => T): T {
  task.kernel.current = task;
  const result = work();
  task.kernel.current = undefined;
  return result;
}

function read(task: Task, path: string): string {
  return as(task, () => {
    const file = openPath(task, AT_FDCWD, path, O_RDONLY);
    if (!(file instanceof File)) return typeof file === "number" ? errnoName(file) : "WAIT";
    const bytes = new Uint8Array(65536);
    let text = "";
    for (;;) {
      const n = file.ops.read?.(file, new KernelBuffer(bytes), text.length) ?? -22;
      if (typeof n !== "number") return "WAIT";
      if (n < 0) return errnoName(n);
      if (n === 0) break;
      text += fromBytes(bytes, 0, n);
    }
    file.unref();
    return text;
  });
}

function write(task: Task, path: string, text: string): number | string {
  return as(task, () => {
    const file = openPath(task, AT_FDCWD, path, O_WRONLY);
    if (!(file instanceof File)) return typeof file === "number" ? errnoName(file) : "WAIT";
    const n = file.ops.write?.(file, new KernelBuffer(toBytes(text)), 0);
    file.unref();
    return typeof n === "number" ? (n < 0 ? errnoName(n) : n) : "WAIT";
  });
}

/** A child of init, with credentials of its own. */
function child(kernel: Kernel, uid: number): Task {
  const options = { flags: 0, exitSignal: 17, stack: 0, tls: 0n, parentTid: 0, childTid: 0 };
  const task = as(init(kernel), () => cloneTask(init(kernel), options as Parameters<typeof cloneTask>[1]));
  assert.ok(typeof task !== "number");
  task.cred = userCred(uid, uid);
  return task;
}

/** All paths below one, links not followed. */
function tree(task: Task, path: string): string[] {
  const place = walk(task, AT_FDCWD, path, 0);
  if (typeof place === "number") return [];
  const inode = place.dentry.inode!;
  if (!inode.isDirectory) return [path];
  const entries = inode.entries();
  return typeof entries === "number" ? [] : entries.flatMap(({ name }) => tree(task, `${path}/${name}`));
}

test("proc: every page of the tree can be read", () => {
  const kernel = boot();
  const task = init(kernel);
  const paths = as(task, () => [...tree(task, "/proc"), ...tree(task, "/sys")]);
  assert.ok(paths.length > 500, String(paths.length));
  for (const path of paths) {
    if (/\/(mem|pagemap|kmsg|clear_refs|sysrq-trigger|duplex|speed|name_assign_type)$/.test(path)) continue;
    const inode = as(task, () => walk(task, AT_FDCWD, path, 0));
    assert.ok(typeof inode !== "number", path);
    if (inode.dentry.inode!.isSymlink) continue;
    assert.doesNotMatch(read(task, path), /^E[A-Z]+$|undefined|NaN|\[object/, path);
  }
});

test("proc: listed numbers are those that stat shows, and no name comes twice", () => {
  const kernel = boot();
  const task = init(kernel);
  for (const path of ["/proc", "/proc/1", "/proc/sys/kernel", "/sys/class/net", "/sys/devices/system/cpu/cpu0"]) {
    as(task, () => {
      const place = walk(task, AT_FDCWD, path, FOLLOW);
      assert.ok(typeof place !== "number", path);
      const entries = place.dentry.inode!.entries();
      assert.ok(typeof entries !== "number");
      assert.equal(new Set(entries.map(({ name }) => name)).size, entries.length);
      for (const { name, ino, type } of entries) {
        const found = walk(task, AT_FDCWD, `${path}/${name}`, 0);
        assert.ok(typeof found !== "number", name);
        assert.equal(found.dentry.inode!.ino, ino, `${path}/${name}`);
        assert.equal(found.dentry.inode!.mode >> 12, type, `${path}/${name}`);
      }
    });
  }
});

test("proc_pid_stat(5): 52 fields; proc_pid_statm(5): 7", () => {
  const kernel = boot();
  const task = init(kernel);
  task.comm = "a) b (c";
  const stat = read(task, "/proc/1/stat");
  assert.match(stat, /^1 \(a\) b \(c\) S 0 1 1 0 -1 /);
  assert.equal(
    stat
      .slice(stat.lastIndexOf(")") + 2)
      .trim()
      .split(" ").length,
    50,
  );
  assert.match(read(task, "/proc/self/statm"), /^(\d+ ){6}\d+\n$/);
});

test("proc: self and thread-self follow who looks", () => {
  const kernel = boot();
  const other = child(kernel, 0);
  assert.match(read(other, "/proc/self/stat"), new RegExp(`^${other.pid} `));
  assert.match(read(init(kernel), "/proc/thread-self/stat"), /^1 /);
});

test("proc: what is private of a process is for its user and for root alone", () => {
  const kernel = boot();
  const mine = child(kernel, 1000);
  const stranger = child(kernel, 1001);
  for (const name of ["environ", "maps", "smaps", "auxv", "io"]) {
    assert.notEqual(read(mine, `/proc/${mine.pid}/${name}`), "EACCES", name);
    assert.equal(read(stranger, `/proc/${mine.pid}/${name}`), "EACCES", name);
    assert.notEqual(read(init(kernel), `/proc/${mine.pid}/${name}`), "EACCES", name);
  }
  assert.equal(read(stranger, `/proc/${mine.pid}/fd/0`), "EACCES");
  assert.match(read(stranger, `/proc/${mine.pid}/status`), /\nUid:\t1000\t1000\t1000\t1000\n/);
  // Addresses tell where to attack: strangers see 1 for the code's, 0 for the others.
  assert.equal(read(stranger, `/proc/${mine.pid}/stat`).split(" ")[27], "0");
});

test("proc_sys(5): tunables take what is in bounds", () => {
  const kernel = boot();
  const task = init(kernel);
  assert.equal(read(task, "/proc/sys/vm/swappiness"), "60\n");
  assert.equal(write(task, "/proc/sys/vm/swappiness", "10\n"), 3);
  assert.equal(read(task, "/proc/sys/vm/swappiness"), "10\n");
  assert.equal(kernel.sysctl.number("vm/swappiness"), 10);
  assert.equal(write(task, "/proc/sys/vm/swappiness", "999\n"), "EINVAL");
  assert.equal(write(task, "/proc/sys/vm/swappiness", "lots\n"), "EINVAL");
  assert.equal(write(task, "/proc/sys/net/ipv4/ip_local_port_range", "1024 65000"), 10);
  assert.equal(read(task, "/proc/sys/net/ipv4/ip_local_port_range"), "1024\t65000\n");
  assert.equal(write(child(kernel, 1000), "/proc/sys/vm/swappiness", "20"), "EACCES");
  assert.equal(write(task, "/proc/sys/kernel/hostname", "other\n"), 6);
  assert.equal(task.uts.hostname, "other");
  assert.equal(read(task, "/proc/sys/kernel/osrelease"), "6.12.0-airside\n");
  assert.equal(write(task, "/proc/sys/vm/nr_hugepages", "8"), 1);
  assert.equal(read(task, "/proc/sys/vm/nr_hugepages"), "0\n");
  assert.equal(write(task, "/proc/sys/kernel/ns_last_pid", "4999"), 4);
  assert.equal(child(kernel, 1000).tid, 5000);
  assert.equal(write(child(kernel, 1000), "/proc/sys/kernel/ns_last_pid", "1"), "EPERM");
  assert.equal(write(task, "/proc/sys/kernel/pid_max", "302"), 3);
  assert.equal(child(kernel, 1000).tid, 300);
  assert.equal(child(kernel, 1000).tid, 301);
  assert.throws(() => child(kernel, 1000)); // EAGAIN
});

test("proc: comm and oom_score_adj can be written", () => {
  const kernel = boot();
  const task = init(kernel);
  assert.equal(write(task, "/proc/self/comm", "a name that is too long\n"), 24);
  assert.equal(task.comm, "a name that is ");
  assert.equal(write(task, "/proc/self/oom_score_adj", "-500"), 4);
  assert.equal(read(task, "/proc/self/oom_score_adj"), "-500\n");
  assert.equal(write(task, "/proc/self/oom_score_adj", "1001"), "EINVAL");
  const user = child(kernel, 1000);
  assert.equal(write(user, "/proc/self/oom_score_adj", "500"), 3);
  assert.equal(write(user, "/proc/self/oom_score_adj", "-500"), "EACCES");
});

test("proc: mounts and mountinfo name what is mounted where", () => {
  const kernel = boot();
  const task = init(kernel);
  assert.match(read(task, "/proc/mounts"), /^proc \/proc proc rw,nosuid,nodev,noexec,relatime 0 0$/m);
  assert.match(
    read(task, "/proc/self/mountinfo"),
    /^\d+ \d+ 0:\d+ \/ \/sys rw,nosuid,nodev,noexec,relatime - sysfs sysfs rw$/m,
  );
});

test("proc: a process that is gone answers ENOENT to open and ESRCH to read", () => {
  const kernel = boot();
  const task = init(kernel);
  const other = child(kernel, 0);
  const file = as(task, () => openPath(task, AT_FDCWD, `/proc/${other.pid}/status`, O_RDONLY));
  assert.ok(file instanceof File);
  kernel.tasks.removeTask(other.tid);
  kernel.tasks.removeGroup(other.pid);
  assert.equal(read(task, `/proc/${other.pid}/status`), "ENOENT");
  assert.equal(file.ops.read!(file, new KernelBuffer(new Uint8Array(100)), 0), -3);
});
