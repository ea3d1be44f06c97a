// The embedding API on Node.js: boots a machine on an image of the user's cache. What a machine can do is in embed/.

import * as fs from "node:fs";
import { basename, resolve } from "node:path";
import { type Errno, errnoName } from "./abi/errno.ts";
import { MS_RDONLY } from "./abi/mount.ts";
import { Machine } from "./embed/machine.ts";
import { parseSize } from "./embed/size.ts";
import type { Console } from "./host/host.ts";
import { seededRandom } from "./host/seeded.ts";
import { temporaryDisk } from "./hosts/node/disk.ts";
import { openFolder } from "./hosts/node/folder.ts";
import { nodeHost } from "./hosts/node/host.ts";
import { openOrBuildImage } from "./hosts/node/images/ensure.ts";
import type { OpenImage } from "./hosts/node/images/open.ts";
import { type Progress, silent } from "./hosts/node/images/progress.ts";
import { keep, useKept } from "./hosts/node/translations.ts";
import { bootKernel, mountAt } from "./kernel/boot.ts";
import type { CrashReport } from "./kernel/crash/report.ts";
import type { HostFolder } from "./kernel/fs/hostfs/host-folder.ts";
import { hostfs } from "./kernel/fs/hostfs/index.ts";
import { imagefs } from "./kernel/fs/imagefs/index.ts";
import { overlay } from "./kernel/fs/overlay/index.ts";
import { tmpfs } from "./kernel/fs/tmpfs/tmpfs.ts";
import type { Kernel } from "./kernel/kernel.ts";
import type { ModuleKey } from "./kernel/module/modules.ts";
import type { Superblock } from "./kernel/vfs/superblock.ts";
import { fromText } from "./lib/byte-string.ts";

export type { DeviceRates, GroupLimits } from "./embed/cgroup-limits.ts";
export { FileError, type FileStatus } from "./embed/files.ts";
export type { Limits, UlimitName } from "./embed/limits.ts";
export { type Exit, Machine, Process, SpawnError, type SpawnOptions } from "./embed/machine.ts";
export type { Privileges } from "./embed/privileges.ts";
export { InputStream, OutputStream } from "./embed/streams.ts";
export type { ByteSink, ByteSource, Console } from "./host/host.ts";
export { ImageError } from "./images/error.ts";
export type { Ended } from "./kernel/crash/ended.ts";
export type { CrashReport } from "./kernel/crash/report.ts";
export type { ModuleKernel } from "./kernel/module/api.ts";
export type { ModuleCode } from "./kernel/module/module.ts";
export type { ModuleKey } from "./kernel/module/modules.ts";

/** A folder of the host inside the guest. */
export interface FolderMount {
  host: string;
  guest: string;
  readOnly?: boolean;
}

export interface BootOptions {
  /** Name of an image in the cache, an opened one, or a folder of the host (a path with a slash) as the root. Default "debian". */
  image?: string | OpenImage;
  /** Guest memory at most: bytes or "512m", "1g". Default "2g". */
  memory?: number | string;
  /** Swap, in a file of the host that goes with the machine: bytes or "1g", at most 4g. Default none. */
  swap?: number | string;
  hostname?: string;
  mounts?: readonly FolderMount[];
  /** The root may not be written. */
  readOnly?: boolean;
  /** What is spawned in it is not trusted, unless `spawn` says otherwise. SECURITY.md */
  untrusted?: boolean;
  /** The terminal outside, for processes spawned with `tty`. */
  console?: Console;
  /** Environment of every process. */
  env?: Record<string, string>;
  /** Random numbers that are the same in each machine with this seed: for runs that are to be compared. Not for secrets. */
  seed?: number;
  /** Keeps what was translated for the next machine with this image, in the cache folder. Default true. */
  keepTranslations?: boolean;
  /** Words for the kernel's command line, behind its own: "panic=10 lockdown=integrity". docs/kernel-parameters.md */
  commandLine?: string;
  /** Whose kernel modules may be loaded: names, for people, and Ed25519 public keys of 32 bytes. docs/modules.md */
  moduleKeys?: readonly ModuleKey[];
  /** Told of a panic, and of an oops: an exception in the kernel that it has survived. */
  onCrash?: (report: CrashReport) => void;
  /** Told what building an image does. */
  progress?: Progress;
}

