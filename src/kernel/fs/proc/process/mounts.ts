// /proc/PID/mounts, mountinfo and mountstats: the mounts that a task's root can reach. proc_pid_mountinfo(5)
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_STRICTATIME,
} from "../../../../abi/mount.ts";
import type { Task } from "../../../task/task.ts";
import type { Dentry } from "../../../vfs/dentry.ts";
import { type Mount, Path } from "../../../vfs/mount.ts";
import { pathName, reachable } from "../../../vfs/path-name.ts";
import type { Reader } from "../../rows/row.ts";
import { mangle } from "../text.ts";

function options({ flags }: Mount): string {
  const on = (mask: number, name: string): string => ((flags & mask) !== 0 ? `,${name}` : "");
  const relatime = (flags & (MS_NOATIME | MS_STRICTATIME)) === 0 ? ",relatime" : "";
  return (
    on(MS_NOSUID, "nosuid") +
    on(MS_NODEV, "nodev") +
    on(MS_NOEXEC, "noexec") +
    on(MS_NOATIME, "noatime") +
    on(MS_NODIRATIME, "nodiratime") +
    relatime +
    on(MS_NOSYMFOLLOW, "nosymfollow")
  );
}

function superOptions({ superblock }: Mount): string {
  const own = superblock.options?.() ?? "";
  return own === "" ? "" : `,${own}`;
}

/** The place inside the filesystem that a mount shows. */
function rootName(root: Dentry): string {
  let name = "";
  for (let at = root; !at.isRoot; at = at.parent) name = `/${at.name}${name}`;
  return name === "" ? "/" : name;
}

/** The mounts below the task's root, with the names of their mount points. */
function visible(task: Task): { mount: Mount; at: string }[] {
  const { root } = task.fs;
  const found: { mount: Mount; at: string }[] = [];
  for (const mount of task.mounts.mounts) {
    const top = new Path(mount, mount.root);
    if (reachable(top, root)) found.push({ mount, at: mangle(pathName(top, root)) });
  }
  return found;
}

const readOnly = (mount: Mount): boolean => (mount.flags & MS_RDONLY) !== 0;
const source = (mount: Mount): string => mangle(mount.superblock.source || "none");

export function mounts(task: Task): string {
  return visible(task)
    .map(({ mount, at }) => {
      const mode = readOnly(mount) || mount.superblock.readOnly ? "ro" : "rw";
      const type = mangle(mount.superblock.filesystem.name);
      return `${source(mount)} ${at} ${type} ${mode}${options(mount)}${superOptions(mount)} 0 0\n`;
    })
    .join("");
}

export function mountinfo(task: Task, reader: Reader): string {
  return visible(task)
    .map(({ mount, at }) => {
      const { superblock } = mount;
      const propagation =
        (mount.peerGroup ? ` shared:${mount.peerGroup}` : "") +
        (mount.master ? ` master:${mount.master}` : "") +
        (mount.unbindable ? " unbindable" : "");
      const shown = (reader.task && superblock.showRoot?.(mount.root, reader.task)) ?? rootName(mount.root);
      const place = `${mount.id} ${mount.parent?.id ?? mount.id} 0:${superblock.dev} ${mangle(shown)} ${at}`;
      const flags = `${readOnly(mount) ? "ro" : "rw"}${options(mount)}${propagation}`;
      const below = `${superblock.readOnly ? "ro" : "rw"}${superOptions(mount)}`;
      return `${place} ${flags} - ${mangle(superblock.filesystem.name)} ${source(mount)} ${below}\n`;
    })
    .join("");
}

export function mountstats(task: Task): string {
  return visible(task)
    .map(({ mount, at }) => {
      const { superblock } = mount;
      const device = superblock.source ? `device ${source(mount)}` : "no device";
      return `${device} mounted on ${at} with fstype ${mangle(superblock.filesystem.name)}\n`;
    })
    .join("");
}
