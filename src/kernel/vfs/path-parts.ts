// Path names cut into components. Programs name the same few paths over and over: what was cut is remembered.
import { SLOTS, type StringTable } from "../../lib/string-table.ts";

export interface PathParts {
  readonly text: string;
  /** The components: neither empty nor with a slash. */
  readonly names: readonly string[];
  readonly absolute: boolean;
  /** It ends in a slash: the last component must be a directory. */
  readonly slash: boolean;
}

const SLASH = 47;
/** Targets of symlinks that are remembered. */
const TARGETS = 1024;

export class PathTable {
  /** By the places of the strings that programs pass. */
  private readonly passed = new Array<PathParts | undefined>(SLOTS).fill(undefined);
  private readonly targets = new Map<string, PathParts>();

  /** A path that a program has passed. */
  cut(path: string, strings: StringTable): PathParts {
    const place = strings.placeOf(path);
    if (place < 0) return make(path);
    const known = this.passed[place];
    if (known !== undefined && known.text === path) return known;
    const parts = make(path);
    this.passed[place] = parts;
    return parts;
  }
  /** What a symlink says. */
  cutTarget(path: string): PathParts {
    const known = this.targets.get(path);
    if (known) return known;
    const parts = make(path);
    if (this.targets.size >= TARGETS) this.targets.clear();
    this.targets.set(path, parts);
    return parts;
  }
}

function make(text: string): PathParts {
  const names: string[] = [];
  const { length } = text;
  for (let at = 0; at < length; ) {
    if (text.charCodeAt(at) === SLASH) {
      at++;
      continue;
    }
    const slash = text.indexOf("/", at);
    const end = slash < 0 ? length : slash;
    names.push(text.slice(at, end));
    at = end;
  }
  const slash = names.length > 0 && text.charCodeAt(length - 1) === SLASH;
  return { text, names, absolute: text.charCodeAt(0) === SLASH, slash };
}

/** `rest`'s components from `from` on, behind those of a symlink's target. */
export function joined(target: PathParts, rest: PathParts, from: number): PathParts {
  if (from >= rest.names.length) return rest.slash ? { ...target, slash: true } : target;
  const names = target.names.concat(rest.names.slice(from));
  return { text: target.text, names, absolute: target.absolute, slash: rest.slash };
}
