// Changes that the kernel can simulate while a run is repeated: calls are answered at the gate as if the program had been
// changed. What the program sees stays the same; what it costs differs. `settled` takes from the facts the calls that the
// changed program would not have made, and adds what a buffer in user space takes instead.
import { RLIM_INFINITY, RLIMIT_CORE, RLIMIT_NOFILE, S_IFIFO, S_IFMT } from "../../abi/flags.ts";
import type { Row, SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { Observer } from "../../kernel/trace.ts";
import type { File } from "../../kernel/vfs/file.ts";
import { pathName } from "../../kernel/vfs/path-name.ts";
import { toText } from "../../lib/byte-string.ts";
import type { Facts } from "./facts.ts";
import { ReadBuffers, WriteBuffers } from "./trial-buffers.ts";

export type Trial =
  /** Reads or writes of one program on one file go through a buffer in user space. */
  | { kind: "buffered"; program: string; path: string; direction: "read" | "write" }
  /** fsync and its kin are made once. */
  | { kind: "unsynced" }
  | { kind: "unslept"; program: string }
  /** A non-blocking descriptor waits instead of saying EAGAIN. */
  | { kind: "blocking"; program: string; path: string }
  | { kind: "wide pipes" }
  | { kind: "unlimited" };

export function trialText(trial: Trial): string {
  switch (trial.kind) {
    case "buffered":
      return `${trial.direction}s of ${trial.path} through a buffer of 64 KiB`;
    case "unsynced":
      return "one fsync instead of all";
    case "unslept":
      return "without the sleeps";
    case "blocking":
      return "waiting instead of asking again";
    case "wide pipes":
      return "with pipes of 1 MiB";
    case "unlimited":
      return "with the limits raised";
  }
}

/** Instructions of user space for a call that ends in a buffer: fwrite, fread. */
const BUFFERED_CALL = 60;
const O_NONBLOCK = 0o4000;
const F_SETPIPE_SZ = 1031;
const MEBIBYTE = 1 << 20;

/** Calls that the changed program would not have made, by name. */
type Spared = Map<string, number>;

export interface Change extends Observer {
  settled(facts: Facts): void;
}

/** Pipes and sockets have numbers for names, others in each run: any of the kind is meant. */
const sameFile = (a: string, b: string): boolean => a === b || unnumbered(a) === unnumbered(b);
const unnumbered = (path: string): string => path.replace(/^(pipe|socket):\[\d+\]$/, "$1");

const fileName = (task: Task, file: File): string => toText(pathName(file.path, task.fs.root));

export function startTrial(trial: Trial): Change {
  const spared: Spared = new Map();
  const spare = (name: string): void => void spared.set(name, (spared.get(name) ?? 0) + 1);
  const settled = (facts: Facts): void => {
    for (const [name, count] of spared) {
      facts.call(name).calls -= count;
      if (trial.kind === "buffered") facts.instructions += count * BUFFERED_CALL;
    }
  };
  switch (trial.kind) {
    case "buffered": {
      const wanted = (task: Task, file: File): boolean =>
        toText(task.comm) === trial.program && sameFile(fileName(task, file), trial.path);
      const buffers = trial.direction === "write" ? new WriteBuffers(wanted, spare) : new ReadBuffers(wanted, spare);
      return { settled, syscallInject: (task, row) => (row ? buffers.answer(task, row) : undefined) };
    }
    case "unsynced":
      return { settled, syscallInject: onceOnly(spare) };
    case "unslept":
      return {
        settled,
        syscallInject: (task, row) =>
          row && /nanosleep$/.test(row.name) && toText(task.comm) === trial.program ? once(spare, row.name) : undefined,
      };
    case "blocking":
      return { settled, syscallInject: (task, row) => waiting(task, row, trial) };
    case "wide pipes":
      return { settled, syscallInject: widened(new WeakSet()) };
    case "unlimited":
      return { settled, taskExec: raiseLimits };
  }
}

const syncs = new Set(["fsync", "fdatasync", "sync_file_range"]);

/** The first is made, the others are answered. */
function onceOnly(spare: (name: string) => void): Observer["syscallInject"] {
  let made = false;
  return (_task, row) => {
    if (!row || !syncs.has(row.name)) return undefined;
    if (made) return once(spare, row.name);
    made = true;
    return undefined;
  };
}

function once(spare: (name: string) => void, name: string): number {
  spare(name);
  return 0;
}

function waiting(
  task: Task,
  row: Row | undefined,
  { program, path }: { program: string; path: string },
): SyscallResult | undefined {
  if (row?.arguments[0]?.kind !== "fd" || toText(task.comm) !== program) return undefined;
  const file = task.files.get(task.context.xi(10));
  if (!file?.nonblocking || !sameFile(fileName(task, file), path)) return undefined;
  file.flags &= ~O_NONBLOCK;
  const result = row.call(task, task.context);
  file.flags |= O_NONBLOCK;
  return result;
}

/** A pipe that is used for the first time becomes a wide one. */
const widened =
  (seen: WeakSet<object>): Observer["syscallInject"] =>
  (task, row) => {
    if (row?.name !== "write" && row?.name !== "read") return undefined;
    const file = task.files.get(task.context.xi(10));
    if (!file || (file.inode.mode & S_IFMT) !== S_IFIFO || seen.has(file.inode)) return undefined;
    seen.add(file.inode);
    file.ops.fcntl?.(file, task, F_SETPIPE_SZ, MEBIBYTE);
    return undefined;
  };

function raiseLimits(task: Task): void {
  const { rlimits } = task.group;
  for (let i = 0; i < rlimits.length; i++) {
    if (i === RLIMIT_CORE) continue;
    const most = i === RLIMIT_NOFILE ? BigInt(MEBIBYTE) : RLIM_INFINITY;
    rlimits[i] = { soft: most, hard: most };
  }
}
