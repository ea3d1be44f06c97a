// Debian packages through the machine's own apt, with configuration, lists, cache and (empty) package state of our own:
// nothing of the machine's is written. apt checks the signatures; what it refuses stays refused. apt.conf(5)
import * as fs from "node:fs";
import { basename, join } from "node:path";
import { type AptSource, debianMirror, parseAptSources } from "../../../images/debian/apt-sources.ts";
import { ImageError } from "../../../images/error.ts";
import type { ImageCache } from "./cache.ts";
import { acquireLock } from "./lock.ts";
import type { Progress } from "./progress.ts";
import { type Finished, runProcess } from "./run-process.ts";

export const RELEASE = "trixie";
export const ARCHITECTURE = "riscv64";

const KEYRINGS = "/usr/share/keyrings";
const keysOf = (codename: string): string[] =>
  ["automatic", "security-automatic", "stable"].map((kind) => `debian-archive-${codename}-${kind}`);

export interface AptArchive {
  readonly mirror: string;
  /** The suite that it was read by, and what its signed release file says it is. */
  readonly suite: string;
  readonly version: string;
  readonly date: string;
  /** Resolves and downloads; the .deb files in the order to unpack them. */
  fetch(packages: readonly string[], progress: Progress): Promise<string[]>;
  close(): void;
}

/** The machine's apt sources, both formats. */
export const machineSources = (etc = "/etc/apt"): AptSource[] => {
  const files = [join(etc, "sources.list")];
  const parts = join(etc, "sources.list.d");
  if (fs.existsSync(parts)) for (const file of fs.readdirSync(parts).sort()) files.push(join(parts, file));
  return files
    .filter((file) => /\.(list|sources)$/.test(file) && fs.existsSync(file))
    .flatMap((file) => parseAptSources(file, fs.readFileSync(file, "utf8")));
};

const keyrings = (release: string): string[] => {
  const find = (names: readonly string[]) =>
    names.flatMap((name) =>
      [".gpg", ".pgp", ".asc"]
        .map((end) => join(KEYRINGS, name + end))
        .filter(fs.existsSync)
        .slice(0, 1),
    );
  // The backports are signed by the release's keys.
  const own = find(keysOf(release.split("-")[0]!));
  const found = own.length > 0 ? own : find(["debian-archive-keyring"]);
  if (found.length === 0)
    throw new ImageError(
      "no-apt",
      `this machine has no Debian archive keys in ${KEYRINGS} (package debian-archive-keyring)`,
    );
  return found;
};

/** How the machine reaches its mirror (proxies, retries, checks of dates) is its owner's to say: those settings are kept. */
const machineAcquire = async (): Promise<string> => {
  const { output } = await runProcess("apt-config", ["dump"]);
  return output
    .split("\n")
    .filter((line) => /^Acquire::(https?|Retries|ForceIPv[46]|Check-Valid-Until|Check-Date|Max-ValidTime)\b/.test(line))
    .join("\n");
};

const prepareFolders = (root: string): void => {
  const folders = [
    "state",
    "cache/archives/partial",
    "cache/none/partial",
    "etc/parts",
    "etc/preferences.d",
    "etc/trusted.gpg.d",
    "log",
  ];
  for (const path of folders) fs.mkdirSync(join(root, path), { recursive: true });
  // No package is installed, so everything is resolved from nothing.
  fs.writeFileSync(join(root, "state/status"), "");
};

const writeConfiguration = (root: string, lists: string, acquire: string, architecture: string): string => {
  const settings: readonly (readonly [string, string])[] = [
    ["Dir", root],
    ["Dir::State", join(root, "state")],
    ["Dir::State::lists", `${lists}/`],
    ["Dir::State::status", join(root, "state/status")],
    ["Dir::Cache", join(root, "cache")],
    ["Dir::Log", join(root, "log")],
    ["Dir::Etc", join(root, "etc")],
    ["Dir::Etc::main", "none"],
    ["Dir::Etc::parts", "parts"],
    ["Dir::Etc::netrc", "/etc/apt/auth.conf"],
    ["Dir::Etc::netrcparts", "/etc/apt/auth.conf.d"],
    ["APT::Architecture", architecture],
    ["APT::Architectures", architecture],
    ["APT::Install-Recommends", "false"],
    ["APT::Update::Error-Mode", "any"],
    // The cache is the user's own folder, which apt's sandbox user can't enter.
    ["APT::Sandbox::User", ""],
    ["Acquire::Languages", "none"],
  ];
  const path = join(root, "apt.conf");
  const lines = settings.map(([name, value]) => `${name} ${JSON.stringify(value)};`);
  fs.writeFileSync(path, `${acquire}\n${lines.join("\n")}\n`);
  return path;
};

/** The first thing that apt called an error, without its prefix. */
const complaint = ({ output }: Finished): string =>
  (/^E: (.*)$/m.exec(output)?.[1] ?? output.trim().split("\n").at(-1) ?? "apt-get failed")
    .replace(/\s*\[IP: [^\]]*\]/, "")
    .trim();

