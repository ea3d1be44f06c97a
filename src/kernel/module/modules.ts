// The modules that are loaded. How one gets in and out is in load.ts, what it may use in api.ts.
import type { Module } from "./module.ts";

/** Whose signatures count. */
export interface ModuleKey {
  /** 32 bytes: an Ed25519 public key. */
  readonly key: Uint8Array;
  /** For people. */
  readonly name: string;
}

export class Modules {
  private readonly loaded = new Map<string, Module>();
  /** Set when the machine is booted, and not from inside. */
  keys: readonly ModuleKey[] = [];
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
  /** It is gone: what it has registered, and what it used of others. */
  remove(module: Module): void {
    this.release(module);
    for (const used of module.uses) used.users.delete(module);
    if (this.loaded.get(module.name) === module) this.loaded.delete(module.name);
  }
  /** Who exports a symbol. */
  exporter(symbol: string): Module | undefined {
    return this.all.find(({ file, state }) => state === "live" && file.exports.includes(symbol));
  }
  /** The module whose code is nearest to where an exception was thrown. */
  blame(stack: readonly string[]): Module | undefined {
    const frame = stack.find((line) => line.includes("module:"));
    const name = /\bmodule:(\w+)/.exec(frame ?? "")?.[1];
    return name === undefined ? undefined : this.loaded.get(name);
  }
  /** After an exception: nothing calls its code any more; who waits in it is told so. */
  disable(module: Module): void {
    module.state = "going";
    this.release(module);
    for (const queue of module.queues) queue.wakeAll();
  }
  private release(module: Module): void {
    for (const undo of module.cleanups.splice(0).reverse()) undo();
  }
}
