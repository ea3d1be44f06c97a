// How a machine ends: by panic, or because someone inside or outside has it restarted, halted or switched off. From then
// on no task runs.
import type { Kernel } from "../kernel.ts";

export interface Ended {
  readonly how: "panic" | "restart" | "halt" | "poweroff";
  /** A panic's message, or what reboot(2) was told. */
  readonly text: string;
  /** Seconds after which the machine should start anew; undefined: it stays as it is. */
  readonly restartAfter: number | undefined;
}

/** Thrown to leave the kernel once its machine has ended: there is nothing to go back to. */
export class MachineEnded extends Error {
  constructor({ how, text }: Ended) {
    super(`${how}: ${text}`);
    this.name = "MachineEnded";
  }
}

/** Ends the machine, once. Never returns. */
export function endMachine(kernel: Kernel, ended: Ended): never {
  if (!kernel.ended) {
    kernel.ended = ended;
    for (const told of [...kernel.onEnded]) told(ended);
  }
  throw new MachineEnded(kernel.ended);
}
