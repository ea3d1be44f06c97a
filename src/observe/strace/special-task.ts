// Calls about processes and their rights, whose arguments depend on each other.
import { flagNames, hex, valueName } from "../../abi/flag-table.ts";
import { flagTables, valueTables } from "../../abi/flag-tables.ts";
import { address, type Call, int, isError, peek, uint } from "./call.ts";
import { early, late, type Piece, piece, struct } from "./pieces.ts";
import { signalName } from "./signals.ts";
import { bounded } from "./text.ts";

type Special = (call: Call) => readonly Piece[];

const at = (call: Call, index: number): bigint => call.args[index] ?? 0n;
const fromRow = (call: Call, ...indices: number[]): Piece[] => indices.map((index) => piece(call.row!, index));

const named = (table: string, value: bigint): string => valueName(valueTables[table]!, int(value));

/** struct sock_fprog. */
const program = (call: Call, index: number): Piece =>
  early(() => {
    const view = peek(call.task, at(call, index), 16);
    if (!view) return address(at(call, index));
    return `{len=${view.getUint16(0, true)}, filter=${address(view.getBigUint64(8, true))}}`;
  });

const seccomp: Special = (call) => {
  const operation = uint(at(call, 0));
  const head = early(() => valueName(valueTables.SECCOMP!, operation));
  const flags = early(() =>
    operation === 1 ? flagNames(flagTables.SECCOMP_FILTER_FLAG!, uint(at(call, 1))) : hex(uint(at(call, 1))),
  );
  if (operation === 1) return [head, flags, program(call, 2)];
  if (operation !== 2) return [head, flags, early(() => address(at(call, 2)))];
  const action = early(() => {
    const view = peek(call.task, at(call, 2), 4);
    return view ? `[${valueName(valueTables.SECCOMP_RET!, view.getUint32(0, true))}]` : address(at(call, 2));
  });
  return [head, flags, action];
};

const prctl: Special = (call) => {
  const name = named("PR", at(call, 0));
  const head = early(() => name);
  const rest = (from: number): Piece[] =>
    [1, 2, 3, 4]
      .filter((index) => index >= from)
      .map((index) => early(() => (at(call, index) ? `0x${at(call, index).toString(16)}` : "0")));
  const number = (index: number): Piece => early(() => String(at(call, index)));
  const out = (text: () => string): Piece => late(() => (isError(call) ? address(at(call, 1)) : text()));
  switch (name) {
    case "PR_SET_NAME":
      return [head, early(() => bounded(call, at(call, 1), 15))];
    case "PR_GET_NAME":
      return [head, out(() => bounded(call, at(call, 1), 16))];
    case "PR_SET_PDEATHSIG":
      return [
        head,
        early(() =>
          at(call, 1) > 128n ? String(at(call, 1)) : int(at(call, 1)) === 0 ? "0" : signalName(int(at(call, 1))),
        ),
      ];
    case "PR_GET_PDEATHSIG":
      return [
        head,
        out(() => {
          const signal = peek(call.task, at(call, 1), 4)?.getInt32(0, true) ?? 0;
          return `[${signal === 0 ? "0" : signalName(signal)}]`;
        }),
      ];
    case "PR_GET_CHILD_SUBREAPER":
      return [head, out(() => struct(call, "int", at(call, 1), 1))];
    case "PR_GET_TID_ADDRESS":
      return [head, out(() => `[${address(peek(call.task, at(call, 1), 8)?.getBigUint64(0, true))}]`)];
    case "PR_GET_DUMPABLE":
    case "PR_GET_KEEPCAPS":
    case "PR_GET_SECUREBITS":
    case "PR_GET_TIMERSLACK":
    case "PR_GET_TIMING":
    case "PR_GET_SECCOMP":
      return [head];
    case "PR_SET_SECCOMP": {
      const mode = early(() => named("SECCOMP_MODE", at(call, 1)));
      return at(call, 1) === 2n ? [head, mode, program(call, 2)] : [head, mode];
    }
    case "PR_SET_DUMPABLE":
      return [head, early(() => named("DUMPABLE", at(call, 1)))];
    case "PR_CAPBSET_READ":
    case "PR_CAPBSET_DROP":
      return [head, early(() => named("CAP", at(call, 1)))];
    case "PR_CAP_AMBIENT": {
      const what = int(at(call, 1));
      const action = early(() => named("PR_CAP_AMBIENT", at(call, 1)));
      return what >= 1 && what <= 3
        ? [head, action, early(() => named("CAP", at(call, 2))), ...rest(3)]
        : [head, action, ...rest(2)];
    }
    case "PR_SET_SECUREBITS":
      return [head, early(() => flagNames(flagTables.SECBIT!, uint(at(call, 1))))];
    case "PR_SET_KEEPCAPS":
    case "PR_SET_TIMING":
    case "PR_SET_TIMERSLACK":
    case "PR_SET_CHILD_SUBREAPER":
      return [head, number(1)];
    case "PR_SET_NO_NEW_PRIVS":
    case "PR_SET_THP_DISABLE":
    case "PR_SET_IO_FLUSHER":
      return [head, number(1), ...rest(2)];
    default:
      return [head, ...rest(1)];
  }
};

/** "PER_LINUX|ADDR_NO_RANDOMIZE". */
export function personalityText(value: number): string {
  if (value === 0xffffffff) return "0xffffffff";
  const kind = valueName(valueTables.PER!, value & 0xff);
  const rest = value & ~0xff;
  return rest === 0 ? kind : `${kind}|${flagNames(flagTables.PERSONALITY!, rest)}`;
}

