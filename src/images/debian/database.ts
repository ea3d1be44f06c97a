// dpkg's database as it stands after `dpkg --unpack` of every package: `dpkg --configure -a` takes it from there.
import type { ContentWriter } from "../content.ts";
import type { ImageTree } from "../tree.ts";
import { fieldOf, formatStanza, type Stanza } from "./deb822.ts";
import type { UnpackedPackage } from "./package.ts";

export const DPKG = "/var/lib/dpkg";

/** One status stanza: the control fields with dpkg's own two, in dpkg's order. */
const statusStanza = (unpacked: UnpackedPackage, status: string): Stanza => {
  const stanza: Stanza = new Map();
  for (const [name, value] of unpacked.control) {
    stanza.set(name, value);
    if (name === "Package") stanza.set("Status", status);
    if (name === "Version" && unpacked.conffiles.length > 0)
      stanza.set("Conffiles", unpacked.conffiles.map(({ path, md5 }) => `\n ${path} ${md5}`).join(""));
  }
  return stanza;
};

/**
 * deb-triggers(5): interest in a path goes to triggers/File, in a name to a file of that name; "noawait" marks both.
 * Returns what each file under /var/lib/dpkg/triggers is to hold.
 */
const triggerFiles = (packages: readonly UnpackedPackage[]): Map<string, string> => {
  const files = new Map<string, string>([["File", ""]]);
  for (const unpacked of packages) {
    const text = new TextDecoder().decode(unpacked.members.get("triggers") ?? new Uint8Array(0));
    for (const line of text.split("\n")) {
      const [directive = "", trigger = ""] = line.replace(/#.*/, "").trim().split(/\s+/);
      if (!directive.startsWith("interest") || trigger === "") continue;
      const who = unpacked.id + (directive === "interest-noawait" ? "/noawait" : "");
      if (trigger.startsWith("/")) files.set("File", `${files.get("File")}${trigger} ${who}\n`);
      else files.set(trigger, `${files.get(trigger) ?? ""}${who}\n`);
    }
  }
  return files;
};

export const writeDatabase = (
  tree: ImageTree,
  contents: ContentWriter,
  packages: readonly UnpackedPackage[],
  architecture: string,
): void => {
  const directory = { mode: 0o755, uid: 0, gid: 0, mtimeSec: 0 };
  const file = (path: string, text: string, mode = 0o644) =>
    tree.file(`${DPKG}/${path}`, { ...directory, mode }, contents.putText(text));
  for (const path of ["info", "updates", "parts", "triggers", "alternatives"])
    tree.directory(`${DPKG}/${path}`, directory);
  const sorted = [...packages].sort((a, b) => (a.id < b.id ? -1 : 1));
  file("status", sorted.map((one) => formatStanza(statusStanza(one, "install ok unpacked"))).join("\n"));
  file("available", "");
  file("diversions", "");
  file("statoverride", "");
  file("arch", `${architecture}\n`);
  file("info/format", "1\n");
  file("triggers/Unincorp", "");
  for (const [name, text] of triggerFiles(packages)) file(`triggers/${name}`, text);
};

/** What an image made of Debian packages says about itself. */
export interface DebianAbout {
  readonly kind: "debian";
  readonly architecture: string;
  readonly mirror: string;
  readonly suite: string;
  readonly debian: string;
  readonly released: string;
  readonly requested: readonly string[];
  /** Whether the packages' own scripts have run. */
  readonly configured: boolean;
  /** Paths that stand in for what those scripts choose, until they have. */
  readonly provisional: readonly string[];
  /** Packages whose scripts failed, and the last thing each said. */
  readonly failures?: readonly ScriptFailure[];
  readonly packages: readonly PackageLine[];
}

export interface ScriptFailure {
  readonly package: string;
  readonly reason: string;
}

export interface PackageLine {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

export const packageLine = ({ control, name, version }: UnpackedPackage): PackageLine => ({
  name,
  version,
  architecture: fieldOf(control, "Architecture") ?? "",
});
