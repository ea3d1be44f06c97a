// Stacks as they are recorded: a tree of places, each place kept once, named only when the recording ends.
import type { Module } from "../symbols/modules.ts";
import type { Code, Frame, ProfileModule } from "./profile.ts";

/** A place that has no address: a kernel function, an interpreter's function. */
interface Named {
  readonly name: string;
  readonly source?: string;
}

const LOCATIONS = 2 ** 25;

export class Stacks {
  /** Each node's parent, -1 for an outermost call, and place. */
  readonly parent: number[] = [];
  readonly place: number[] = [];
  private readonly children = new Map<number, number>();
  private readonly modules: Module[] = [];
  private readonly moduleIndex = new Map<Module, number>();
  private readonly byAddress: Map<number, number>[] = [];
  private readonly byName = new Map<string, number>();
  /** A place's module and address, or its name. */
  private readonly places: { module: number; address: number; named?: Named }[] = [];
  private readonly kernel: Module;

  constructor(kernel: Module) {
    this.kernel = kernel;
  }

  /** The number of a place in a program. */
  at(module: Module, address: number): number {
    const index = this.indexOf(module);
    const known = this.byAddress[index]!.get(address);
    if (known !== undefined) return known;
    this.places.push({ module: index, address });
    this.byAddress[index]!.set(address, this.places.length - 1);
    return this.places.length - 1;
  }
  /** The number of a function that is known by name. */
  named(module: Module, name: string, source?: string): number {
    const key = `${this.indexOf(module)} ${name} ${source ?? ""}`;
    const known = this.byName.get(key);
    if (known !== undefined) return known;
    const named = source === undefined ? { name } : { name, source };
    this.places.push({ module: this.indexOf(module), address: 0, named });
    this.byName.set(key, this.places.length - 1);
    return this.places.length - 1;
  }
  kernelFunction(name: string): number {
    return this.named(this.kernel, name);
  }

  /** The node for a call at `place` from `parent`. */
  node(parent: number, place: number): number {
    const key = (parent + 1) * LOCATIONS + place;
    const known = this.children.get(key);
    if (known !== undefined) return known;
    this.parent.push(parent);
    this.place.push(place);
    this.children.set(key, this.parent.length - 1);
    return this.parent.length - 1;
  }

  private indexOf(module: Module): number {
    let index = this.moduleIndex.get(module);
    if (index === undefined) {
      index = this.modules.length;
      this.modules.push(module);
      this.byAddress.push(new Map());
      this.moduleIndex.set(module, index);
    }
    return index;
  }

  /** Names every place. */
  finish(): { modules: ProfileModule[]; frames: Frame[]; code: Code[] } {
    const code = new Map<string, Code>();
    const frames = this.places.map(({ module: index, address, named }): Frame => {
      if (named) return { ...named, module: index, address: 0, start: 0 };
      const module = this.modules[index]!;
      const symbol = module.symbol(address);
      if (!symbol) return { name: "", module: index, address, start: address };
      const key = `${index} ${symbol.start}`;
      if (!code.has(key)) {
        const bytes = module.elf?.bytes(symbol.start, Math.min(symbol.end - symbol.start, 0x10000));
        const hex = bytes ? [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") : "";
        code.set(key, { module: index, start: symbol.start, bytes: hex });
      }
      return { name: symbol.name, module: index, address, start: symbol.start };
    });
    const modules = this.modules.map(
      (module): ProfileModule => ({ path: module.path, side: module === this.kernel ? "kernel" : "user" }),
    );
    return { modules, frames, code: [...code.values()].filter(({ bytes }) => bytes !== "") };
  }
}
