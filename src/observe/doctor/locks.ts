// Futexes that threads wait for, and who has them meanwhile. A mutex of the C library says so itself: behind the word
// that is waited on lie a count and the owner's thread id (struct __pthread_mutex_s); a PI futex holds the id in the word.

import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import { FUTEX_TID_MASK } from "../../kernel/sched/robust-list.ts";
import type { Task } from "../../kernel/task/task.ts";
import { toText } from "../../lib/byte-string.ts";
import { peek } from "../strace/call.ts";
import type { Modules } from "../symbols/modules.ts";
import { entry, type Facts, type Lock, notePlace } from "./facts.ts";
import { callerName, variableName } from "./places.ts";

const FUTEX_WAIT = 0;
const OWNER = 8;
/** glibc's and most others' word of a mutex that others wait for. */
const CONTENDED = 2;

export class Locks {
  private readonly facts: Facts;
  private readonly modules: Modules;
  private readonly waiting = new Map<Task, { lock: Lock; since: number }>();
  private readonly spaces = new WeakMap<AddressSpace, number>();
  private spaceCount = 0;

  constructor(facts: Facts, modules: Modules) {
    this.facts = facts;
    this.modules = modules;
  }

  /** Addresses mean something else from now on. */
  executed(mm: AddressSpace): void {
    this.spaces.delete(mm);
  }

  /** `task` starts to wait in FUTEX_WAIT or its kin: for a mutex, not for a condition? */
  waits(task: Task): void {
    const { context } = task;
    const address = context.xn(10);
    const command = context.xi(11) & 0x7f;
    const expected = context.xi(12);
    const pi = command === 6 || command === 13;
    const plain = command === FUTEX_WAIT && context.xn(13) === 0;
    if (!pi && !plain && expected !== CONTENDED) return;
    if (plain && this.waitsForThread(task, address, expected)) return;
    const program = toText(task.comm);
    let space = this.spaces.get(task.mm);
    if (space === undefined) {
      space = ++this.spaceCount;
      this.spaces.set(task.mm, space);
    }
    const lock = entry(this.facts.locks, `${space}\0${address}`, () => ({
      program,
      address,
      name: `the lock ${variableName(task, address, this.modules)}`,
      waits: 0,
      time: 0,
      holders: new Map(),
      where: "",
    }));
    lock.waits++;
    notePlace(lock, lock.waits, () => callerName(task, this.modules));
    const owner = this.owner(task, address, pi);
    if (owner) noteHolder(lock, owner, task, this.modules);
    this.waiting.set(task, { lock, since: task.kernel.clock.monotonic() });
  }
  ended(task: Task): void {
    const waiting = this.waiting.get(task);
    if (!waiting) return;
    this.waiting.delete(task);
    waiting.lock.time += task.kernel.clock.monotonic() - waiting.since;
  }

  /** pthread_join: the word holds the id of the thread that is to end. */
  private waitsForThread(task: Task, _address: number, expected: number): boolean {
    const other = expected > CONTENDED ? task.kernel.tasks.task(expected) : undefined;
    return other?.group === task.group;
  }

  private owner(task: Task, address: number, pi: boolean): Task | undefined {
    const word = peek(task, pi ? address : address + OWNER, 4)?.getUint32(0, true) ?? 0;
    const owner = task.kernel.tasks.task(word & FUTEX_TID_MASK);
    return owner?.group === task.group && owner !== task ? owner : undefined;
  }
}

/** Counts who has the lock; where that thread is then is looked at now and then. */
function noteHolder(lock: Lock, owner: Task, task: Task, modules: Modules): void {
  const name = `thread ${owner.tid}${owner.comm === task.comm ? "" : ` (${toText(owner.comm)})`}`;
  let holder = lock.holders.get(name);
  if (!holder) {
    holder = { count: 0, where: "" };
    lock.holders.set(name, holder);
  }
  holder.count++;
  const { count } = holder;
  if ((count & (count - 1)) === 0) holder.where = callerName(owner, modules) || holder.where;
}
