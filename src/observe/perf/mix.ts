// An account that also counts what instructions did: loads, stores, branches. The hart has instruments meanwhile.
import type { Kernel } from "../../kernel/kernel.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { Recording } from "../../machine/recording.ts";
import { Account } from "../account.ts";
import { baseName, type Event } from "./events.ts";

/** Events that need instruments. */
const MIX = new Set(["branch-instructions", "L1-dcache-loads", "L1-dcache-stores"]);

export class MixAccount extends Account {
  loads = 0;
  stores = 0;
  branches = 0;
  private readonly recording: Recording;
  private readonly seen = { loads: 0, stores: 0, branches: 0 };

  constructor(kernel: Kernel, tasks?: Iterable<Task>) {
    super(kernel, tasks);
    this.recording = kernel.hart.record({ counts: true, calls: false });
  }
  retired(task: Task): void {
    const { loads, stores, branches } = this.recording;
    if (this.follows(task)) {
      this.loads += loads - this.seen.loads;
      this.stores += stores - this.seen.stores;
      this.branches += branches - this.seen.branches;
    }
    Object.assign(this.seen, { loads, stores, branches });
  }
  override finish(): void {
    super.finish();
    this.kernel.hart.stopRecording();
  }
}

/** An account that has what the events need. */
export const accountFor = (kernel: Kernel, events: readonly Event[], tasks?: Iterable<Task>): Account =>
  events.some((event) => MIX.has(baseName(event))) ? new MixAccount(kernel, tasks) : new Account(kernel, tasks);
