// Booting: a kernel with its filesystems mounted and its init in place, ready to spawn processes. What is mounted where
// is Linux's usual layout; the root comes from the host (an image below, memory above).
import { ENOMEM, type Errno, errnoName } from "../abi/errno.ts";
import { AT_FDCWD, O_RDWR } from "../abi/flags.ts";
import { MS_NODEV, MS_NOEXEC, MS_NOSUID } from "../abi/mount.ts";
import type { Console, Host } from "../host/host.ts";
import { Context } from "../machine/hart.ts";
import { Ram } from "../machine/ram.ts";
import { applyCommandLine, CommandLine } from "./command-line.ts";
import type { Disk } from "./drivers/disk.ts";
import { registerDrivers } from "./drivers/index.ts";
import { cgroup2 } from "./fs/cgroup2/index.ts";
import { debugfs } from "./fs/debugfs/index.ts";
import { devpts } from "./fs/devpts/index.ts";
import { devtmpfs } from "./fs/devtmpfs/index.ts";
import { hostfs } from "./fs/hostfs/index.ts";
import { imagefs } from "./fs/imagefs/index.ts";
import { mqueue } from "./fs/mqueue/index.ts";
import { overlay } from "./fs/overlay/index.ts";
import { proc } from "./fs/proc/index.ts";
import { securityfs } from "./fs/securityfs/index.ts";
import { sysfs } from "./fs/sysfs/index.ts";
import { tmpfs } from "./fs/tmpfs/tmpfs.ts";
import { Kernel } from "./kernel.ts";
import { AddressSpace } from "./mm/address-space.ts";
import type { ModuleKey } from "./module/modules.ts";
import { requestModule } from "./module/request.ts";
import { Nsproxy } from "./namespace/nsproxy.ts";
import { TimeNamespace } from "./namespace/time.ts";
import { UtsNamespace } from "./namespace/uts.ts";
import { openFifo } from "./pipe/fifo.ts";
import { Entity } from "./sched/entity.ts";
import { userCred } from "./security/cred.ts";
import { SignalHandlers } from "./signal/handlers.ts";
import { systemCalls } from "./syscalls/index.ts";
import { addSwap } from "./syscalls/swap.ts";
import { FdTable } from "./task/fd-table.ts";
import { FsContext } from "./task/fs-context.ts";
import { Task } from "./task/task.ts";
import { initialRlimits, ThreadGroup } from "./task/thread-group.ts";
import { File } from "./vfs/file.ts";
import { type Mount, MountNamespace, Path } from "./vfs/mount.ts";
import { attachMount, mountFilesystem } from "./vfs/mount-tree.ts";
import { FOLLOW, walk } from "./vfs/namei.ts";
import { openPath } from "./vfs/open.ts";
import type { FileSystem, Superblock } from "./vfs/superblock.ts";

const filesystems: readonly FileSystem[] = [
  tmpfs,
  proc,
  sysfs,
  cgroup2,
  debugfs,
  securityfs,
  devtmpfs,
  devpts,
  mqueue,
  overlay,
  imagefs,
  hostfs,
];

export interface KernelOptions {
  host: Host;
  /** Bytes of guest memory, at most. */
  memory: number;
  /** Makes the root filesystem's superblock. */
  root: (kernel: Kernel) => Superblock | Errno;
  hostname: string;
  /** Whose modules may be loaded. */
  moduleKeys?: readonly ModuleKey[];
  /** Words for the kernel's command line, behind its own. */
  commandLine?: string;
  console?: Console;
  /** Becomes swap from the start, as /dev/vda. */
  swap?: Disk;
}

