// Where a thread is, as nodes of a tree of calls: found by unwinding its stack, or kept by following its calls; with the
// functions of an interpreter, and in front of what the kernel does for it.
import type { Kernel } from "../../kernel/kernel.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { Recording } from "../../machine/recording.ts";
import { Module, Modules, type Place } from "../symbols/modules.ts";
import { type PythonFunction, PythonStacks } from "../unwind/python.ts";
import { unwind } from "../unwind/unwinder.ts";
import type { Profile } from "./profile.ts";
import { ShadowStacks } from "./shadow.ts";
import { Stacks } from "./stacks.ts";

/** How the calls that led to a sample are found: by frame descriptions, by following each call and return as it happens,
 *  or not at all. */
export type CallGraph = "none" | "dwarf" | "lbr";

export class CallStacks {
  readonly modules: Modules;
  /** The hart's log of calls, and what is made of it. */
  readonly recording: Recording | undefined;
  readonly shadow: ShadowStacks | undefined;
  /** Samples have more than where they were taken. */
  readonly deep: boolean;
  private readonly kernel: Kernel;
  private readonly calls: CallGraph;
  private readonly exact: boolean;
  private readonly stacks: Stacks;
  private readonly python = new PythonStacks();
  /** Files of Python functions. */
  private readonly sources = new Map<string, Module>();

  /** `exact`: every instruction is counted to a function. */
  constructor(kernel: Kernel, calls: CallGraph, exact: boolean) {
    this.kernel = kernel;
    this.calls = calls;
    this.exact = exact;
    this.deep = exact || calls !== "none";
    this.modules = new Modules(kernel);
    this.stacks = new Stacks(this.modules.kernelModule);
    if (!exact && calls !== "lbr") return;
    this.recording = kernel.hart.record({ counts: false, calls: true });
    this.shadow = new ShadowStacks(this.recording, this.modules, this.stacks, exact);
  }

  /** The node of the thread's stack in user space; -1 for the kernel's own process. */
  user(task: Task): number {
    if (task.group === this.kernel.tasks.init) return -1;
    if (this.exact) return this.shadow!.functionNode(task);
    const places = this.places(task);
    let node = -1;
    for (let i = places.length - 1; i >= 0; i--) node = this.stacks.node(node, places[i]!);
    return node;
  }
  /** What the kernel does behind a stack in user space. */
  inKernel(user: number, span: string): number {
    return this.stacks.node(this.deep ? user : -1, this.stacks.kernelFunction(span));
  }

  /** The innermost first. */
  private places(task: Task): number[] {
    const { calls, modules, stacks } = this;
    const places: number[] = [];
    let python: (() => PythonFunction[]) | undefined;
    /** A call, and the Python functions that it runs: they are its callers. */
    const add = ({ module, address }: Place, at: number): void => {
      places.push(stacks.at(module, address));
      if (calls === "none" || !this.python.evaluatesAt(module, address)) return;
      python ??= this.python.walk(task, module, at - address);
      for (const { name, file, line } of python?.() ?? []) {
        places.push(stacks.named(this.sourceModule(file), name, `${file}:${line}`));
      }
    };
    let innermost = true;
    unwind(task, modules, (place, pc) => {
      add(place, innermost ? pc : pc - 1);
      innermost = false;
      return calls === "dwarf";
    });
    for (const link of calls === "lbr" ? this.shadow!.links(task) : []) add(modules.locate(task, link - 1), link - 1);
    return places;
  }
  private sourceModule(file: string): Module {
    let module = this.sources.get(file);
    if (!module) {
      module = new Module(file);
      this.sources.set(file, module);
    }
    return module;
  }

  /** Names everything, and lets go of the files. */
  finish(): Pick<Profile, "modules" | "frames" | "code" | "stacks"> {
    if (this.recording) this.kernel.hart.stopRecording();
    const named = this.stacks.finish();
    this.modules.close();
    const { parent, place } = this.stacks;
    const calls = this.exact ? parent.map((_, node) => this.shadow!.called[node] ?? 0) : undefined;
    return { ...named, stacks: { parent, frame: place, ...(calls ? { calls } : {}) } };
  }
}
