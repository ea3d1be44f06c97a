// `airside/browser`: machines in a page. The kernel runs in a worker beside this script; importing it defines
// <airside-terminal>.
import { defineTerminal } from "./page/terminal.ts";

export { type BootOptions, boot, type Machine, MachineError, type Process, type SpawnOptions } from "./page/machine.ts";
export { AirsideTerminal } from "./page/terminal.ts";
export type { FlameNode, KeptState, MachineEnd } from "./protocol.ts";

defineTerminal();
