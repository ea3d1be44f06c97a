// Runs programs of this folder in Airside under its own strace.
import { join } from "node:path";
import { boot } from "../../src/index.ts";
import { parseFlags } from "../../src/observe/strace/flags.ts";
import { Strace } from "../../src/observe/strace/strace.ts";
import { guestFolder } from "../guest/outcome.ts";
import { binaries, type Program } from "./lines.ts";

export interface Tracing {
  /** The log that `strace -o LOG FLAGS PROGRAM` writes. */
  trace(program: Program): Promise<string>;
  /** The same, written by Debian's own strace inside. */
  debianTrace(program: Program): Promise<string>;
  stop(): Promise<void>;
}

export async function tracing(image = "debian"): Promise<Tracing> {
  const machine = await boot({
    image,
    memory: "512m",
    mounts: [
      { host: `${binaries}/riscv64`, guest: "/programs" },
      { host: join(guestFolder, "bin/riscv64"), guest: "/suite" },
    ],
  });
  let runs = 0;
  const cwd = "/tmp/strace";
  const prepare = async (): Promise<void> => {
    // As on a machine that has run for a while: ids that are no descriptors.
    const script = `rm -rf ${cwd}; mkdir ${cwd}; echo ${4000 + runs++ * 100} > /proc/sys/kernel/ns_last_pid`;
    await machine.exec(["sh", "-c", script]);
  };
  return {
    async debianTrace({ path, flags }) {
      await prepare();
      const done = await machine.exec(["strace", "-o", "/tmp/strace.log", ...flags, path], {
        cwd,
        stdin: "null",
      });
      if (!machine.fs.exists("/tmp/strace.log")) throw new Error(done.stderr);
      return Buffer.from(machine.fs.read("/tmp/strace.log")).toString("latin1");
    },
    async trace({ path, flags }) {
      await prepare();
      const { options } = parseFlags(["-o", "log", ...flags], machine.kernel.syscalls);
      let text = "";
      const sink = {
        eager: true,
        write: (bytes: Uint8Array) => {
          text += Buffer.from(bytes).toString("latin1");
        },
      };
      const strace = new Strace(machine.kernel, options, () => sink);
      const stop = machine.kernel.trace.listen(strace);
      await machine.exec([path], { cwd, stdin: "null" });
      strace.flush();
      stop();
      return text;
    },
    stop: () => machine.shutdown(),
  };
}
