// A loaded module: what it is, who uses it, what it has registered.

/** coming: its init runs. going: its exit runs, or it is disabled after an exception. */
export type ModuleState = "coming" | "live" | "going";

export class Module {
  readonly name: string;
  state: ModuleState = "coming";
  /** TAINT_ bits of its own. */
  taints = 0;

  constructor(name: string) {
    this.name = name;
  }
}
