// A running machine as an embedding program sees it: spawn processes, talk to them, reach its files, shut it down.
import { EM_RISCV, foreignMachine } from "../abi/elf.ts";
import { EACCES, ENOENT, ENOEXEC, ENOMEM, type Errno, errnoName } from "../abi/errno.ts";
import { AT_FDCWD, O_RDWR } from "../abi/flags.ts";
import { SIGKILL, signalName } from "../abi/signal.ts";
import type { ByteSink, ByteSource, Console } from "../host/host.ts";
import { Cgroup } from "../kernel/cgroup/cgroup.ts";
import { killAll } from "../kernel/cgroup/core-files.ts";
import { makeTransient } from "../kernel/cgroup/transient.ts";
import { type Ended, MachineEnded } from "../kernel/crash/ended.ts";
import { type CrashReport, crashReport } from "../kernel/crash/report.ts";
import { hostInput, hostOutput } from "../kernel/drivers/host-stream.ts";
import { controlTerminal, hostTerminal } from "../kernel/drivers/host-terminal.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Pump } from "../kernel/sched/pump.ts";
import { sendToGroup } from "../kernel/signal/send.ts";
import { spawn } from "../kernel/spawn.ts";
import { CLONE_NEWNET } from "../kernel/task/clone.ts";
import type { Task } from "../kernel/task/task.ts";
import type { ThreadGroup } from "../kernel/task/thread-group.ts";
import type { File } from "../kernel/vfs/file.ts";
import { openPath } from "../kernel/vfs/open.ts";
import { fromText, toText } from "../lib/byte-string.ts";
import { PAGE_SIZE } from "../machine/ram.ts";
import { cgroupSettings } from "./cgroup-limits.ts";
import {
  confineMounts,
  UNTRUSTED_NAMESPACES,
  UNTRUSTED_USER,
  untrustedCred,
  untrustedFilter,
  untrustedLimits,
} from "./confined.ts";
import { GuestFiles } from "./files.ts";
import { checkedScore, type Limits, rlimitsOf } from "./limits.ts";
import { limitOutput } from "./output-limit.ts";
import { filterOf, type Privileges, withPrivileges } from "./privileges.ts";
import { parseSize } from "./size.ts";
import { InputStream, OutputStream } from "./streams.ts";
import { findUser } from "./user.ts";

export interface SpawnOptions {
  /** Environment; replaces the default of PATH, HOME, USER and so on where it names the same; undefined takes a name away. */
  env?: Record<string, string | undefined>;
  /** Working directory inside. */
  cwd?: string;
  /** "name", "uid", "name:group" or "uid:gid". */
  user?: string;
  /** Where standard input comes from: a pipe that `stdin` writes to, nothing (end of file), or a source. */
  stdin?: "pipe" | "null" | ByteSource;
  stdout?: "pipe" | "null" | ByteSink;
  stderr?: "pipe" | "null" | ByteSink;
  /** What the process and its children may use, each. getrlimit(2) */
  limits?: Limits;
  /** What it may do. capabilities(7), seccomp(2) */
  privileges?: Privileges;
  /** Namespaces of its own: a network without a way out. */
  network?: "none";
  /** The code is not trusted: no privileges, no network, nothing to write but scratch space, no more than some limits,
   *  which `limits` may replace. The machine's own default unless it is said. SECURITY.md */
  untrusted?: boolean;
  /** It shares that process's limits on all that it starts, as one of them (docker's exec). */
  alongside?: Process | undefined;
  /** All three streams are a terminal, which becomes the controlling one: the console that the machine was booted with,
   *  or one of the process's own (under /dev/pts). */
  tty?: boolean | Console;
}

export interface Exit {
  /** Exit code; 128 + signal when a signal ended it. */
  code: number;
  /** "SIGSEGV" when a signal ended it. */
  signal: string | undefined;
}

/** A program could not be started: one plain line, and the exit code that shells use for it (126, 127). */
export class SpawnError extends Error {
  readonly errno: string;
  readonly exitCode: number;
  constructor(message: string, errno: Errno) {
    super(message);
    this.name = "SpawnError";
    this.errno = errnoName(errno);
    this.exitCode = errno === ENOENT ? 127 : 126;
  }
}

export class Process {
  readonly pid: number;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly exited: Promise<Exit>;
  private readonly group: ThreadGroup;

