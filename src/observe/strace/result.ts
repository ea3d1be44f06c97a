// What stands behind the equals sign: the value as the call means it, the error by name and text, and more where a call
// answers with more than a number.
import { errnoName } from "../../abi/errno.ts";
import { errnoText } from "../../abi/errno-text.ts";
import { flagNames, hex, valueName } from "../../abi/flag-table.ts";
import { flagTables, valueTables } from "../../abi/flag-tables.ts";
import { type Call, int, peek, uint } from "./call.ts";
import { descriptor } from "./descriptors.ts";
import { struct } from "./pieces.ts";
import { signalName } from "./signals.ts";
import { personalityText, priorityText } from "./special-task.ts";
import { descriptors as descriptorNumbers, openFlags, permissions, polled } from "./structs.ts";

const restarts: Readonly<Record<number, string>> = {
  512: "ERESTARTSYS (To be restarted if SA_RESTART is set)",
  513: "ERESTARTNOINTR (To be restarted)",
  514: "ERESTARTNOHAND (To be restarted if no handler)",
  516: "ERESTART_RESTARTBLOCK (Interrupted by signal)",
};

const addresses = new Set(["brk", "mmap", "mremap", "shmat"]);
const descriptors = new Set(
  `openat openat2 dup dup3 socket accept accept4 epoll_create1 eventfd2 signalfd4 timerfd_create inotify_init1 memfd_create
  pidfd_open pidfd_getfd mq_open`.split(/\s+/),
);

const decided = new Set(
  "umask fcntl ppoll pselect6 prctl personality ioprio_get sched_getscheduler rt_sigtimedwait membarrier recvmmsg".split(
    " ",
  ),
);

/** Whether a call's answer, when it is no error, is a decimal number and nothing more. */
export const plainResult = (name: string): boolean =>
  !addresses.has(name) && !descriptors.has(name) && !decided.has(name);

/** "3", "0x3ff…", "-1 ENOENT (No such file or directory)", "1 ([{fd=3, revents=POLLIN}])". */
export function resultText(call: Call): string {
  const { result } = call;
  if (result === undefined) return "?";
  if (typeof result === "number" && result < 0) {
    const restart = restarts[-result];
    if (restart !== undefined) return `? ${restart}`;
    if (result >= -4095) return `-1 ${errnoName(result)} (${errnoText(result)})`;
  }
  const name = call.row?.name ?? "";
  const value = typeof result === "bigint" ? BigInt.asUintN(64, result) : BigInt(Math.trunc(result));
  if (addresses.has(name)) return value === 0n ? "0" : `0x${value.toString(16)}`;
  if (name === "umask") return permissions(Number(value));
  if (descriptors.has(name)) return descriptor(call, Number(value)) + more(call, name);
  if (name === "fcntl") return fcntlResult(call, Number(value));
  const short = Number(BigInt.asUintN(32, value));
  switch (name) {
    case "prctl":
      return prctlResult(int(call.args[0]), short);
    case "personality":
      return `${hex(short)} (${personalityText(short)})`;
    case "ioprio_get":
      return `${short} (${priorityText(short)})`;
    case "sched_getscheduler":
      return `${hex(short)} (${valueName(valueTables.SCHED!, short)})`;
    case "rt_sigtimedwait":
      return `${short} (${signalName(short)})`;
    case "membarrier":
      return int(call.args[0]) === 0 && short !== 0
        ? `${hex(short)} (${flagNames(valueTables.MEMBARRIER!, short)})`
        : String(short);
    default:
      return String(value) + more(call, name);
  }
}

function prctlResult(option: number, value: number): string {
  // PR_GET_DUMPABLE, PR_GET_SECUREBITS
  if (option === 3) return `${hex(value)} (${valueName(valueTables.DUMPABLE!, value)})`.replace(/^0x/, "");
  if (option === 27) return value === 0 ? "0" : `${hex(value)} (${flagNames(flagTables.SECBIT!, value)})`;
  return String(value);
}

function fcntlResult(call: Call, value: number): string {
  switch (int(call.args[1])) {
    case 0:
    case 1030:
      return descriptor(call, value);
    case 1:
      return value === 0 ? "0" : `${hex(value)} (flags ${flagNames(flagTables.FD!, value)})`;
    case 3:
      return `${hex(value)} (flags ${openFlags(value)})`;
    case 1034:
      return value === 0 ? "0" : `${hex(value)} (seals ${flagNames(flagTables.F_SEAL!, value)})`;
    case 11:
      return value === 0 ? "0" : `${value} (${signalName(value)})`;
    case 1025:
      return `${hex(value)} (${valueName(valueTables.F_LCK!, value)})`;
    default:
      return String(value);
  }
}

/** What strace(1) puts in parentheses: what poll found, what is left of a time-out. */
function more(call: Call, name: string): string {
  const count = Number(call.result);
  if (name === "ppoll") {
    if (count === 0) return " (Timeout)";
    const found = polled(call, call.args[0] ?? 0n, uint(call.args[1]));
    return found === undefined ? "" : ` (${[found, left(call, 2)].filter((text) => text !== "").join(", ")})`;
  }
  if (name === "recvmmsg") {
    if (count === 0) return " (Timeout)";
    return call.args[4] === 0n ? "" : ` (${left(call, 4)})`;
  }
  if (name === "pselect6") {
    if (count === 0) return " (Timeout)";
    const parts: string[] = [];
    for (const [index, word] of [
      [1, "in"],
      [2, "out"],
      [3, "except"],
    ] as const) {
      const at = call.args[index] ?? 0n;
      const set = at === 0n ? undefined : descriptorNumbers(call, at, String);
      if (set !== undefined && set !== "[]") parts.push(`${word} ${set}`);
    }
    return ` (${[...parts, left(call, 4)].filter((text) => text !== "").join(", ")})`;
  }
  return "";
}

function left(call: Call, index: number): string {
  const at = call.args[index] ?? 0n;
  return at === 0n || !peek(call.task, at, 16) ? "" : `left ${struct(call, "timespec", at, index)}`;
}
