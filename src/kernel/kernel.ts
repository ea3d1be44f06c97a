// The kernel: everything hangs off one object, so that two kernels live in one page. This file only puts the parts
// together; each part has a folder of its own. boot.ts starts the first process.
import { ADDR_NO_RANDOMIZE } from "../abi/personality.ts";
import type { Host } from "../host/host.ts";
import { StringTable } from "../lib/string-table.ts";
import { Hart } from "../machine/hart.ts";
import type { Ram } from "../machine/ram.ts";
import { CgroupHierarchy } from "./cgroup/hierarchy.ts";
import { CommandLine } from "./command-line.ts";
import { Crossings } from "./crash/crossings.ts";
import { type Ended, MachineEnded } from "./crash/ended.ts";
import { fatal } from "./crash/fatal.ts";
import type { CrashReport } from "./crash/report.ts";
import { Taints } from "./crash/taint.ts";
import { DeviceTable } from "./drivers/table.ts";
import { Vdso } from "./exec/vdso.ts";
import { Ipc } from "./ipc/ipc.ts";
import { Log } from "./log.ts";
import { Memory } from "./mm/memory.ts";
import { Swap } from "./mm/swap.ts";
import { BufferPool } from "./mm/user.ts";
import { Modules } from "./module/modules.ts";
import { NamespacePlaces } from "./namespace/file.ts";
import { PidNamespace } from "./namespace/pid.ts";
import { Ucounts } from "./namespace/ucounts.ts";
import { Net } from "./net/net.ts";
import { InotifyLimits } from "./notify/inotify.ts";
import { ObjectOrder } from "./object-order.ts";
import { openFifo } from "./pipe/fifo.ts";
import { Pipes } from "./pipe/page.ts";
import { randomUuid } from "./random-uuid.ts";
import { Clock } from "./sched/clock.ts";
import { Futexes } from "./sched/futex.ts";
import { HungTasks } from "./sched/hung-task.ts";
import { Pace } from "./sched/pace.ts";
import { Scheduler } from "./sched/scheduler.ts";
import { Timers } from "./sched/timers.ts";
import { Audit } from "./security/audit.ts";
import { Lockdown } from "./security/lockdown.ts";
import type { Row } from "./syscalls/table.ts";
import { Sysctl } from "./sysctl.ts";
import { TaskTable } from "./task/table.ts";
import type { Task } from "./task/task.ts";
import { Trace } from "./trace.ts";
import { Vfs } from "./vfs/vfs.ts";

export class Kernel {
  readonly host: Host;
  readonly ram: Ram;
  readonly hart: Hart;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly trace = new Trace();
  readonly scheduler: Scheduler;
  readonly hungTasks = new HungTasks(this);
  readonly tasks: TaskTable;
  readonly cgroups: CgroupHierarchy;
  readonly futexes = new Futexes();
  readonly devices: DeviceTable;
  readonly swap: Swap;
  readonly vfs: Vfs;
  readonly memory: Memory;
  readonly net: Net;
  readonly namespaces = new NamespacePlaces(this);
  /** Namespaces that users have made, and may make. */
  readonly ucounts: Ucounts;
  /** The first one, as net and ipc are. */
  readonly pidNamespace = new PidNamespace();
  readonly order = new ObjectOrder();
  readonly sysctl = new Sysctl();
  readonly pipes: Pipes;
  readonly ipc = new Ipc(this.sysctl);
  readonly audit = new Audit(this);
  readonly inotify = new InotifyLimits(this.sysctl);
  /** /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
  /** /proc/cmdline. */
  commandLine = new CommandLine("console=console");
  /** For fdinfo of eventfds. */
  nextEventId = 0;
  /** System calls by number. */
  readonly syscalls: readonly (Row | undefined)[];
  /** Calls that were asked for and are missing: number to count. */
  readonly missing = new Map<number, number>();
  readonly vdso: Vdso;
  readonly pace = new Pace();
  /** Path names and other strings that programs pass again and again. */
  readonly strings = new StringTable();
  readonly buffers = new BufferPool();
  /** kernel.randomize_va_space. */
  randomize = true;
  /** Exceptions in kernel code so far, and warnings. */
  oopses = 0;
  warnings = 0;
  /** The exception that is being dealt with. */
  oopsing: { readonly text: string; readonly stack: readonly string[] } | undefined;
  readonly taints = new Taints();
  readonly crossings = new Crossings();
  readonly modules = new Modules();
  readonly lockdown: Lockdown;
  /** Set when no task is to run any more: after a panic, a restart, a halt. */
  ended: Ended | undefined;
  /** Told when it has. */
  readonly onEnded = new Set<(ended: Ended) => void>();
  /** Told of a panic, and of an oops. */
  onCrash: ((report: CrashReport) => void) | undefined;
  /** Tasks that may exist at a time (kernel.threads-max). */
  maxTasks = 32768;
  /** The task in whose name the kernel works; undefined in timers and host events. */
  current: Task | undefined;

  constructor(init: { host: Host; ram: Ram; syscalls: readonly (Row | undefined)[] }) {
    this.host = init.host;
    this.ram = init.ram;
    this.syscalls = init.syscalls;
    this.pipes = new Pipes(this.sysctl, init.ram);
    this.hart = new Hart(init.ram);
    this.clock = new Clock(init.host);
    this.timers = new Timers(this.clock);
    this.log = new Log(this.clock);
    this.lockdown = new Lockdown(this.log);
    this.tasks = new TaskTable(this.sysctl);
    this.scheduler = new Scheduler(this);
    this.cgroups = new CgroupHierarchy(this);
    this.devices = new DeviceTable();
    this.swap = new Swap(init.ram);
    this.vfs = new Vfs(this);
    this.memory = new Memory(this, init.ram, this.swap, this.vfs.reclaim);
    this.vfs.openFifo = (file) => openFifo(this, file);
    this.vdso = new Vdso(init.ram);
    this.vdso.setOffset(this.clock.offset);
    this.clock.onSet.add(() => this.vdso.setOffset(this.clock.offset));
    // The CSR time counts nanoseconds: what the vDSO's clocks are made from.
    this.hart.readTime = () => this.clock.monotonic();
    this.net = new Net(this);
    this.ucounts = new Ucounts(this.maxTasks / 2);
    this.bootId = randomUuid(init.host);
  }
  /** The host has something for the kernel: what Linux would call an interrupt. An exception there is fatal, as it may
   *  have torn anything. Within a task's turn it is the task's own doing. */
  interrupt(handler: () => void): void {
    if (this.current) handler();
    else if (!this.ended) {
      try {
        handler();
      } catch (error) {
        fatal(this, error);
      }
    }
  }
  /** The host asks for something, and wants an answer. An exception is fatal, as in an interrupt; throws MachineEnded then. */
  fromHost<T>(work: () => T): T {
    const before = this.current;
    try {
      return work();
    } catch (error) {
      fatal(this, error);
      throw new MachineEnded(this.ended!);
    } finally {
      this.current = before;
    }
  }
  /** Address space randomization: a number of pages below 2^bits; 0 for a task that asked for none. */
  randomPages(task: Task, bits: number): number {
    if ((task.group.personality & ADDR_NO_RANDOMIZE) !== 0 || !this.randomize) return 0;
    const bytes = new Uint8Array(4);
    this.host.random(bytes);
    return (new DataView(bytes.buffer).getUint32(0, true) & (2 ** bits - 1)) >>> 0;
  }
}
