// A machine for the second stage: the image below, memory above, no terminal. Its programs' output is one stream.
import { StringDecoder } from "node:string_decoder";
import type { Errno } from "../../../abi/errno.ts";
import { errnoName } from "../../../abi/errno.ts";
import { AT_FDCWD, O_RDONLY } from "../../../abi/flags.ts";
import { ImageError } from "../../../images/error.ts";
import { bootKernel } from "../../../kernel/boot.ts";
import { hostOutput } from "../../../kernel/drivers/host-stream.ts";
import { imagefs } from "../../../kernel/fs/imagefs/index.ts";
import { overlay } from "../../../kernel/fs/overlay/index.ts";
import { tmpfs } from "../../../kernel/fs/tmpfs/tmpfs.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import { Pump } from "../../../kernel/sched/pump.ts";
import { userCred } from "../../../kernel/security/cred.ts";
import { spawn } from "../../../kernel/spawn.ts";
import type { File } from "../../../kernel/vfs/file.ts";
import type { Inode } from "../../../kernel/vfs/inode.ts";
import { openPath } from "../../../kernel/vfs/open.ts";
import type { Superblock } from "../../../kernel/vfs/superblock.ts";
import { fromText } from "../../../lib/byte-string.ts";
import { printable } from "../../../lib/printable.ts";
import { nodeHost } from "../host.ts";
import type { BootForConfiguring, ConfiguringMachine } from "./configure.ts";
import type { OpenImage } from "./open.ts";

const MEMORY = 2 ** 31;

export const bootForConfiguring: BootForConfiguring = (image) => Promise.resolve(boot(image));

const boot = (image: OpenImage): ConfiguringMachine => {
  let root: Inode | undefined;
  const kernel = bootKernel({
    host: nodeHost,
    memory: MEMORY,
    hostname: "airside",
    root: (booting) => {
      const superblock = overlayOf(booting, image);
      if (typeof superblock !== "number") root = superblock.root.inode;
      return superblock;
    },
  });
  const pump = new Pump(kernel);
  // What goes wrong in the kernel itself is shown as it happens.
  kernel.log.onConsole = ({ text }) => void process.stderr.write(`${printable(text)}\n`);
  return {
    root: root!,
    run: (command, { environment, onOutput }) => run(kernel, command, environment, onOutput),
    shutdown: () => pump.stop(),
  };
};

const overlayOf = (kernel: Kernel, image: OpenImage): Superblock | Errno => {
  const none = { flags: 0, data: "" };
  const lower = imagefs.mount(kernel, { ...none, source: image.name, host: image });
  if (typeof lower === "number") return lower;
  // As much as the machine has: what is configured must fit.
  const upper = tmpfs.mount(kernel, { ...none, source: "tmpfs", data: "mode=755,size=100%" });
  if (typeof upper === "number") return upper;
  const layers = { lower: [lower.root.inode!], upper: upper.root.inode };
  return overlay.mount(kernel, { ...none, source: "overlay", host: layers });
};

const run = (
  kernel: Kernel,
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  onOutput: (text: string) => void,
): Promise<{ code: number; output: string }> =>
  new Promise((resolve, reject) => {
    const decoder = new StringDecoder("utf8");
    let output = "";
    let status: number | undefined;
    let ended = false;
    const settle = () => {
      // wait(2): the exit code in the second byte, the signal that killed it in the first.
      if (ended && status !== undefined) resolve({ code: status & 0x7f ? 128 + (status & 0x7f) : status >> 8, output });
    };
    const sink = {
      write(bytes: Uint8Array): boolean {
        const text = decoder.write(Buffer.from(bytes));
        output += text;
        onOutput(text);
        return true;
      },
      onDrain: undefined,
      onClose: undefined,
      end() {
        ended = true;
        settle();
      },
    };
    const group = spawn(kernel, {
      argv: command.map(fromText),
      envp: Object.entries(environment).map(([name, value]) => fromText(`${name}=${value}`)),
      cwd: "/",
      cred: userCred(0, 0),
      files: (task) => {
        const input = openPath(task, AT_FDCWD, "/dev/null", O_RDONLY);
        const out = hostOutput(kernel, sink);
        return [input as File, out, out.ref()];
      },
    });
    if (typeof group === "number") {
      reject(new ImageError("configure-failed", `${command[0]} does not start in the machine: ${errnoName(group)}`));
      return;
    }
    group.onZombie = (code) => {
      status = code;
      settle();
    };
  });