  constructor(group: ThreadGroup, streams: { stdin: InputStream; stdout: OutputStream; stderr: OutputStream }) {
    this.group = group;
    this.pid = group.pid;
    this.stdin = streams.stdin;
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
    this.exited = new Promise((resolve) => {
      group.onZombie = (status) => resolve(exitOf(status));
    });
  }
  /** The group that it was put into, while it lives. */
  get cgroup(): Cgroup | undefined {
    const { cgroup } = this.group.leader;
    return cgroup.parent && !cgroup.dead ? cgroup : undefined;
  }
  /** System calls that its threads have made. */
  get calls(): number {
    let sum = this.group.usage.syscalls;
    for (const thread of this.group.threads) sum += thread.syscalls;
    return sum;
  }
  /** Sends a signal by number, SIGTERM unless given. */
  kill(signal = 15): void {
    sendToGroup(this.group, { signal, code: 0, pid: 0, uid: 0 });
  }
}

function exitOf(status: number): Exit {
  const signal = status & 0x7f;
  return signal === 0 ? { code: status >> 8, signal: undefined } : { code: 128 + signal, signal: signalName(signal) };
}

export class Machine {
  readonly kernel: Kernel;
  readonly fs: GuestFiles;
  /** Resolves when the machine ends by itself: a panic, or a reboot, halt or power-off from inside. No process runs any
   *  more; each has ended as if by SIGKILL. Who wants the machine again boots another (`restartAfter`: in how many
   *  seconds it asks for that). */
  readonly ended: Promise<Ended>;
  private readonly pump: Pump;
  private readonly onShutdown: () => void;
  private readonly defaults: Record<string, string>;

  /** What is spawned is not trusted unless it is said to be. */
  private readonly untrusted: boolean;

  constructor(
    kernel: Kernel,
    options: { onShutdown: () => void; env?: Record<string, string>; untrusted?: boolean | undefined },
  ) {
    this.kernel = kernel;
    this.pump = new Pump(kernel);
    this.ended = new Promise((resolve) => {
      kernel.onEnded.add((ended) => {
        this.pump.stop();
        for (const group of kernel.tasks.allGroups) group.onZombie?.(SIGKILL);
        resolve(ended);
      });
    });
    this.fs = new GuestFiles(kernel);
    this.onShutdown = options.onShutdown;
    this.defaults = options.env ?? {};
    this.untrusted = options.untrusted ?? false;
  }

  /** Starts a program. Rejects with a SpawnError when it can't be. */
  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<Process> {
    return this.start(argv, options);
  }

  /** Runs a program to its end and collects what it wrote. `input` is its standard input. */
  async exec(
    argv: readonly string[],
    options: SpawnOptions & { input?: string | Uint8Array } = {},
  ): Promise<Exit & { stdout: string; stderr: string }> {
    const child = this.start(argv, options);
    if (options.input === undefined) child.stdin.end();
    else child.stdin.end(options.input);
    const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { ...exit, stdout, stderr };
  }

  /** Ends the machine: every process is gone, its memory is free to be collected. */
  async shutdown(): Promise<void> {
    const { kernel } = this;
    kernel.interrupt(() => {
      for (const group of [...kernel.tasks.allGroups]) {
        if (group !== kernel.tasks.init) sendToGroup(group, { signal: SIGKILL, code: 0 });
      }
      kernel.scheduler.run(kernel.clock.monotonic() + 1e9);
    });
    this.pump.stop();
    this.onShutdown();
  }

  /** What a crash report would say now. */
  report(): CrashReport {
    return crashReport(this.kernel, "request", "asked for");
  }

