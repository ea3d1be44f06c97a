// An exception outside of any task: in a timer, in the scheduler, or while the host hands something in. Nothing says what
// it was in the middle of. Linux: "Fatal exception in interrupt"
import type { Kernel } from "../kernel.ts";
import { MachineEnded } from "./ended.ts";
import { panic } from "./panic.ts";

/** Ends the machine, unless it has ended already: then there is nothing to do. */
export function fatal(kernel: Kernel, error: unknown): void {
  try {
    if (!(error instanceof MachineEnded)) panic(kernel, `Fatal exception in ${place(kernel)}`, error);
  } catch (ended) {
    if (!(ended instanceof MachineEnded)) throw ended;
  }
}

const place = (kernel: Kernel): string => (kernel.current ? "the scheduler" : "interrupt");
