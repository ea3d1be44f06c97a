// What a run of a program comes to, and the run on this machine's own Linux, which is the judge.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
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

/** Runs a program natively, in an empty directory on tmpfs, in a session of its own. */
export async function runHost(argv: readonly string[], limit = 20_000): Promise<Outcome> {
  const cwd = mkdtempSync(join(SCRATCH, "airside-guest-"));
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      // The mode and mask that the guest's directory and process have.
      const script = 'chmod 755 . && umask 022 && exec "$@"';
      const child = spawn("/bin/sh", ["-c", script, "sh", ...argv], {
        cwd,
        detached: true,
        env: Object.fromEntries(environment.map((entry) => entry.split("=") as [string, string])),
        stdio: ["ignore", "pipe", "pipe"],
      });
      const chunks: Buffer[] = [];
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        killSession(child.pid);
      }, limit);
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        clearTimeout(timer);
        killSession(child.pid);
        const status = late ? "timed out" : signal ? `killed by ${constants.signals[signal]}` : `exited ${code}`;
        setTimeout(() => resolve({ stdout: Buffer.concat(chunks).toString("latin1"), status }), 5);
      });
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function killSession(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
