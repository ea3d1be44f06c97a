// An exercise: text, commands to try, and steps that are checked by what the machine then did.
import type { Machine } from "../../../../src/browser/index.ts";
import type { CallFrame, GateFrame, ProcessFrame } from "../../../../src/observe/gate/frame.ts";

export interface Step {
  text: string;
  /** Has it been done? Asked with each frame of the gate, after the steps before it. */
  done?(seen: Seen): boolean | Promise<boolean>;
  /** Instead: the machine itself ends so. */
  ends?: "panic" | "restart" | "halt" | "poweroff";
}

export interface Exercise {
  id: string;
  title: string;
  /** Markup: what it is about, and what to look at. */
  before: string;
  /** Commands. */
  tries: string[];
  steps: Step[];
  /** Markup, shown when all is done: why it happened, and what to do about it in production. */
  after: string;
  /** Puts files in place. */
  prepare?(machine: Machine): Promise<void>;
}

const none: CallFrame = { name: "", calls: 0, errors: 0, bytes: 0, largest: 0, latency: -1 };

/** What a step can ask. */
export class Seen {
  frame: GateFrame;
  readonly machine: Machine;
  /** Whatever a step wants to remember. */
  readonly notes: Map<string, number>;
  constructor(frame: GateFrame, machine: Machine, notes: Map<string, number>) {
    this.frame = frame;
    this.machine = machine;
    this.notes = notes;
  }
  call(name: string): CallFrame {
    return this.frame.calls.find((call) => call.name === name) ?? none;
  }
  /** Processes that have ended in this frame. */
  get ended(): readonly ProcessFrame[] {
    return this.frame.processes.filter(({ status }) => status >= 0);
  }
  /** Did a process of this name die by a signal? */
  killed(name: string | RegExp, ...signals: number[]): boolean {
    return this.ended.some((process) => matches(name, process.name) && signals.includes(process.status & 0x7f));
  }
  exited(name: string | RegExp, code?: number): boolean {
    return this.ended.some(
      ({ name: is, status }) =>
        matches(name, is) && (status & 0x7f) === 0 && (code === undefined || status >> 8 === code),
    );
  }
  /** A living process. */
  process(name: string | RegExp): ProcessFrame | undefined {
    return this.frame.processes.find((process) => process.status < 0 && matches(name, process.name));
  }
  /** Each second, within this frame. */
  rate(amount: number): number {
    return amount / (this.frame.length / 1e9);
  }
  /** Adds up over frames. */
  add(note: string, amount: number): number {
    const sum = (this.notes.get(note) ?? 0) + amount;
    this.notes.set(note, sum);
    return sum;
  }
}

const matches = (name: string | RegExp, is: string): boolean =>
  typeof name === "string" ? is === name : name.test(is);

export class Progress {
  readonly exercise: Exercise;
  readonly done: boolean[];
  private readonly notes = new Map<string, number>();
  private last: Promise<void> = Promise.resolve();

  constructor(exercise: Exercise) {
    this.exercise = exercise;
    this.done = exercise.steps.map(() => false);
  }
  get complete(): boolean {
    return this.done.every((each) => each);
  }
  async end(how: string): Promise<void> {
    const at = this.done.indexOf(false);
    if (at >= 0 && this.exercise.steps[at]!.ends === how) this.done[at] = true;
  }
  /** Looks at a frame, after those before it: steps are taken in order. */
  see(frame: GateFrame, machine: Machine): Promise<void> {
    this.last = this.last.then(() => this.look(new Seen(frame, machine, this.notes)));
    return this.last;
  }
  private async look(seen: Seen): Promise<void> {
    for (const [at, step] of this.exercise.steps.entries()) {
      if (this.done[at]) continue;
      if (!(await step.done?.(seen))) break;
      this.done[at] = true;
    }
  }
}
