// Writing the ID maps of a user namespace: what /proc/PID/uid_map, gid_map, projid_map and setgroups accept, and from
// whom. Once written a map stays. user_namespaces(7)
import { EINVAL, EPERM, type Errno } from "../../abi/errno.ts";
import { CAP_SETFCAP, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, type Cred } from "../security/cred.ts";
import { type Extent, type IdMap, INVALID_ID, type UserNamespace } from "./user.ts";

export type MapKind = "uids" | "gids" | "projects";

const MAX_EXTENTS = 340;
/** More than so many are kept, and shown, in order. */
const UNSORTED = 5;

/** What a program says of one range, the second number being its parent's. */
interface Range {
  readonly inside: number;
  readonly above: number;
  readonly count: number;
}

/** Sets a map from what was written. `writer`: credentials now; `opener`: when the file was opened.
 *  Errors: EPERM for a second time, or for what the writer may not map; EINVAL. */
export function writeIdMap(
  namespace: UserNamespace,
  kind: MapKind,
  text: string,
  { writer, opener }: { writer: Cred; opener: Cred },
): 0 | Errno {
  const { parent } = namespace;
  const map = namespace[kind];
  if (!parent || (opener.userNamespace !== namespace && opener.userNamespace !== parent)) return EPERM;
  if (map.extents.length > 0) return EPERM;
  if (kind !== "projects" && !opener.canIn(namespace, CAP_SYS_ADMIN)) return EPERM;
  const ranges = parse(text);
  if (typeof ranges === "number") return ranges;
  if (!permitted(namespace, parent, kind, ranges, writer, opener)) return EPERM;
  const extents: Extent[] = [];
  for (const { inside, above, count } of ranges) {
    const outside = parent[kind].downRange(above, count);
    if (outside === INVALID_ID) return EPERM;
    extents.push({ inside, outside, count });
  }
  if (extents.length > UNSORTED) extents.sort((a, b) => a.inside - b.inside);
  map.extents = extents;
  return 0;
}

/** Lines of three numbers; ranges neither wrap nor overlap. Errors: EINVAL. */
function parse(text: string): Range[] | Errno {
  const ranges: Range[] = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const [, ...numbers] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line) ?? [];
    if (numbers.length !== 3) return EINVAL;
    const [inside = 0, above = 0, count = 0] = numbers.map(Number);
    for (const first of [inside, above]) if (first >= INVALID_ID || first + count > INVALID_ID + 1) return EINVAL;
    if (count === 0 || ranges.length === MAX_EXTENTS) return EINVAL;
    const range = { inside, above, count };
    if (ranges.some((other) => meets(other, range, "inside") || meets(other, range, "above"))) return EINVAL;
    ranges.push(range);
  }
  return ranges;
}

const meets = (a: Range, b: Range, side: "inside" | "above"): boolean =>
  a[side] < b[side] + b.count && b[side] < a[side] + a.count;

function permitted(
  namespace: UserNamespace,
  parent: UserNamespace,
  kind: MapKind,
  ranges: readonly Range[],
  writer: Cred,
  opener: Cred,
): boolean {
  if (kind === "projects") return true;
  // Who maps the parent's root could make programs with file capabilities that count in the parent.
  if (kind === "uids" && ranges.some(({ above }) => above === 0)) {
    const trusted =
      opener.userNamespace === namespace ? namespace.parentCouldSetfcap : opener.canIn(parent, CAP_SETFCAP);
    if (!trusted) return false;
  }
  const [only] = ranges;
  if (ranges.length === 1 && only!.count === 1 && namespace.owner === opener.euid) {
    // Everyone may map themselves; their group only where nobody can drop it.
    if (kind === "uids" && parent.uid(only!.above) === opener.euid) return true;
    if (kind === "gids" && !namespace.setgroupsAllowed && parent.gid(only!.above) === opener.egid) return true;
  }
  const capability = kind === "uids" ? CAP_SETUID : CAP_SETGID;
  return writer.canIn(parent, capability) && opener.canIn(parent, capability);
}

/** A map as `reader` sees it: the second number is its own namespace's, or the parent's for those inside. */
export function showIdMap(namespace: UserNamespace, kind: MapKind, reader: UserNamespace): string {
  const above: IdMap = (reader === namespace && reader.parent ? reader.parent : reader)[kind];
  const column = (value: number): string => String(value).padStart(10);
  return namespace[kind].extents
    .map(({ inside, outside, count }) => `${column(inside)} ${column(above.up(outside))} ${column(count)}\n`)
    .join("");
}

/** Errors: EINVAL; EPERM for a denial after groups were mapped, and for what would undo a denial. */
export function writeSetgroups(namespace: UserNamespace, text: string): 0 | Errno {
  const word = /^(allow|deny)\s*$/.exec(text)?.[1];
  if (word === undefined || text.length >= 8) return EINVAL;
  if (word === "allow") return namespace.setgroupsAllowed ? 0 : EPERM;
  if (namespace.gids.extents.length > 0) return EPERM;
  namespace.setgroupsAllowed = false;
  return 0;
}
