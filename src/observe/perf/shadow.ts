// A stack of calls for each thread, kept from the hart's log of calls and returns: right for code that nothing describes,
// and with what each call of each function cost to the instruction.
import type { Task } from "../../kernel/task/task.ts";
import { LOG_ENTRY, LOG_JUMP, LOG_RETURN, type Recording } from "../../machine/recording.ts";
import type { Modules } from "../symbols/modules.ts";
import { DEEPEST, unwind } from "../unwind/unwinder.ts";
import type { Stacks } from "./stacks.ts";

const RA = 1;
const SP = 2;
const WORDS = LOG_ENTRY / 4;
const HIGH = 0x1_0000_0000;

/** One call that has not returned. */
interface Call {
  /** The function, a place of the stacks, and the node of the call. */
  readonly place: number;
  readonly node: number;
  /** Where it returns to, and the stack pointer there. */
  readonly link: number;
  readonly sp: number;
}

/** A thread's calls, the outermost first. */
interface Thread {
  readonly calls: Call[];
  /** A handler was entered: the next address in user space is its first. */
  signalled: boolean;
}

export class ShadowStacks {
  /** Instructions by thread's number and node, in the functions themselves. */
  readonly self: number[][] = [];
  /** Calls by node. */
  readonly called: number[] = [];
  private readonly recording: Recording;
  private readonly modules: Modules;
  private readonly stacks: Stacks;
  /** Whether functions' costs are wanted: each jump is looked at then, as it may lead to another function. */
  private readonly exact: boolean;
  private readonly threads = new Map<Task, Thread>();
  /** Functions by address, of the address space that runs. */
  private functions = new Map<number, number>();
  private functionsOf: unknown;

  constructor(recording: Recording, modules: Modules, stacks: Stacks, exact: boolean) {
    this.recording = recording;
    this.modules = modules;
    this.stacks = stacks;
    this.exact = exact;
  }

  // ---- what becomes of threads ------------------------------------------------------------------------------------

  /** A child begins where its parent is; one with a stack of its own has no callers. */
  forked(parent: Task, child: Task): void {
    const from = this.threads.get(parent);
    if (!from || child.context.xn(SP) !== parent.context.xn(SP)) return;
    this.threads.set(child, { calls: [...from.calls], signalled: false });
  }
  executed(task: Task): void {
    this.threads.delete(task);
    this.remapped();
  }
  ended(task: Task): void {
    this.threads.delete(task);
  }
  signalled(task: Task): void {
    const thread = this.threads.get(task);
    if (thread) thread.signalled = true;
  }
  /** What lies at an address may have changed. */
  remapped(): void {
    this.functionsOf = undefined;
  }

  // ---- functions --------------------------------------------------------------------------------------------------

  private functionAt(task: Task, address: number): number {
    if (this.functionsOf !== task.mm) {
      this.functionsOf = task.mm;
      this.functions = new Map();
    }
    const known = this.functions.get(address);
    if (known !== undefined) return known;
    const { module, address: at } = this.modules.locate(task, address);
    const place = this.stacks.at(module, module.symbol(at)?.start ?? at);
    this.functions.set(address, place);
    return place;
  }

  /** The thread's calls; of one that is met in the middle, what its stack shows. */
  private thread(task: Task): Thread {
    const known = this.threads.get(task);
    if (known) return known;
    const met: { place: number; pc: number; sp: number }[] = [];
    unwind(task, this.modules, ({ module, address }, pc, sp) => {
      met.push({ place: this.stacks.at(module, module.symbol(address)?.start ?? address), pc, sp: sp ?? 0 });
      return true;
    });
    const thread: Thread = { calls: [], signalled: false };
    for (let i = met.length - 1; i >= 0; i--) {
      const caller = met[i + 1];
      this.push(thread, met[i]!.place, caller?.pc ?? 0, caller?.sp ?? Number.POSITIVE_INFINITY);
    }
    this.threads.set(task, thread);
    return thread;
  }
  private push(thread: Thread, place: number, link: number, sp: number): void {
    const { calls } = thread;
    const parent = calls.length === 0 ? -1 : calls[calls.length - 1]!.node;
    // Deeper calls are counted as their caller's.
    const node = calls.length < DEEPEST ? this.stacks.node(parent, place) : parent;
    calls.push({ place, node, link, sp });
    this.called[node] = (this.called[node] ?? 0) + 1;
  }

  // ---- running ----------------------------------------------------------------------------------------------------

  /** Before user space. */
  enter(task: Task): void {
    const thread = this.thread(task);
    if (!thread.signalled) return;
    thread.signalled = false;
    const { context } = task;
    this.push(thread, this.functionAt(task, context.pc), context.xn(RA), context.xn(SP));
  }

  /** After user space: follows the log. `fuel`: what the run had; `number`: the thread's, for costs. */
  leave(task: Task, fuel: number, instructions: number, number: number): void {
    const { recording, exact } = this;
    const { u32 } = task.kernel.ram;
    const thread = this.thread(task);
    const self = (this.self[number] ??= []);
    const { calls } = thread;
    let before = fuel;
    let at = recording.logAt;
    for (let i = recording.logged; i > 0; i--, at += WORDS) {
      const low = u32[at]!;
      const to = u32[at + 1]! * HIGH + low - (low & LOG_RETURN);
      if (exact) {
        const left = u32[at + 6]!;
        const node = calls[calls.length - 1]?.node ?? -1;
        self[node] = (self[node] ?? 0) + before - left;
        before = left;
      }
      if ((low & LOG_RETURN) !== 0) {
        this.back(thread, to);
        continue;
      }
      const fromLow = u32[at + 2]!;
      if ((fromLow & LOG_JUMP) !== 0) {
        if (exact) this.jump(task, thread, to);
        continue;
      }
      const sp = u32[at + 5]! * HIGH + u32[at + 4]!;
      // What was called from deeper down the stack was left without a return: longjmp, an exception.
      while (calls.length > 1 && calls[calls.length - 1]!.sp <= sp) calls.pop();
      this.push(thread, this.functionAt(task, to), u32[at + 3]! * HIGH + fromLow, sp);
    }
    recording.clear();
    if (!exact) return;
    const node = calls[calls.length - 1]?.node ?? -1;
    self[node] = (self[node] ?? 0) + before - (fuel - instructions);
  }
  private back(thread: Thread, to: number): void {
    const { calls } = thread;
    for (let i = calls.length - 1; i > 0; i--) {
      if (calls[i]!.link !== to) continue;
      calls.length = i;
      return;
    }
  }
  private jump(task: Task, thread: Thread, to: number): void {
    const { calls } = thread;
    const top = calls[calls.length - 1];
    const place = this.functionAt(task, to);
    if (!top || top.place === place) return;
    calls.pop();
    this.push(thread, place, top.link, top.sp);
  }

  // ---- where a thread is ------------------------------------------------------------------------------------------

  /** The node of the function that it is in. */
  functionNode(task: Task): number {
    const { calls } = this.thread(task);
    return calls[calls.length - 1]?.node ?? -1;
  }
  /** The addresses that calls return to, the innermost first. */
  links(task: Task): number[] {
    const { calls } = this.thread(task);
    const links: number[] = [];
    for (let i = calls.length - 1; i > 0; i--) links.push(calls[i]!.link);
    return links;
  }
}
