// The qemu-riscv64s to compare with: the one that is installed, and the newer ones that Debian has.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { unpack } from "./packages.ts";
import { Absent, type Side } from "./workload.ts";

const INSTALLED = ["qemu-riscv64-static", "qemu-riscv64"];
/** Suites with other versions; their qemu-user is linked statically. */
const SUITES = ["trixie", "trixie-backports"];
const PROGRAM = "usr/bin/qemu-riscv64";

/** Oldest first. AIRSIDE_QEMU names programs to use instead, with colons between them. */
export async function findQemus(): Promise<{ sides: Side[]; missing: string[] }> {
  const missing: string[] = [];
  const named = process.env.AIRSIDE_QEMU?.split(":");
  const programs = named ?? INSTALLED.filter((program) => versionOf(program) !== undefined).slice(0, 1);
  if (programs.length === 0) missing.push("no qemu-riscv64 is installed (package qemu-user-static)");
  for (const release of named ? [] : SUITES) {
    const folder = await unpack({ label: "qemu", packages: ["qemu-user"], release, only: PROGRAM });
    if (folder instanceof Absent) missing.push(`qemu of Debian's ${release} is left out: ${folder.reason}`);
    else programs.push(join(folder, PROGRAM));
  }
  const sides: Side[] = [];
  for (const program of programs) {
    const version = versionOf(program);
    const number = /\d+\.\d+/.exec(version ?? "")?.[0];
    if (version === undefined || number === undefined) missing.push(`${program} does not run`);
    else if (!sides.some((side) => side.version === version))
      sides.push({ kind: "qemu", name: `qemu ${number}`, program, version });
  }
  sides.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  return { sides, missing };
}

function versionOf(program: string): string | undefined {
  const { error, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return error === undefined ? stdout.split("\n")[0] : undefined;
}
