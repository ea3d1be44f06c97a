// The second stage of building an image: the packages' own scripts, run inside the machine that the image is for. What
// dpkg would have run before unpacking (preinst) comes first, then `dpkg --configure -a`.
import type { ScriptFailure } from "./database.ts";

/** Runs a command as root in a machine whose root is the image, writable; `onOutput` sees its output as it comes. */
export type RunInside = (
  command: readonly string[],
  options: { readonly environment: Readonly<Record<string, string>>; readonly onOutput: (text: string) => void },
) => Promise<{ readonly code: number; readonly output: string }>;

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
  HOME: "/root",
  LC_ALL: "C.UTF-8",
  TERM: "dumb",
  DEBIAN_FRONTEND: "noninteractive",
  DEBCONF_NONINTERACTIVE_SEEN: "true",
  DEBCONF_NOWARNINGS: "yes",
};

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * The whole stage as one shell script. A policy-rc.d that says no keeps services from being started meanwhile, as
 * Debian's own bootstrappers do; deb-systemd-invoke(1), invoke-rc.d(8).
 */
export const secondStageScript = (provisional: readonly string[]): string => `
cd /
${provisional.length > 0 ? `rm -f ${provisional.map(quoted).join(" ")}` : ""}
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
for script in /var/lib/dpkg/info/*.preinst; do
  [ -x "$script" ] || continue
  name=\${script##*/}; name=\${name%.preinst}
  DPKG_ADMINDIR=/var/lib/dpkg DPKG_ROOT= DPKG_MAINTSCRIPT_NAME=preinst DPKG_MAINTSCRIPT_PACKAGE=\${name%%:*} \\
    DPKG_MAINTSCRIPT_ARCH=riscv64 DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1 "$script" install ||
    echo "dpkg: error processing package $name (preinst): exit status $?"
done
dpkg --configure -a
code=$?
rm -f /usr/sbin/policy-rc.d
exit $code
`;

/** How many packages have been set up, from dpkg's output so far. */
export const countSetUp = (output: string): number => output.match(/^Setting up /gm)?.length ?? 0;

/** The package that is being set up, from the latest of dpkg's output. */
export const lastSetUp = (output: string): string =>
  output
    .match(/^Setting up (\S+)/gm)
    ?.at(-1)
    ?.slice("Setting up ".length) ?? "";

/** "dpkg: error processing package NAME (--configure):" and the line that says why. */
export const scriptFailures = (output: string): ScriptFailure[] => {
  const lines = output.split("\n");
  return lines.flatMap((line, at) => {
    const match = /^dpkg: error processing package (\S+) \([^)]*\):\s*(.*)$/.exec(line);
    if (!match) return [];
    return [{ package: match[1]!, reason: match[2] || (lines[at + 1] ?? "").trim() }];
  });
};