/** Boots a machine. Rejects with an ImageError, a RangeError or an Error whose message is one plain line. */
export async function boot(options: BootOptions = {}): Promise<Machine> {
  const memory = parseSize(options.memory ?? "2g");
  const { image = "debian" } = options;
  const mounts = (options.mounts ?? []).map(checkedMount);
  const asFolder = typeof image === "string" && image.includes("/");
  const opened = asFolder
    ? undefined
    : typeof image === "string"
      ? await openOrBuildImage(image, options.progress ?? silent)
      : image;
  const kernel = bootKernel({
    host: options.seed === undefined ? nodeHost : { ...nodeHost, random: seededRandom(options.seed) },
    memory,
    ...(options.swap ? { swap: temporaryDisk("vda", parseSize(options.swap)) } : {}),
    hostname: fromText(options.hostname ?? "airside"),
    moduleKeys: options.moduleKeys ?? [],
    ...(options.commandLine === undefined ? {} : { commandLine: fromText(options.commandLine) }),
    root: (made) => {
      const lower = opened ? imageLayer(made, opened) : folderLayer(made, image as string);
      return typeof lower === "number" || options.readOnly ? lower : writable(made, lower);
    },
    ...(options.console ? { console: options.console } : {}),
  });
  if (options.onCrash) kernel.onCrash = options.onCrash;
  const keptAs = typeof image === "string" && !asFolder ? image : "folder";
  if (options.keepTranslations ?? true) useKept(kernel.hart, keptAs);
  const init = kernel.tasks.init!.leader;
  for (const { host, guest, readOnly } of mounts) {
    mountAt(
      init,
      "hostfs",
      fromText(guest),
      fromText(host),
      "",
      readOnly ? MS_RDONLY : 0,
      openedFolder(host, readOnly ?? false),
    );
  }
  const own = typeof image === "string" && opened !== undefined;
  return new Machine(kernel, {
    onShutdown: () => {
      if (options.keepTranslations ?? true) keep(kernel.hart, keptAs);
      return own ? opened.close() : undefined;
    },
    ...(options.env ? { env: options.env } : {}),
    untrusted: options.untrusted,
  });
}

function checkedMount(mount: FolderMount): FolderMount {
  const host = resolve(mount.host);
  if (!fs.existsSync(host)) throw new Error(`no such folder on this machine: ${mount.host}`);
  if (!fs.statSync(host).isDirectory()) throw new Error(`not a folder: ${mount.host}`);
  if (!mount.guest.startsWith("/")) throw new Error(`a mount's place inside must begin with a slash: ${mount.guest}`);
  return { host, guest: mount.guest, readOnly: mount.readOnly ?? false };
}

function openedFolder(path: string, readOnly: boolean): HostFolder {
  const folder = openFolder(resolve(path), { readOnly });
  if (typeof folder === "number") throw new Error(`can't open the folder ${path}: ${errnoName(folder)}`);
  return folder;
}

function imageLayer(kernel: Kernel, image: OpenImage): Superblock | Errno {
  return imagefs.mount(kernel, { source: fromText(image.name), flags: MS_RDONLY, data: "", host: image });
}

function folderLayer(kernel: Kernel, path: string): Superblock | Errno {
  if (!fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`no such folder: ${path}`);
  const host = openedFolder(path, true);
  return hostfs.mount(kernel, { source: fromText(basename(path)), flags: MS_RDONLY, data: "", host });
}

/** Memory above what may only be read. */
function writable(kernel: Kernel, lower: Superblock): Superblock | Errno {
  // What is seen of the top directory is the upper one's: it looks like the one below.
  const { mode, uid, gid } = lower.root.inode!;
  const data = `mode=${(mode & 0o7777).toString(8)},uid=${uid},gid=${gid}`;
  const upper = tmpfs.mount(kernel, { source: "tmpfs", flags: 0, data });
  if (typeof upper === "number") return upper;
  return overlay.mount(kernel, {
    source: "overlay",
    flags: 0,
    data: "",
    host: { lower: [lower.root.inode!], upper: upper.root.inode! },
  });
}
