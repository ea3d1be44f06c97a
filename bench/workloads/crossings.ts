// User space to kernel space and back: static programs (bench/crossings) that measure themselves, in nanoseconds for
// each operation. The same source on all sides; the value is the program's own, so that starting it costs nothing.
import { compile, ownCommand } from "../sides.ts";
import { timed } from "../timed.ts";
import { Absent, type Outcome, type Side, type Workload } from "../workload.ts";

type Row = readonly [name: string, program: string, args: string, about: string];

const ABOUT: Record<string, Record<string, string>> = {
  null: { write: "/dev/null", read: "/dev/zero" },
  tmpfs: { write: "a file on tmpfs", read: "a file on tmpfs" },
  hostfs: { write: "a file of the host's", read: "a file of the host's" },
};

const ROWS: readonly Row[] = [
  ["getpid", "calls", "getpid", "getpid through syscall(2)"],
  ["clock_gettime", "calls", "clock_gettime", "through the vDSO"],
  ["write 1 B", "calls", "write", "1 byte to /dev/null"],
  ["read 1 B", "calls", "read", "1 byte from /dev/zero"],
  ["open+close", "calls", "open-close", "/etc/passwd"],
  ["stat", "calls", "stat", "/etc/passwd"],
  ["fstat", "calls", "fstat", "/etc/passwd"],
  ["access, missing", "calls", "missing", "a name that is not there"],
  ["page fault", "memory", "fault", "first write to a fresh page"],
  ["copy on write", "memory", "copy-on-write", "first write to a page after fork"],
  ["mmap+touch+munmap", "memory", "mmap-munmap", "16 pages"],
  ["mprotect ×2", "memory", "mprotect", "one page to read-only and back"],
  ["signal", "signals", "signal", "kill oneself, handler, sigreturn"],
  ["SIGSEGV", "signals", "segv", "a handler that opens the page, and closing it"],
  ["pipe ping-pong", "pingpong", "pipe", "two processes, one byte, round trip"],
  ["AF_UNIX ping-pong", "pingpong", "unix", "likewise"],
  ["TCP ping-pong", "pingpong", "tcp", "likewise, over loopback"],
  ["futex hand-over", "pingpong", "futex", "two threads, round trip"],
  ["fork+exit+wait", "processes", "fork", "of a small static program"],
  ["vfork+exec+wait", "processes", "exec", "of a small static program"],
  ["thread create+join", "processes", "thread", "pthread"],
  ["epoll of 1,000", "polling", "epoll", "eventfd made ready, waited for, read"],
  ["poll of 1,000", "polling", "poll", "likewise"],
  ...["write", "read"].flatMap((direction) =>
    ["null", "pipe", "tmpfs", "hostfs", "unix", "tcp"].flatMap((target) =>
      [1000, 1].map(
        (chunks): Row => [
          `${direction} 1 MB, ${target}, ${chunks === 1 ? "1 call" : "1,000 calls"}`,
          "bulk",
          `${direction} ${target} ${chunks}`,
          ABOUT[target]?.[direction] ?? "the other end is a process with 64 KiB at a time",
        ],
      ),
    ),
  ),
];

export const crossings = (): Workload[] =>
  ROWS.map(([name, program, args, about]) => ({
    name,
    group: "crossings",
    unit: "ns",
    about,
    oneQemu: true,
    prepare: () => compile(`crossings/${program}`, ["-pthread"]),
    run: (side) =>
      side.kind === "qemu" && args === "exec"
        ? new Absent("exec leaves qemu")
        : ownTime(side, program, args.split(" ")),
  }));

/** What a program that measures itself says. */
export function ownTime(side: Side, program: string, args: readonly string[]): Outcome {
  const command = ownCommand(side, `crossings/${program}`, args);
  if (command instanceof Absent) return command;
  const { failed, output, errors } = timed(command, { timeout: 20_000 });
  const value = /^ns ([\d.]+)$/m.exec(errors)?.[1];
  if (failed !== undefined || value === undefined) return new Absent(failed ?? errors.trim().slice(0, 80));
  return { value: Number(value), output };
}
