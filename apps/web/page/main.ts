// The page.
import { type AirsideTerminal, boot } from "../../../src/browser/index.ts";

const terminal = document.createElement("airside-terminal") as AirsideTerminal;
document.getElementById("app")!.append(terminal);
const machine = await boot({ keep: "page" });
Object.assign(globalThis, { airside: { machine, terminal } });
terminal.focus();
await terminal.attach(machine, ["/bin/bash"]);
