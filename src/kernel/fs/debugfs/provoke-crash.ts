// Ways to make the kernel fail, so that what it does then can be tested. The names are those of Linux's lkdtm:
// Documentation/fault-injection/provoke-crashes.rst
import { EINVAL, type Errno } from "../../../abi/errno.ts";
import { panic, warn } from "../../crash/panic.ts";
import type { Kernel } from "../../kernel.ts";
import { type Wait, WaitQueue, waitOn } from "../../sched/wait-queue.ts";
import { LOCKDOWN_INTEGRITY } from "../../security/lockdown.ts";
import type { FileOperations } from "../../vfs/file.ts";
import { directory, type Row } from "../rows/row.ts";

type Provocation = (kernel: Kernel) => undefined | Wait<number>;

/** Calls itself until the host has no stack left. */
const exhaust = (depth: number): number => exhaust(depth + 1) + depth;

/** Keeps the processor for a little longer than the watchdog likes. */
function spin({ clock, sysctl }: Kernel): undefined {
  const end = clock.monotonic() + (2 * sysctl.number("kernel/watchdog_thresh") + 0.2) * 1e9;
  while (clock.monotonic() < end);
}

const provocations: Readonly<Record<string, Provocation>> = {
  PANIC: (kernel) => panic(kernel, "dumptest"),
  BUG() {
    throw new Error("kernel BUG: provoked");
  },
  WARNING: (kernel) => void warn(kernel, "Warning message trigger"),
  EXCEPTION(kernel) {
    const { nothing } = kernel as unknown as { nothing: { field: number } };
    void nothing.field;
  },
  EXHAUST_STACK: () => void exhaust(0),
  SOFTLOCKUP: spin,
  // Wakes up for SIGKILL alone: so nothing has to be restarted to be rid of it.
  HUNG_TASK: () => waitOn<number>(new WaitQueue(), forever, { killable: true }),
};

const never = new WaitQueue();
const forever = (): Wait<number> => waitOn<number>(never, forever, { killable: true });

/** Where it is to happen. */
const places: Readonly<Record<string, (kernel: Kernel, provocation: Provocation) => undefined | Wait<number>>> = {
  DIRECT: (kernel, provocation) => provocation(kernel),
  // In a timer: no task is to blame.
  INT_TASKLET_ENTRY(kernel, provocation) {
    kernel.timers.set(kernel.clock.monotonic(), () => void provocation(kernel));
    return undefined;
  },
  // In a task's turn, once the run queue has been left half changed.
  SCHEDULE(kernel, provocation) {
    for (const task of kernel.tasks.all) if (task.state === "S") task.entity.queued = true;
    return provocation(kernel);
  },
};

const operations = (kernel: Kernel, place: string): FileOperations => ({
  read(_file, into, offset) {
    const text = `Available crash types:\n${Object.keys(provocations).join("\n")}\n`;
    return into.put(new TextEncoder().encode(text).subarray(offset));
  },
  write(_file, from): number | Errno | Wait<number> {
    const bytes = from.takeAll(64);
    if (typeof bytes === "number") return bytes;
    const provocation = provocations[new TextDecoder().decode(bytes).trim()];
    if (!provocation) return EINVAL;
    const { lockdown, current } = kernel;
    const refused = lockdown.refuses(LOCKDOWN_INTEGRITY, "debugfs access", current?.comm ?? "?");
    if (refused < 0) return refused;
    return places[place]!(kernel, provocation) ?? bytes.length;
  },
});

export const provokeCrash: Row<Kernel> = directory(
  "provoke-crash",
  Object.keys(places).map(
    (name): Row<Kernel> => ({ kind: "device", name, mode: 0o600, ops: (kernel) => operations(kernel, name) }),
  ),
  { mode: 0o755 },
);
