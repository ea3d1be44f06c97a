// The cost model of this host: calibrate.c compiled and run once where there is a C compiler, and kept in the cache.
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../../src/hosts/node/images/cache.ts";
import { type Model, published } from "../../../src/observe/doctor/model.ts";

/** Instructions of RV64GC that calibrate.c's ordinary() takes: airside perf stat, gcc 12 and 14 -O1. */
const ORDINARY = 6_218_862;
/** Shorter, and nothing behind it is a disk. */
const NO_DISK = 50_000;
const LIMIT = 10_000;

/** The model by its name: "published", "host" (measured anew), or "auto": of this host if it can be had. */
export function modelNamed(name: string): Model {
  if (name === "published") return published;
  if (name !== "auto" && name !== "host") throw new RangeError(`no such model: ${name} (auto, host or published)`);
  const folder = join(cacheFolder(), "doctor");
  const path = join(folder, "costs.json");
  const machine = `${os.cpus()[0]?.model ?? os.arch()}, Linux ${os.release()}`;
  const kept = name === "auto" ? read(path, machine) : undefined;
  const costs = kept ?? measure(folder);
  if (!costs) {
    if (name === "host")
      throw new RangeError("this host's costs can't be measured: that needs Linux and a C compiler (cc)");
    return published;
  }
  if (!kept) fs.writeFileSync(path, JSON.stringify({ machine, costs }));
  return modelOf(costs, machine);
}

type Costs = Record<string, number>;

function read(path: string, machine: string): Costs | undefined {
  if (!fs.existsSync(path)) return undefined;
  try {
    const kept = JSON.parse(fs.readFileSync(path, "utf8")) as { machine: string; costs: Costs };
    return kept.machine === machine && isWhole(kept.costs) ? kept.costs : undefined;
  } catch (error) {
    // A file that was cut short is measured anew.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isWhole = (costs: Costs | undefined): costs is Costs =>
  ["instruction", "call", "read", "write", "pageFault", "fork", "exec", "switch"].every(
    (key) => costs?.[key] !== undefined,
  );

/** Undefined where it can't be done: no Linux, no compiler, no permission. */
function measure(folder: string): Costs | undefined {
  if (process.platform !== "linux") return undefined;
  fs.mkdirSync(folder, { recursive: true });
  const binary = join(folder, `calibrate-${process.pid}`);
  const source = join(import.meta.dirname, "calibrate.c");
  const built = spawnSync("cc", ["-O1", "-pthread", "-w", "-o", binary, source], { stdio: "ignore", timeout: LIMIT });
  if (built.status !== 0) return undefined;
  const { status, stdout } = spawnSync(binary, [folder], { encoding: "utf8", timeout: LIMIT });
  fs.rmSync(binary, { force: true });
  if (status !== 0) return undefined;
  const costs = Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([name, value]) => [name, Number(value)]),
  ) as Costs;
  return isWhole(costs) ? costs : undefined;
}

/** What was not measured is the published figure, as much dearer or cheaper as a bare call is. */
function modelOf(costs: Costs, machine: string): Model {
  const scale = costs.call! / published.call;
  const calls = Object.fromEntries(
    Object.entries(published.calls).map(([name, cost]) => [name, costs[name] ?? Math.round(cost * scale)]),
  );
  const alike: Record<string, string> = {
    readv: "read",
    pread64: "read",
    writev: "write",
    pwrite64: "write",
    faccessat2: "faccessat",
    statx: "newfstatat",
    fsync: "",
    fdatasync: "",
    sync: "",
  };
  for (const [name, like] of Object.entries(alike)) {
    if (like === "") calls[name] = published.calls[name]!;
    else calls[name] = calls[like]!;
  }
  const disk = costs.fsync ?? 0;
  const device = disk < NO_DISK ? 1 : disk / published.waits.fsync!;
  return {
    ...published,
    name: machine,
    source: "measured",
    instruction: costs.instruction! / ORDINARY,
    call: costs.call!,
    pageFault: costs.pageFault!,
    switch: Math.max(costs.switch!, 500),
    byte: costs.byte ?? published.byte,
    signal: costs.signal ?? published.signal,
    // A fork was measured with its end and the wait for it.
    fork: costs.fork! * 0.6,
    exit: costs.fork! * 0.4,
    exec: costs.exec!,
    thread: costs.thread ?? published.thread,
    calls,
    waits: Object.fromEntries(Object.entries(published.waits).map(([name, wait]) => [name, wait * device])),
  };
}
