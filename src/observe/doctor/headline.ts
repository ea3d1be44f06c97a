// The verdict in one line: what text and page begin with.
import type { Report } from "./report.ts";
import { many, percent } from "./text.ts";

export function headline({ verdict, shares, waitingOn, calls, pageFaults }: Report): string {
  switch (verdict) {
    case "user space":
      return `User space: ${percent(shares.user)} of the time goes into the program's own instructions.`;
    case "kernel space": {
      const [first] = calls;
      const most = first && first.native > 0 ? `, most in ${first.name} (${many(first.calls, "call")})` : "";
      return `Kernel space: ${percent(shares.kernel)} of the time is spent behind the gate, in system calls and faults${most || (pageFaults > 0 ? ` (${many(pageFaults, "fault")})` : "")}.`;
    }
    case "waiting": {
      const [first] = waitingOn;
      return `Waiting: ${percent(shares.waiting)} of the time nothing runs${first ? `, mostly for ${first.what} (${first.call})` : ""}.`;
    }
    case "balanced":
      return `Balanced: user space ${percent(shares.user)}, kernel space ${percent(shares.kernel)}, waiting ${percent(shares.waiting)}.`;
  }
}

/** Where the times come from. */
export function provenance({ collector, model, measured }: Report): string {
  const here = measured.shares;
  const shares = `user ${percent(here.user)}, kernel ${percent(here.kernel)}, waiting ${percent(here.waiting)}`;
  const source = model.source === "measured" ? "costs measured on this host" : "published costs";
  switch (collector) {
    case "airside":
      return `Times are what native Linux would take (${model.name}; ${source}), from exact counts. In this machine: ${shares}.`;
    case "strace":
      return `User time and waiting as measured; kernel time from the counted calls (${model.name}; ${source}), because strace itself slows them. As measured: ${shares}.`;
    case "proc":
      return `From what /proc says of the process: sampled, not traced. Savings by the model (${model.name}; ${source}).`;
  }
}
