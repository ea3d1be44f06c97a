// A machine for guest tests: a kernel on Node with a root in memory, the compiled programs and the cross compiler's
// shared libraries mounted read-only. Many programs run in one machine, each in an empty directory of its own.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AT_FDCWD, O_RDWR } from "../../src/abi/flags.ts";
import { SIGKILL } from "../../src/abi/signal.ts";
import { openFolder } from "../../src/hosts/node/folder.ts";
import { nodeHost } from "../../src/hosts/node/host.ts";
import { bootKernel, mountAt } from "../../src/kernel/boot.ts";
import { memoryDisk } from "../../src/kernel/drivers/disk.ts";
import { hostOutput } from "../../src/kernel/drivers/host-stream.ts";
import { tmpfs } from "../../src/kernel/fs/tmpfs/tmpfs.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { Pump } from "../../src/kernel/sched/pump.ts";
import { userCred } from "../../src/kernel/security/cred.ts";
import { fromKernel, sendToGroup } from "../../src/kernel/signal/send.ts";
import { spawn } from "../../src/kernel/spawn.ts";
import type { Task } from "../../src/kernel/task/task.ts";
import { File } from "../../src/kernel/vfs/file.ts";
import { detachTree } from "../../src/kernel/vfs/mount-tree.ts";
import { DIRECTORY, FOLLOW, walk } from "../../src/kernel/vfs/namei.ts";
import { openPath } from "../../src/kernel/vfs/open.ts";
import { environment, guestFolder, type Outcome, statusText } from "./outcome.ts";

/** Debian's place for the riscv64 libraries of its cross compiler. */
const LIBRARIES = "/usr/riscv64-linux-gnu/lib";

export class GuestMachine {
  readonly kernel: Kernel;
  private readonly pump: Pump;
  private runs = 0;

  /** `memory` and `swap` in bytes. */
  constructor(memory = 1 << 30, swap = 256 << 20) {
    this.kernel = bootKernel({
      host: nodeHost,
      memory,
      root: (kernel) => tmpfs.mount(kernel, { source: "root", flags: 0, data: "mode=755" }),
      hostname: "guest",
      ...(swap > 0 ? { swap: memoryDisk("vda", swap) } : {}),
    });
    this.pump = new Pump(this.kernel);
    this.mount(join(guestFolder, "bin/riscv64"), "/suite");
    if (existsSync(LIBRARIES)) this.mount(LIBRARIES, "/lib");
    this.directory("/tmp", 0o1777);
    this.directory("/work", 0o755);
  }
  private get init(): Task {
    return this.kernel.tasks.init!.leader;
  }
  private mount(from: string, to: string): void {
    const folder = openFolder(from, { readOnly: true });
    if (typeof folder === "number") throw new Error(`can't open ${from}`);
    mountAt(this.init, "hostfs", to, from, "", 1, folder);
  }
  private directory(path: string, permissions: number): void {
    const slash = path.lastIndexOf("/");
    const parent = walk(this.init, AT_FDCWD, path.slice(0, slash) || "/", FOLLOW | DIRECTORY);
    if (typeof parent === "number") throw new Error(`no parent of ${path}`);
    const result = parent.dentry.inode!.mkdir(path.slice(slash + 1), { mode: 0o040000 | permissions, uid: 0, gid: 0 });
    if (typeof result === "number" && result < 0) throw new Error(`can't make ${path}`);
    parent.dentry.detach(path.slice(slash + 1));
  }
  /** Runs a program of the suite to its end, or kills it with all that it started. */
  async run(name: string, args: readonly string[] = [], limit = 60_000): Promise<Outcome> {
    const { kernel } = this;
    const cwd = `/work/${this.runs++}`;
    const scratch = mountAt(this.init, "tmpfs", cwd, "scratch", "mode=755", 0);
    const chunks: Uint8Array[] = [];
    const output = (): File =>
      hostOutput(kernel, {
        write: (bytes) => {
          chunks.push(bytes.slice());
          return true;
        },
        onDrain: undefined,
        onClose: undefined,
        end: () => undefined,
      });
    const files = (task: Task): File[] => {
      const stdout = output();
      const stdin = openPath(task, AT_FDCWD, "/dev/null", O_RDWR);
      if (!(stdin instanceof File)) throw new Error("no /dev/null");
      stdout.ref();
      return [stdin, stdout, stdout];
    };
    const group = spawn(kernel, {
      argv: [`/suite/${name}`, ...args],
      envp: environment,
      cwd,
      cred: userCred(0, 0),
      files,
    });
    if (typeof group === "number") return { stdout: "", status: `spawn ${group}` };
    let timer: NodeJS.Timeout | undefined;
    const status = await new Promise<string>((resolve) => {
      group.onZombie = (code) => resolve(statusText(code));
      timer = setTimeout(() => {
        resolve("timed out");
        this.killAll();
      }, limit);
    });
    clearTimeout(timer);
    this.killAll();
    await new Promise((resolve) => setTimeout(resolve, 1));
    detachTree(kernel.vfs, scratch, false);
    return { stdout: Buffer.concat(chunks).toString("latin1"), status };
  }
  stop(): void {
    this.pump.stop();
  }
  private killAll(): void {
    for (const group of [...this.kernel.tasks.allGroups])
      if (group !== this.kernel.tasks.init && !group.zombie) sendToGroup(group, fromKernel(SIGKILL));
  }
}
