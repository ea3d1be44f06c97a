// What a run of a program comes to, and the run on this machine's own Linux, which is the judge.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

export const guestFolder = dirname(fileURLToPath(import.meta.url));

/** `status` is "exited 3", "killed by 11" or "timed out". */
export interface Outcome {
  stdout: string;
  status: string;
}

export const environment = ["PATH=/usr/bin:/bin", "HOME=/root", "LANG=C"];

/** A status of wait(2) in words. */
export const statusText = (status: number): string =>
  (status & 127) === 0 ? `exited ${(status >> 8) & 255}` : `killed by ${status & 127}`;

/** tmpfs, as the guest has. */
const SCRATCH = process.platform === "linux" ? "/dev/shm" : tmpdir();

/** Runs a program natively, in an empty directory on tmpfs; `launcher` is launch.c's binary. */
export async function runHost(launcher: string, argv: readonly string[], limit = 20_000): Promise<Outcome> {
  const cwd = mkdtempSync(join(SCRATCH, "airside-guest-"));
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      const child = spawn(launcher, argv, {
        cwd,
        detached: true,
        env: Object.fromEntries(environment.map((entry) => entry.split("=") as [string, string])),
        stdio: ["ignore", "pipe", "ignore", "pipe"],
      });
      const text = { 1: "", 3: "" };
      for (const fd of [1, 3] as const) {
        (child.stdio[fd] as Readable).setEncoding("latin1").on("data", (chunk: string) => {
          text[fd] += chunk;
        });
      }
      const timer = setTimeout(() => child.kill("SIGKILL"), limit);
      child.on("error", reject);
      child.on("close", () => {
        clearTimeout(timer);
        resolve({ stdout: text[1], status: text[3] ? statusText(Number(text[3])) : "timed out" });
      });
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
