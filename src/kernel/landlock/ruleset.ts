// What Landlock restricts a task to. A program fills a ruleset (a file: syscalls/landlock.ts) and puts itself under it:
// from then on it is in a domain, as all that it starts are. Domains nest; each has its say. What is asked of a domain is
// in paths.ts (files), refer.ts (links and renames), ports.ts (TCP) and scope.ts (processes outside). landlock(7)
import type { Inode } from "../vfs/inode.ts";

export class Ruleset {
  /** LANDLOCK_ACCESS_FS_: denied where no rule allows it. */
  readonly handledFs: number;
  /** LANDLOCK_ACCESS_NET_. */
  readonly handledNet: number;
  /** LANDLOCK_SCOPE_. */
  readonly scoped: number;
  /** What is allowed on a file, or on a directory and everything beneath it. */
  readonly paths: Map<Inode, number>;
  readonly ports: Map<number, number>;

  constructor(handledFs: number, handledNet: number, scoped: number) {
    this.handledFs = handledFs;
    this.handledNet = handledNet;
    this.scoped = scoped;
    this.paths = new Map();
    this.ports = new Map();
  }
  allowBeneath(inode: Inode, access: number): void {
    this.paths.set(inode, (this.paths.get(inode) ?? 0) | access);
  }
  allowPort(port: number, access: number): void {
    this.ports.set(port, (this.ports.get(port) ?? 0) | access);
  }
  /** What is added to a ruleset does not change who is under it already. */
  copy(): Ruleset {
    const copy = new Ruleset(this.handledFs, this.handledNet, this.scoped);
    for (const [inode, access] of this.paths) copy.paths.set(inode, access);
    for (const [port, access] of this.ports) copy.ports.set(port, access);
    return copy;
  }
}

/** A ruleset in force, inside another domain or none. Immutable. */
export class Domain {
  readonly outer: Domain | undefined;
  readonly rules: Ruleset;
  /** This one and those outside of it, the innermost first. */
  readonly layers: readonly Domain[];
  /** What any of them handles. */
  readonly handledFs: number;
  readonly handledNet: number;
  readonly scoped: number;

  constructor(outer: Domain | undefined, rules: Ruleset) {
    this.outer = outer;
    this.rules = rules;
    this.layers = outer ? [this, ...outer.layers] : [this];
    this.handledFs = rules.handledFs | (outer?.handledFs ?? 0);
    this.handledNet = rules.handledNet | (outer?.handledNet ?? 0);
    this.scoped = rules.scoped | (outer?.scoped ?? 0);
  }
}
