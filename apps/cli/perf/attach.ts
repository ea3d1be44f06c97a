// perf stat -p and perf record -p: what processes of a machine that runs do, from now until Ctrl-C, their end, or the time
// of a `sleep N` in the place of a command, as with perf.
import { machines, open } from "../control/client.ts";
import type { PerfRequest } from "../control/requests.ts";

/** "12" or "12,13". Throws a RangeError. */
function parsePids(text: string): number[] {
  return text.split(",").map((word) => {
    const pid = Number(word);
    if (!Number.isInteger(pid) || pid < 1) throw new RangeError(`not a process: ${word}`);
    return pid;
  });
}

/** Milliseconds; undefined for no limit. */
function duration(words: readonly string[]): number | undefined {
  if (words.length === 0) return undefined;
  const seconds = Number(words[1]);
  if (words.length !== 2 || words[0] !== "sleep" || !(seconds >= 0)) {
    throw new RangeError("with -p, what stands behind -- can only be `sleep SECONDS`");
  }
  return seconds * 1000;
}

/** The machine that is meant: the one that was named, or the only one. */
export async function machineName(asked: string | undefined): Promise<string> {
  if (asked !== undefined) return asked;
  const all = (await machines()).map(({ name }) => name);
  if (all.length === 1) return all[0]!;
  throw new RangeError(
    all.length === 0 ? "no machine has a name: airside run --name" : `which machine? --machine ${all.join(" | ")}`,
  );
}

/** Listens; the answer is the counts as JSON, or the recording. */
export async function attach(
  words: readonly string[],
  flags: { pid: string; machine?: string },
  request: Omit<PerfRequest, "verb" | "pids">,
): Promise<Buffer> {
  const limit = duration(words.filter((word) => word !== "--"));
  const pids = parsePids(flags.pid);
  const name = await machineName(flags.machine);
  const channel = await open(name, { verb: "perf", pids, ...request });
  const stop = (): void => void channel.send("stop");
  const timer = limit === undefined ? undefined : setTimeout(stop, limit);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) process.on(signal, stop);
  try {
    return await new Promise((resolve, reject) => {
      channel.onFrame = (type, bytes) => {
        if (type === "reply" || type === "trace") resolve(Buffer.from(bytes));
        else if (type === "error") reject(new RangeError(bytes.toString()));
      };
      channel.onClose = () => reject(new RangeError(`${name} went away without an answer`));
    });
  } finally {
    clearTimeout(timer);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) process.off(signal, stop);
  }
}
