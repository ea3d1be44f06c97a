// The terminal of `airside run -it`: a console of the host under a name in devpts, as a container's is. Unlike
// /dev/console it can be a controlling terminal.
import { ENODEV, type Errno } from "../../abi/errno.ts";
import { O_RDWR } from "../../abi/flags.ts";
import type { Console } from "../../host/host.ts";
import { DevPts } from "../fs/devpts/index.ts";
import type { Kernel } from "../kernel.ts";
import type { ThreadGroup } from "../task/thread-group.ts";
import type { File } from "../vfs/file.ts";
import { type Mount, type MountNamespace, Path } from "../vfs/mount.ts";
import { terminalFile, terminalOf } from "./tty/file.ts";
import { disconnect, hostLine } from "./tty/host-line.ts";
import { Terminal } from "./tty/terminal.ts";

/** Opens the host's terminal in the namespace's devpts (the first mounted, at /dev/pts) for the user `owner`.
 *  Errors: ENODEV without one. */
export function hostTerminal(kernel: Kernel, mounts: MountNamespace, console: Console, owner = 0): File | Errno {
  const mount = [...mounts.mounts].find((candidate: Mount) => candidate.superblock instanceof DevPts);
  const instance = mount?.superblock;
  if (!mount || !(instance instanceof DevPts)) return ENODEV;
  const named = instance.nameTerminal((name, dev) => {
    const terminal = new Terminal({ kernel, name, dev });
    terminal.driver = hostLine(terminal, console);
    return terminal;
  });
  if (typeof named === "number") return named;
  const { terminal, dentry, free } = named;
  terminal.driver = {
    ...terminal.driver,
    released() {
      disconnect(console);
      free();
    },
  };
  dentry.inode!.uid = owner;
  return terminalFile(terminal, new Path(mount, dentry), dentry.inode!, O_RDWR);
}

/** Makes an open terminal the controlling one of a session's leader, as login would with TIOCSCTTY. */
export function controlTerminal(group: ThreadGroup, file: File): void {
  const terminal = terminalOf(file);
  if (!terminal) return;
  terminal.session = group.sid;
  terminal.foreground = group.pgid;
  group.tty = terminal;
}
