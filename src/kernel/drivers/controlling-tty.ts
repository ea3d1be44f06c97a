// /dev/tty: whatever terminal controls the process that opens it. tty(4)
import { ENXIO } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { CharDevice } from "./table.ts";
import { openTerminal } from "./tty/file.ts";
import { Terminal } from "./tty/terminal.ts";

export function controllingTtyDevice(kernel: Kernel): CharDevice {
  return {
    name: "tty",
    major: 5,
    minor: 0,
    mode: 0o666,
    open(file) {
      const terminal = kernel.current?.group.tty;
      return terminal instanceof Terminal ? openTerminal(terminal, file) : ENXIO;
    },
  };
}