const releaseField = (lists: string, name: string): string => {
  const file = fs.readdirSync(lists).find((one) => one.endsWith("_InRelease") || one.endsWith("_Release"));
  const text = file ? fs.readFileSync(join(lists, file), "utf8") : "";
  return new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1] ?? "";
};

/**
 * Brings the package lists up to date. A mirror in the middle of a sync can hold a release file and lists that do not
 * match, and apt rightly refuses them; the archive keeps the same release under the name "stable" too, so that is asked
 * next, and taken only if its signed release file says that it is the same release.
 */
export const openArchive = async (
  cache: ImageCache,
  progress: Progress,
  wanted: { mirror?: string | undefined; suite?: string | undefined; architecture?: string; release?: string } = {},
): Promise<AptArchive> => {
  const release = wanted.release ?? RELEASE;
  const architecture = wanted.architecture ?? ARCHITECTURE;
  const root = cache.directory(architecture === ARCHITECTURE ? "apt" : `apt-${architecture}`);
  const unlock = await acquireLock(join(root, "lock"));
  try {
    prepareFolders(root);
    const acquire = await machineAcquire();
    const mirror = wanted.mirror ?? debianMirror(machineSources());
    if (mirror === undefined)
      throw new ImageError("no-apt", "this machine's apt has no Debian sources: name a mirror with --mirror");
    const suites = wanted.suite ? [wanted.suite] : release === RELEASE ? [RELEASE, "stable"] : [release];
    let refused = "";
    for (const suite of suites) {
      progress.phase(`reading Debian's package lists (${suite}, ${architecture})`);
      const signedBy = keyrings(release).join(",");
      fs.writeFileSync(join(root, "etc/sources.list"), `deb [signed-by=${signedBy}] ${mirror} ${suite} main\n`);
      // Lists of their own, so that asking one suite does not sweep the other's away.
      const lists = join(root, "state", `lists-${suite.replace(/[^a-z0-9-]/gi, "_")}`);
      fs.mkdirSync(join(lists, "partial"), { recursive: true });
      const env = { APT_CONFIG: writeConfiguration(root, lists, acquire, architecture) };
      const updated = await runProcess("apt-get", ["update", "-q"], { env });
      if (updated.code !== 0) {
        refused ||= complaint(updated);
        // Only lists that do not match their release file: no network, or a bad signature, is no reason to ask again.
        if (!/unexpected size|hash sum mismatch/i.test(updated.output)) break;
        continue;
      }
      const codename = releaseField(lists, "Codename");
      if (codename !== release)
        throw new ImageError("network", `the suite ${suite} of ${mirror} is ${codename || "unknown"}, not ${release}`);
      const version = releaseField(lists, "Version");
      if (refused)
        progress.note(
          `warning: ${mirror} ${release} is out of step (${refused}); using ${suite}, Debian ${version}, instead`,
        );
      return {
        mirror,
        suite,
        version,
        date: releaseField(lists, "Date"),
        fetch: (packages, shown) => fetchPackages(root, env, packages, shown),
        close: unlock,
      };
    }
    throw new ImageError("network", `apt could not read ${mirror}: ${refused}`);
  } catch (error) {
    unlock();
    throw error;
  }
};

const fetchPackages = async (
  root: string,
  env: Readonly<Record<string, string>>,
  packages: readonly string[],
  progress: Progress,
): Promise<string[]> => {
  const install = ["install", "-y", "-q", "--no-install-recommends"];
  progress.phase("working out which packages are needed");
  // apt names only what its cache lacks, so it is asked about an empty one.
  const empty = ["-o", `Dir::Cache::archives=${join(root, "cache/none")}/`];
  const resolved = await runProcess("apt-get", [...install, ...empty, "--print-uris", ...packages], { env });
  if (resolved.code !== 0)
    throw new ImageError("not-found", `apt can't install these packages: ${complaint(resolved)}`);
  // 'URI' file-name size hash; some suites have no hash of the kind that apt prints
  const files = [...resolved.output.matchAll(/^'[^']+' (\S+\.deb) \d+ \S*$/gm)].map((match) => match[1]!);
  if (files.length === 0) throw new ImageError("not-found", "apt names no package to install");
  progress.phase(`downloading ${files.length} packages`);
  const onStatus = (line: string) => {
    const [kind, , percent] = line.split(":");
    if (kind === "dlstatus") progress.step(Number(percent), 100);
  };
  const fetched = await runProcess("apt-get", [...install, "-d", "-o", "APT::Status-Fd=3", ...packages], {
    env,
    onStatus,
  });
  if (fetched.code !== 0) throw new ImageError("network", `apt could not download a package: ${complaint(fetched)}`);
  return files.map((file) => {
    const path = join(root, "cache/archives", basename(file));
    if (!fs.existsSync(path)) throw new ImageError("network", `apt did not download ${file}`);
    return path;
  });
};