/** Boots. A failure here is the host's or a bug: it throws with a line that says what failed. */
export function bootKernel(options: KernelOptions): Kernel {
  const { host } = options;
  const ram = new Ram({ maximum: options.memory });
  const kernel = new Kernel({ host, ram, syscalls: systemCalls() });
  kernel.vfs.requestModule = (alias, then) => requestModule(kernel, alias, then);
  kernel.modules.keys = options.moduleKeys ?? [];
  if (options.commandLine) kernel.commandLine = new CommandLine(`${kernel.commandLine.text} ${options.commandLine}`);
  kernel.vfs.openFifo = (file) => openFifo(kernel, file);
  for (const filesystem of filesystems) kernel.vfs.filesystems.set(filesystem.name, filesystem);
  registerDrivers(kernel, {
    ...(options.console ? { console: options.console } : {}),
    ...(options.swap ? { disks: [options.swap] } : {}),
  });
  const root = required(options.root(kernel), "mount the root filesystem");
  const mount = mountFilesystem(kernel, root, 0);
  const mounts = new MountNamespace(1, mount);
  const init = makeInit(kernel, mounts, new Path(mount, root.root), options.hostname);
  mountAt(init, "proc", "/proc", "proc", "", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mountAt(init, "sysfs", "/sys", "sysfs", "", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mountAt(
    init,
    "cgroup2",
    "/sys/fs/cgroup",
    "cgroup2",
    "nsdelegate,memory_recursiveprot",
    MS_NOSUID | MS_NODEV | MS_NOEXEC,
  );
  // What systemd does first: every controller is there for the groups that are made.
  const { cgroups } = kernel;
  cgroups.control(cgroups.root, cgroups.controllers.map(({ name }) => `+${name}`).join(" "));
  mountAt(init, "securityfs", "/sys/kernel/security", "securityfs", "", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mountAt(init, "debugfs", "/sys/kernel/debug", "debugfs", "", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mountAt(init, "devtmpfs", "/dev", "udev", "mode=755", MS_NOSUID);
  mountAt(init, "devpts", "/dev/pts", "devpts", "gid=5,mode=620,ptmxmode=666", MS_NOSUID | MS_NOEXEC);
  mountAt(init, "tmpfs", "/dev/shm", "tmpfs", "mode=1777", MS_NOSUID | MS_NODEV);
  mountAt(init, "tmpfs", "/run", "tmpfs", "mode=755", MS_NOSUID | MS_NODEV);
  applyCommandLine(kernel);
  if (options.swap) swapOn(init, options.swap);
  return kernel;
}

/** A disk that is swap from the start, with the header that mkswap(8) would write. */
function swapOn(init: Task, disk: Disk): void {
  const device = `/dev/${disk.name}`;
  const file = required(openPath(init, AT_FDCWD, device, O_RDWR), `open ${device}`);
  if (file instanceof File) required(addSwap(init, file, disk.size), `swap to ${device}`);
}

function required<T>(value: T | Errno, what: string): T {
  if (typeof value === "number" && value < 0) throw new Error(`can't ${what}: ${errnoName(value)}`);
  return value as T;
}

/** Mounts a filesystem on a directory, which is made if it is missing and can be. */
export function mountAt(
  task: Task,
  type: string,
  target: string,
  source: string,
  data: string,
  flags: number,
  host?: unknown,
): Mount {
  const { kernel } = task;
  let place = walk(task, AT_FDCWD, target, FOLLOW);
  if (typeof place === "number") {
    const slash = target.lastIndexOf("/");
    const parent = required(walk(task, AT_FDCWD, target.slice(0, slash) || "/", FOLLOW), `find ${target}`);
    const creation = { mode: 0o040755, uid: 0, gid: 0 };
    required(parent.dentry.inode!.mkdir(target.slice(slash + 1), creation), `make ${target}`);
    parent.dentry.detach(target.slice(slash + 1));
    place = required(walk(task, AT_FDCWD, target, FOLLOW), `find ${target}`);
  }
  const filesystem = kernel.vfs.filesystems.get(type)!;
  const superblock = required(filesystem.mount(kernel, { source, flags, data, host }), `mount ${type} on ${target}`);
  const mount = mountFilesystem(kernel, superblock, flags);
  attachMount(task.mounts, mount, place);
  return mount;
}

function firstNamespaces(kernel: Kernel, mounts: MountNamespace, hostname: string): Nsproxy {
  const { ipc, net, pidNamespace } = kernel;
  const time = new TimeNamespace();
  return new Nsproxy({
    mounts,
    uts: new UtsNamespace(hostname),
    ipc,
    net,
    cgroup: kernel.cgroups.namespace,
    time,
    timeForChildren: time,
    pidForChildren: pidNamespace,
  });
}

/** The first process: the kernel's own. It runs nothing, adopts orphans and lets them go. */
function makeInit(kernel: Kernel, mounts: MountNamespace, root: Path, hostname: string): Task {
  const pid = kernel.tasks.allocate();
  const group = new ThreadGroup(kernel.pidNamespace, pid, pid, pid, new SignalHandlers(), initialRlimits());
  const context = required(Context.create(kernel.ram) ?? ENOMEM, "make the first process");
  const task = new Task({
    kernel,
    tid: pid,
    group,
    context,
    mm: required(AddressSpace.create(kernel) ?? ENOMEM, "make the first process"),
    files: new FdTable(),
    fs: new FsContext(root, root, 0o022),
    cred: userCred(0, 0),
    nsproxy: firstNamespaces(kernel, mounts, hostname),
    entity: new Entity(),
  });
  task.comm = "init";
  task.state = "S";
  group.leader = task;
  group.threads.add(task);
  group.reapsItself = true;
  group.unkillable = true;
  kernel.tasks.add(task);
  kernel.tasks.init = kernel.pidNamespace.init = group;
  return task;
}
