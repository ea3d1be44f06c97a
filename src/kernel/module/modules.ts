// The modules that are loaded. How one gets in is in load.ts, what it may use in api.ts.
import type { Module } from "./module.ts";

export class Modules {
  private readonly loaded = new Map<string, Module>();
  /** Nothing unsigned gets in (module.sig_enforce). */
  enforceSignatures = true;

  /** The newest first. */
  get all(): Module[] {
    return [...this.loaded.values()].reverse();
  }
  get(name: string): Module | undefined {
    return this.loaded.get(name);
  }
  add(module: Module): void {
    this.loaded.set(module.name, module);
  }
  remove(module: Module): void {
    this.loaded.delete(module.name);
  }
  /** The module whose code is nearest to where an exception was thrown. */
  blame(error: unknown): Module | undefined {
    const stack = error instanceof Error ? (error.stack ?? "") : "";
    const name = /\bmodule:([\w-]+)/.exec(stack)?.[1];
    return name === undefined ? undefined : this.loaded.get(name);
  }
  /** After an exception: nothing calls its code any more. */
  disable(module: Module): void {
    module.state = "going";
  }
}
