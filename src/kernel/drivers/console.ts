// /dev/console and /dev/hvc0: the terminal outside that the machine was started with. As the console it can't become
// anyone's controlling terminal; as hvc0 it can. Without one they can't be opened.
import { ENODEV } from "../../abi/errno.ts";
import type { Console } from "../../host/host.ts";
import type { Kernel } from "../kernel.ts";
import { type CharDevice, makedev } from "./table.ts";
import { openTerminal } from "./tty/file.ts";
import { hostLine } from "./tty/host-line.ts";
import { Terminal } from "./tty/terminal.ts";

const HVC_MAJOR = 229;

export function consoleDevices(kernel: Kernel, console: Console | undefined): CharDevice[] {
  if (!console) return [{ name: "console", major: 5, minor: 1, mode: 0o600, open: () => ENODEV }];
  const terminal = new Terminal({ kernel, name: "/dev/hvc0", dev: makedev(HVC_MAJOR, 0) });
  terminal.driver = hostLine(terminal, console);
  return [
    { name: "console", major: 5, minor: 1, mode: 0o600, open: (file) => openTerminal(terminal, file, true) },
    { name: "hvc0", major: HVC_MAJOR, minor: 0, mode: 0o600, open: (file) => openTerminal(terminal, file) },
  ];
}