export function priorityText(value: number): string {
  return `IOPRIO_PRIO_VALUE(${valueName(valueTables.IOPRIO_CLASS!, value >>> 13)}, ${value & 0x1fff})`;
}

function schedulerAttributes(call: Call, from: bigint, limit: number | undefined): string {
  const first = from === 0n ? undefined : peek(call.task, from, 4);
  if (!first) return address(from);
  const told = first.getUint32(0, true);
  const length = Math.min(limit ?? (told === 0 ? 48 : told), 56);
  const view = length < 48 ? undefined : peek(call.task, from, length);
  const fields = [`size=${told}`];
  if (view && told >= 48) {
    const flags = view.getBigUint64(8, true);
    const keep = limit === undefined ? flags : 0n;
    if ((keep & 0x18n) === 0n) fields.push(`sched_policy=${valueName(valueTables.SCHED!, view.getInt32(4, true))}`);
    fields.push(`sched_flags=${flagNames(flagTables.SCHED_FLAG!, Number(flags))}`);
    if ((keep & 0x10n) === 0n) {
      fields.push(`sched_nice=${view.getInt32(16, true)}`, `sched_priority=${view.getUint32(20, true)}`);
      for (const [name, offset] of [
        ["runtime", 24],
        ["deadline", 32],
        ["period", 40],
      ] as const)
        fields.push(`sched_${name}=${view.getBigUint64(offset, true)}`);
    }
    if (told >= 56 && length >= 56) {
      fields.push(`sched_util_min=${view.getUint32(48, true)}`, `sched_util_max=${view.getUint32(52, true)}`);
    }
  }
  if (told > length) fields.push("...");
  return `{${fields.join(", ")}}`;
}

export const taskSpecials: Readonly<Record<string, Special>> = {
  restart_syscall: (call) => [early(() => `<... resuming interrupted ${call.resumed} ...>`)],
  prctl,
  seccomp,
  personality: (call) => [early(() => personalityText(uint(at(call, 0))))],
  ioprio_get: (call) => [early(() => named("IOPRIO_WHO", at(call, 0))), ...fromRow(call, 1)],
  ioprio_set: (call) => [
    early(() => named("IOPRIO_WHO", at(call, 0))),
    ...fromRow(call, 1),
    early(() => priorityText(uint(at(call, 2)))),
  ],
  kcmp: (call) => {
    const kind = int(at(call, 2));
    const head = [...fromRow(call, 0, 1), early(() => named("KCMP", at(call, 2)))];
    return kind === 0 || kind > 6 || kind < 0 ? [...head, ...fromRow(call, 3, 4)] : head;
  },
  sched_setattr: (call) => [
    ...fromRow(call, 0),
    early(() => schedulerAttributes(call, at(call, 1), undefined)),
    late(() => String(uint(at(call, 2)))),
  ],
  sched_getattr: (call) => [
    ...fromRow(call, 0),
    late(() =>
      isError(call) || uint(at(call, 2)) === 0
        ? address(at(call, 1))
        : schedulerAttributes(call, at(call, 1), uint(at(call, 2))),
    ),
    late(() => String(uint(at(call, 2)))),
    late(() => String(uint(at(call, 3)))),
  ],
  unshare: (call) => [early(() => flagNames(flagTables.unshare!, uint(at(call, 0))))],
  setns: (call) => [...fromRow(call, 0), early(() => flagNames(flagTables.unshare!, uint(at(call, 1))))],
  membarrier: (call) => {
    const head = [
      early(() => named("MEMBARRIER", at(call, 0))),
      early(() => flagNames(flagTables.MEMBARRIER_FLAG!, uint(at(call, 1)))),
    ];
    return uint(at(call, 1)) & 1 ? [...head, early(() => String(int(at(call, 2))))] : head;
  },
  syslog: (call) => {
    const action = int(at(call, 0));
    const name = valueTables.SYSLOG!.names.find(([, value]) => value === action)?.[0];
    const head = [early(() => (name ? `${action} /* ${name} */` : `${hex(action >>> 0)} /* SYSLOG_ACTION_??? */`))];
    return action >= 2 && action <= 4
      ? [...head, ...fromRow(call, 1, 2)]
      : [...head, early(() => address(at(call, 1))), ...fromRow(call, 2)];
  },
  setgroups: (call) => [
    early(() => String(int(at(call, 0)))),
    early(() => (uint(at(call, 0)) > 65536 ? address(at(call, 1)) : struct(call, "gid_t[]", at(call, 1), 1))),
  ],
  wait4: (call) => [
    ...fromRow(call, 0),
    late(() =>
      isError(call) || Number(call.result) === 0 ? address(at(call, 1)) : struct(call, "wait-status", at(call, 1), 1),
    ),
    ...fromRow(call, 2, 3),
  ],
  getrusage: (call) => [
    ...fromRow(call, 0),
    late(() => (isError(call) ? address(at(call, 1)) : struct(call, "rusage", at(call, 1), 1))),
  ],
  sethostname: (call) => [early(() => hostName(call)), early(() => String(uint(at(call, 1))))],
  setdomainname: (call) => [early(() => hostName(call)), early(() => String(uint(at(call, 1))))],
};

function hostName(call: Call): string {
  const length = uint(at(call, 1));
  return length > 64 ? address(at(call, 0)) : bounded(call, at(call, 0), Math.min(call.options.limit, length));
}