  private start(argv: readonly string[], options: SpawnOptions): Process {
    const { kernel } = this;
    if (kernel.ended) throw new MachineEnded(kernel.ended);
    const untrusted = options.untrusted ?? this.untrusted;
    const user = findUser(kernel, options.user ?? (untrusted ? UNTRUSTED_USER : undefined));
    if (untrusted) {
      if (user.cred.uid === 0) throw new RangeError("code that is not trusted can't be run as root");
      user.home = "/tmp";
    }
    const { privileges = {} } = options;
    const cred = withPrivileges(untrusted ? untrustedCred(user.cred) : user.cred, privileges);
    const env = {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: user.home,
      USER: user.name,
      LANG: "C.UTF-8",
      ...this.defaults,
      ...options.env,
    };
    const stdin = new InputStream();
    const stdout = new OutputStream();
    const stderr = new OutputStream();
    const { limits: given = {} } = options;
    const limits = untrusted ? untrustedLimits(given, kernel.ram.totalFrames * PAGE_SIZE) : given;
    const budget = limits.output === undefined ? undefined : { left: parseSize(limits.output) };
    const bounded = (sink: ByteSink): ByteSink => (budget ? limitOutput(sink, budget) : sink);
    const shared = options.alongside?.cgroup;
    const cgroup = shared ?? this.groupFor(limits);
    const group = kernel.fromHost(() =>
      spawn(kernel, {
        cgroup,
        argv: argv.map(fromText),
        envp: Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [fromText(`${key}=${value}`)])),
        cwd: fromText(options.cwd ?? "/"),
        cred,
        filter: filterOf(cred, privileges) ?? (untrusted ? untrustedFilter() : undefined),
        namespaces: untrusted ? UNTRUSTED_NAMESPACES : options.network === "none" ? CLONE_NEWNET : 0,
        confine: untrusted ? confineMounts : undefined,
        rlimits: rlimitsOf(limits),
        oomScoreAdj: checkedScore(limits.oomScoreAdj ?? 0),
        files: (task) =>
          options.tty
            ? terminalFiles(task, options.tty)
            : this.plainFiles(task, options, { stdin, stdout, stderr, bounded }),
      }),
    );
    if (typeof group === "number") throw this.spawnError(argv[0] ?? "", group, options.cwd);
    const child = new Process(group, { stdin, stdout, stderr });
    // What it has started does not outlive it.
    if (untrusted && cgroup && !shared) void child.exited.then(() => kernel.interrupt(() => killAll(cgroup)));
    return child;
  }

  /** The group for a process with limits on it and all that it starts; undefined when there are none. */
  private groupFor(limits: Limits): Cgroup | undefined {
    const { kernel } = this;
    const settings = cgroupSettings(limits, (path) => this.fs.device(path));
    if (settings.length === 0) return undefined;
    const made = makeTransient(kernel, settings);
    if (made instanceof Cgroup) return made;
    throw new RangeError(`can't set ${made.file}: ${errnoName(made.errno)}`);
  }

  private plainFiles(
    task: Task,
    options: SpawnOptions,
    streams: { stdin: InputStream; stdout: OutputStream; stderr: OutputStream; bounded: (sink: ByteSink) => ByteSink },
  ): (File | undefined)[] | Errno {
    const { stdin, stdout, stderr, bounded } = streams;
    const { kernel } = task;
    const output = (wanted: "pipe" | "null" | ByteSink | undefined, pipe: ByteSink): File | Errno =>
      wanted === "null"
        ? openNull(task)
        : hostOutput(kernel, bounded(wanted === undefined || wanted === "pipe" ? pipe : wanted));
    const { stdin: from = "pipe" } = options;
    const files = [
      from === "null" ? openNull(task) : hostInput(kernel, from === "pipe" ? stdin : from),
      output(options.stdout, stdout),
      output(options.stderr, stderr),
    ];
    const failed = files.find((file) => typeof file === "number");
    return failed === undefined ? (files as File[]) : (failed as Errno);
  }

  private spawnError(name: string, errno: Errno, cwd: string | undefined): SpawnError {
    const reason = (): string => {
      if (errno === ENOENT)
        return cwd !== undefined && !this.fs.exists(cwd) ? `no such directory: ${cwd}` : "not found";
      if (errno === EACCES) return "permission denied";
      if (errno === ENOMEM) return "out of memory: give the machine more with --memory";
      if (errno === ENOEXEC) {
        const foreign = foreignMachine(this.fs.head(name, 64));
        return foreign ? `a program for ${foreign}, not for riscv64 (ELF machine ${EM_RISCV})` : "not a program";
      }
      return errnoName(errno);
    };
    return new SpawnError(`can't run ${toText(name)}: ${reason()}`, errno);
  }
}

function openNull(task: Task): File | Errno {
  const file = openPath(task, AT_FDCWD, "/dev/null", O_RDWR);
  return typeof file === "number" ? file : (file as File);
}

/** A terminal as standard input, output and error, and as the session's controlling terminal. */
function terminalFiles(task: Task, tty: true | Console): (File | undefined)[] | Errno {
  const file =
    tty === true
      ? openPath(task, AT_FDCWD, "/dev/hvc0", O_RDWR)
      : hostTerminal(task.kernel, task.mounts, tty, task.cred.uid);
  if (typeof file === "number") return file;
  const terminal = file as File;
  controlTerminal(task.group, terminal);
  return [terminal, terminal.ref(), terminal.ref()];
}
