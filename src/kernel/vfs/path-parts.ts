// Path names cut into components. Programs name the same few paths over and over: what was cut is remembered.

export interface PathParts {
  /** The components: neither empty nor with a slash. */
  readonly names: readonly string[];
  readonly absolute: boolean;
  /** It ends in a slash: the last component must be a directory. */
  readonly slash: boolean;
}

const SLASH = 47;
const REMEMBERED = 2048;

export class PathTable {
  private readonly known = new Map<string, PathParts>();
  /** The same name gives the same string: found quickly in directories. */
  private readonly names = new Map<string, string>();
  private text = "";
  private parts: PathParts = { names: [], absolute: false, slash: false };

  cut(path: string): PathParts {
    if (path === this.text) return this.parts;
    let parts = this.known.get(path);
    if (!parts) {
      parts = this.make(path);
      if (this.known.size >= REMEMBERED) this.known.clear();
      this.known.set(path, parts);
    }
    this.text = path;
    this.parts = parts;
    return parts;
  }
  private make(path: string): PathParts {
    const names: string[] = [];
    for (const name of path.split("/")) if (name !== "") names.push(this.same(name));
    const slash = names.length > 0 && path.charCodeAt(path.length - 1) === SLASH;
    return { names, absolute: path.charCodeAt(0) === SLASH, slash };
  }
  private same(name: string): string {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    if (this.names.size >= REMEMBERED) this.names.clear();
    this.names.set(name, name);
    return name;
  }
}

/** `rest`'s components from `from` on, behind those of a symlink's target. */
export function joined(target: PathParts, rest: PathParts, from: number): PathParts {
  if (from >= rest.names.length) return rest.slash ? { ...target, slash: true } : target;
  return { names: target.names.concat(rest.names.slice(from)), absolute: target.absolute, slash: rest.slash };
}
