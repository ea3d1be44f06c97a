// The gate as it is watched live: who ran, on which side, and what crossed. It samples: times and counts are the kernel's
// own, read once a frame; at a crossing it adds to three counters, and only one call in sixteen is timed. So a page that
// shows it never costs the guest more than a few per cent.
import { systemCallName } from "../../abi/system-call-names.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Row, SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { ThreadGroup } from "../../kernel/task/thread-group.ts";
import { groupUsage } from "../../kernel/task/usage.ts";
import type { Observer } from "../../kernel/trace.ts";
import { toText } from "../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { CallFrame, GateFrame, ProcessFrame } from "./frame.ts";

/** System call numbers that are counted. */
const NUMBERS = 512;
/** Turns of the scheduler that a frame tells of. */
const TURNS = 512;
/** One call in so many is timed: a power of two. */
const TIMED = 16;

/** Calls whose answer is a count of bytes. */
const moving = new Set(
  "read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 sendto recvfrom sendmsg recvmsg sendfile splice tee vmsplice copy_file_range getrandom".split(
    " ",
  ),
);

interface Seen {
  group: ThreadGroup;
  user: number;
  kernel: number;
  calls: number;
  switches: number;
  faults: number;
}

export class Gate implements Observer {
  private readonly kernel: Kernel;
  private readonly calls = new Float64Array(NUMBERS);
  private readonly errors = new Float64Array(NUMBERS);
  private readonly bytes = new Float64Array(NUMBERS);
  private readonly largest = new Float64Array(NUMBERS);
  private readonly spent = new Float64Array(NUMBERS);
  private readonly timed = new Float64Array(NUMBERS);
  private readonly moves = new Uint8Array(NUMBERS);
  private crossings = 0;
  private timedTask: Task | undefined;
  private timedSince = 0;
  private readonly seen = new Map<number, Seen>();
  private readonly ended: Seen[] = [];
  private readonly turns = new Float64Array(4 * TURNS);
  private turn = 0;
  private untold = 0;
  private turnSince = 0;
  private last: number;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.last = kernel.clock.monotonic();
    for (const group of kernel.tasks.allGroups) this.seen.set(group.pid, { group, ...countsOf(group) });
    for (const [number, row] of kernel.syscalls.entries()) if (row && moving.has(row.name)) this.moves[number] = 1;
  }

  syscallEnter(task: Task, _row: Row | undefined, number: number): void {
    if (number >= NUMBERS || number < 0) return;
    this.calls[number]!++;
    if ((++this.crossings & (TIMED - 1)) === 0) {
      this.timedTask = task;
      this.timedSince = this.kernel.clock.monotonic();
    }
  }
  syscallExit(task: Task, _row: Row | undefined, result: SyscallResult): void {
    const number = task.syscall;
    if (number >= NUMBERS || number < 0) return;
    if (typeof result === "number") {
      if (result < 0) this.errors[number]!++;
      else if (this.moves[number] === 1) {
        this.bytes[number]! += result;
        if (result > this.largest[number]!) this.largest[number] = result;
      }
    }
    if (this.timedTask === task) {
      this.spent[number]! += this.kernel.clock.monotonic() - this.timedSince;
      this.timed[number]!++;
      this.timedTask = undefined;
    }
  }
  schedIn(_task: Task): void {
    this.turnSince = this.kernel.clock.monotonic();
  }
  schedOut(task: Task): void {
    const { turns, turnSince } = this;
    const at = 4 * this.turn;
    // A thread that goes on where it stopped has one turn, however often the host had its own in between.
    if (at > 0 && turns[at - 4] === task.tid && turnSince - turns[at - 1]! < 1e6) {
      turns[at - 1] = this.kernel.clock.monotonic();
      return;
    }
    if (this.turn === TURNS) {
      this.untold++;
      return;
    }
    turns[at] = task.tid;
    turns[at + 1] = task.group.pid;
    turns[at + 2] = turnSince;
    turns[at + 3] = this.kernel.clock.monotonic();
    this.turn++;
  }
  taskExit(task: Task): void {
    const { group } = task;
    if (group.threads.size > 1) return;
    const known = this.seen.get(group.pid);
    this.ended.push(known ?? { group, user: 0, kernel: 0, calls: 0, switches: 0, faults: 0 });
    this.seen.delete(group.pid);
  }

  /** What happened since the last frame. */
  frame(): GateFrame {
    const now = this.kernel.clock.monotonic();
    const processes: ProcessFrame[] = [];
    const sum = { user: 0, kernel: 0, switches: 0, faults: 0 };
    const add = (before: Seen, gone: boolean): void => {
      const { group } = before;
      const counts = countsOf(group);
      const user = counts.user - before.user;
      const kernel = counts.kernel - before.kernel;
      sum.user += user;
      sum.kernel += kernel;
      sum.switches += counts.switches - before.switches;
      sum.faults += counts.faults - before.faults;
      processes.push(describe(group, user, kernel, counts.calls - before.calls, gone ? group.exitCode : -1));
      if (!gone) Object.assign(before, counts);
    };
    for (const before of this.ended.splice(0)) add(before, true);
    for (const group of this.kernel.tasks.allGroups) {
      let before = this.seen.get(group.pid);
      if (before?.group !== group) {
        // A zombie was told of when it ended.
        if (group.zombie || group === this.kernel.tasks.init) {
          if (group.zombie) processes.push(describe(group, 0, 0, 0, -1));
          continue;
        }
        before = { group, user: 0, kernel: 0, calls: 0, switches: 0, faults: 0 };
        this.seen.set(group.pid, before);
      }
      if (group !== this.kernel.tasks.init) add(before, false);
    }
    const frame: GateFrame = {
      time: now,
      length: now - this.last,
      ...sum,
      processes,
      calls: this.takeCalls(),
      timeline: this.turns.slice(0, 4 * this.turn),
      untold: this.untold,
      memory: {
        total: this.kernel.ram.totalFrames * PAGE_SIZE,
        free: this.kernel.ram.freeFrames * PAGE_SIZE,
      },
    };
    this.turn = 0;
    this.untold = 0;
    this.last = now;
    return frame;
  }

  private takeCalls(): CallFrame[] {
    const told: CallFrame[] = [];
    for (let number = 0; number < NUMBERS; number++) {
      const calls = this.calls[number]!;
      const errors = this.errors[number]!;
      if (calls === 0 && errors === 0) continue;
      const timed = this.timed[number]!;
      told.push({
        name: this.kernel.syscalls[number]?.name ?? systemCallName(number),
        calls,
        errors,
        bytes: this.bytes[number]!,
        largest: this.largest[number]!,
        latency: timed === 0 ? -1 : this.spent[number]! / timed,
      });
    }
    for (const counter of [this.calls, this.errors, this.bytes, this.largest, this.spent, this.timed]) counter.fill(0);
    return told;
  }
}

function countsOf(group: ThreadGroup): Omit<Seen, "group"> {
  const { utime, stime, minorFaults, majorFaults, voluntarySwitches, involuntarySwitches } = groupUsage(group);
  let calls = group.usage.syscalls;
  for (const thread of group.threads) calls += thread.syscalls;
  return {
    user: utime,
    kernel: stime,
    calls,
    switches: voluntarySwitches + involuntarySwitches,
    faults: minorFaults + majorFaults,
  };
}

function describe(group: ThreadGroup, user: number, kernel: number, calls: number, status: number): ProcessFrame {
  const { leader } = group;
  return {
    pid: group.pid,
    ppid: group.parent?.pid ?? 0,
    name: toText(leader.comm),
    state: group.zombie ? "Z" : leader.state,
    threads: group.threads.size,
    uid: leader.cred.uid,
    user,
    kernel,
    calls,
    resident: group.zombie || status >= 0 ? 0 : (leader.mm?.resident ?? 0) * PAGE_SIZE,
    waitsIn: waitOf(leader),
    status,
  };
}

function waitOf(task: Task): string {
  if (!task.wait) return "";
  return task.faulting ? "page" : (task.kernel.syscalls[task.syscall]?.name ?? "");
}
