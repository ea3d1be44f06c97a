// busybox is one program that acts by the name it is called by; its names are links that its package leaves to be made.
import type { ContentWriter } from "../content.ts";
import type { ImageTree } from "../tree.ts";

const BUSYBOX = "/usr/bin/busybox";

// Applets that belong to the administrator's path.
const SBIN = new Set(
  (
    "acpid adjtimex arp blkdiscard blkid blockdev brctl chroot depmod devmem dhcprelay dnsd fdisk freeramdisk fsfreeze fstrim " +
    "getty halt httpd hwclock ifconfig ifdown ifup init insmod ip klogd loadkmap logread losetup lsmod mdev mke2fs mkfs.ext2 " +
    "mkswap modinfo modprobe nameif nologin partprobe pivot_root poweroff reboot rmmod route runlevel start-stop-daemon " +
    "sulogin svc svok swapoff swapon switch_root sysctl syslogd tc tunctl ubirename udhcpc udhcpd uevent vconfig watchdog"
  ).split(" "),
);

/** The names of its applets: a table in the binary, sorted and zero-separated, that begins with "[" and "[[". */
export const appletNames = (binary: Uint8Array): string[] => {
  const start = indexOf(binary, [0x5b, 0, 0x5b, 0x5b, 0]);
  if (start < 0) return [];
  const end = indexOf(binary, [0, 0], start);
  const names = new TextDecoder().decode(binary.subarray(start, end)).split("\0");
  return names.filter((name) => /^[a-z0-9[][a-z0-9._[-]*$/.test(name));
};

const indexOf = (bytes: Uint8Array, wanted: readonly number[], from = 0): number => {
  for (let at = bytes.indexOf(wanted[0]!, from); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1))
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  return -1;
};

/** Gives busybox its names wherever nothing better has them. */
export const linkApplets = (tree: ImageTree, contents: ContentWriter): void => {
  const busybox = tree.find(BUSYBOX);
  if (!busybox?.content) return;
  for (const name of appletNames(contents.read(busybox.content))) {
    const path = SBIN.has(name) ? `/usr/sbin/${name}` : `/usr/bin/${name}`;
    if (!tree.find(path, false)) tree.symlink(path, SBIN.has(name) ? "../bin/busybox" : "busybox");
  }
};
