// A panic: what is left of the kernel's state is not to be worked on. It says so, leaves a report, and ends the machine,
// to be started anew when kernel.panic says when. Linux: kernel/panic.c
import type { Kernel } from "../kernel.ts";
import { endMachine, MachineEnded } from "./ended.ts";
import { crashReport } from "./report.ts";
import { traceLines, whoLine } from "./show.ts";
import { TAINT_WARN } from "./taint.ts";

/** Ends the machine. `error` is what led here, if it was an exception that no oops has shown. Never returns. */
export function panic(kernel: Kernel, text: string, error?: unknown): never {
  // A second one, from within the first: nothing more to say.
  if (kernel.ended) throw new MachineEnded(kernel.ended);
  const { log, sysctl, oopsing } = kernel;
  const line = `Kernel panic - not syncing: ${text}`;
  log.write(0, line);
  // Without this function's own frame.
  const stack = error === undefined ? traceLines(kernel, new Error(text)).slice(1) : traceLines(kernel, error);
  // What an oops has just shown is not shown again.
  if (error !== undefined || !oopsing) {
    log.write(0, whoLine(kernel, kernel.current));
    if (error !== undefined) log.write(0, `BUG: ${String(error)}`);
    for (const frame of ["Call Trace:", ...stack]) log.write(0, frame);
  }
  const seconds = sysctl.number("kernel/panic");
  if (seconds > 0) log.write(0, `Rebooting in ${seconds} seconds..`);
  else if (seconds === 0) log.write(0, `---[ end ${line} ]---`);
  kernel.onCrash?.(crashReport(kernel, "panic", text, stack));
  endMachine(kernel, { how: "panic", text, restartAfter: seconds === 0 ? undefined : Math.max(0, seconds) });
}

/** Something is wrong that can be lived with. Linux: WARN() */
export function warn(kernel: Kernel, text: string): void {
  const { log, sysctl } = kernel;
  kernel.warnings++;
  const where = traceLines(kernel, new Error(text));
  log.write(4, "------------[ cut here ]------------");
  log.write(4, `WARNING: CPU: 0 PID: ${kernel.current?.tid ?? 0} at${where[1] ?? " ?"}`);
  log.write(4, text);
  log.write(4, whoLine(kernel, kernel.current));
  for (const frame of ["Call Trace:", ...where.slice(1)]) log.write(4, frame);
  log.write(4, "---[ end trace 0000000000000000 ]---");
  if (sysctl.number("kernel/panic_on_warn") !== 0) panic(kernel, "kernel: panic_on_warn set ...");
  const limit = sysctl.number("kernel/warn_limit");
  if (limit > 0 && kernel.warnings >= limit) {
    panic(kernel, `Warned too often (kernel.warn_limit is ${limit})`);
  }
  kernel.taints.add(TAINT_WARN);
}
