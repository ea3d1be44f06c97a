// One maker at a time for what makers share. The lock is a file that holds its owner's process id; a dead owner's is taken.
import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Waits for the lock; the answer releases it. */
export const acquireLock = async (path: string): Promise<() => void> => {
  for (;;) {
    try {
      fs.writeFileSync(path, String(process.pid), { flag: "wx" });
      const release = () => fs.rmSync(path, { force: true });
      process.once("exit", release);
      return () => {
        process.off("exit", release);
        release();
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = fs.existsSync(path) ? Number(fs.readFileSync(path, "utf8")) : 0;
    if (owner > 0 && !alive(owner)) fs.rmSync(path, { force: true });
    else await sleep(200);
  }
};
