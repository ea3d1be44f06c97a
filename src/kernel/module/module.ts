// A loaded module: what it is, who uses it, what is undone when it goes.
import type { ModuleFile } from "../../abi/module.ts";
import type { WaitQueue } from "../sched/wait-queue.ts";
import type { ModuleKernel } from "./api.ts";
import type { Parameter } from "./parameters.ts";

/** coming: its init runs. going: its exit runs, or it is disabled after an exception. */
export type ModuleState = "coming" | "live" | "going";

/** What a module's code exports: docs/modules.md. */
export interface ModuleCode {
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** 0, or an errno that insmod(8) shows. */
  readonly init?: (kernel: ModuleKernel) => number | undefined;
  readonly exit?: () => void;
  /** For other modules: those that the file names as exported. */
  readonly symbols?: Readonly<Record<string, unknown>>;
}

export class Module {
  readonly name: string;
  readonly file: ModuleFile;
  /** Bytes of its file. */
  readonly size: number;
  state: ModuleState = "coming";
  /** TAINT_ bits of its own. */
  taints = 0;
  /** Open files, mounts: it can't go while there are any. */
  references = 0;
  /** Modules whose symbols it uses, and those that use its own. */
  readonly uses = new Set<Module>();
  readonly users = new Set<Module>();
  code: ModuleCode = {};
  /** Undoes what it has registered, the last first. */
  readonly cleanups: (() => void)[] = [];
  /** What its own calls may wait on. */
  readonly queues = new Set<WaitQueue>();

  constructor(file: ModuleFile, size: number) {
    this.name = file.name;
    this.file = file;
    this.size = size;
  }
  /** Its code may be called. */
  get usable(): boolean {
    return this.state !== "going";
  }
  /** Each module that uses it counts as one. */
  get referenceCount(): number {
    return this.references + this.users.size;
  }
  /** The first value of a key of .modinfo. */
  info(key: string): string | undefined {
    return this.file.info.find(([name]) => name === key)?.[1];
  }
  /** It can't be removed: Linux: "[permanent]". */
  get permanent(): boolean {
    return this.code.init !== undefined && this.code.exit === undefined;
  }
}
