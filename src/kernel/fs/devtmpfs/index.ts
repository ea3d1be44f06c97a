// devtmpfs: a tmpfs with a node for each driver, and the links and directories that programs expect in /dev.
// Linux: drivers/base/devtmpfs.c; the links are udev's
import type { Errno } from "../../../abi/errno.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK } from "../../../abi/flags.ts";
import { type BlockDevice, type CharDevice, makedev } from "../../drivers/table.ts";
import type { Kernel } from "../../kernel.ts";
import { Inode } from "../../vfs/inode.ts";
import type { FileSystem, MountSource, Superblock } from "../../vfs/superblock.ts";
import { tmpfs } from "../tmpfs/tmpfs.ts";

const links: Readonly<Record<string, string>> = {
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
  core: "/proc/kcore",
  ptmx: "pts/ptmx",
  rtc: "rtc0",
};
const directories: Readonly<Record<string, number>> = { pts: 0o755, shm: 0o1777, mqueue: 0o1777 };
/** Debian's group of terminals. */
const TTY_GROUP = 5;

/** Devices that come later get a node, those that go lose it, while the filesystem is mounted. */
function follow(kernel: Kernel, superblock: Superblock, add: (device: CharDevice | BlockDevice) => void): void {
  const { root } = superblock;
  const told = (device: CharDevice | BlockDevice, there: boolean): void => {
    const { name } = device;
    if (name === undefined || name in links) return;
    if (there) add(device);
    else {
      const inode = root.inode!.lookup(name);
      if (inode instanceof Inode && inode.rdev === makedev(device.major, device.minor)) root.inode!.unlink(name, inode);
    }
    root.detach(name);
  };
  kernel.devices.onChange.add(told);
  const unmount = superblock.unmount?.bind(superblock);
  superblock.unmount = () => {
    kernel.devices.onChange.delete(told);
    unmount?.();
  };
}

export const devtmpfs: FileSystem = {
  name: "devtmpfs",
  nodev: true,
  mount(kernel: Kernel, from: MountSource): Superblock | Errno {
    const superblock = tmpfs.mount.call(devtmpfs, kernel, { ...from, data: from.data || "mode=755" });
    if (typeof superblock === "number") return superblock;
    const root = superblock.root.inode!;
    root.uid = root.gid = 0;
    const owner = { uid: 0, gid: 0 };
    const add = (device: CharDevice | BlockDevice): void => {
      const { name, major, minor, mode = 0o600 } = device;
      if (name === undefined || name in links) return;
      const type = "block" in device ? S_IFBLK : S_IFCHR;
      const gid = name === "tty" ? TTY_GROUP : 0;
      root.create(name, { ...owner, gid, mode: type | mode, rdev: makedev(major, minor) });
    };
    for (const device of kernel.devices.all()) add(device);
    follow(kernel, superblock, add);
    for (const [name, mode] of Object.entries(directories)) root.mkdir(name, { ...owner, mode: S_IFDIR | mode });
    for (const [name, target] of Object.entries(links)) root.symlink(name, target, { ...owner, mode: S_IFLNK | 0o777 });
    return superblock;
  },
};
