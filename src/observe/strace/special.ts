// Calls whose arguments depend on each other, or stand in another order in strace(1)'s lines than in the registers.
import { flagNames, hex, valueName } from "../../abi/flag-table.ts";
import { flagTables, valueTables } from "../../abi/flag-tables.ts";
import { address, type Call, int, isError, long, peek, uint } from "./call.ts";
import { descriptor } from "./descriptors.ts";
import { early, late, type Piece, piece, struct } from "./pieces.ts";
import { signalName } from "./signals.ts";
import { flock, openFlags, termios, winsize } from "./structs.ts";
import { buffer, string } from "./text.ts";

type Special = (call: Call) => readonly Piece[];

const at = (call: Call, index: number): bigint => call.args[index] ?? 0n;
const fromRow = (call: Call, ...indices: number[]): Piece[] => indices.map((index) => piece(call.row!, index));

const clone: Special = (call) => {
  const flags = uint(at(call, 0));
  const signal = flags & 0xff;
  const names = [
    ...((flags & ~0xff) === 0 && signal !== 0 ? [] : [flagNames(flagTables.clone!, (flags & ~0xff) >>> 0)]),
    ...(signal === 0 ? [] : [signalName(signal)]),
  ];
  const more: Piece[] = [];
  // CLONE_PARENT_SETTID, CLONE_SETTLS, CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID
  if (flags & 0x100000) {
    more.push(late(() => `parent_tid=${isError(call) ? address(at(call, 2)) : struct(call, "int", at(call, 2), 2)}`));
  }
  if (flags & 0x80000) more.push(late(() => `tls=${address(at(call, 3))}`));
  if (flags & 0x1200000) more.push(late(() => `child_tidptr=${address(at(call, 4))}`));
  return [early(() => `child_stack=${address(at(call, 1))}`), early(() => `flags=${names.join("|")}`), ...more];
};

const clone3: Special = (call) => [
  ...fromRow(call, 0).map((first) => {
    const before = first.text(call) ?? "";
    return late(() => {
      const view = peek(call.task, at(call, 0), 64);
      if (isError(call) || !view) return before;
      const flags = Number(view.getBigUint64(0, true) & 0xffffffffn);
      const told: string[] = [];
      if (flags & 0x1000) told.push(`pidfd=${struct(call, "int", view.getBigUint64(8, true), 0)}`);
      if (flags & 0x100000) told.push(`parent_tid=${struct(call, "int", view.getBigUint64(24, true), 0)}`);
      return told.length === 0 ? before : `${before} => {${told.join(", ")}}`;
    });
  }),
  ...fromRow(call, 1),
];

const fcntl: Special = (call) => {
  const command = int(at(call, 1));
  const name = valueName(valueTables.F!, command);
  const argument = at(call, 2);
  const head = fromRow(call, 0, 1);
  const one = (text: () => string): Piece[] => [...head, early(text)];
  switch (name) {
    case "F_GETFD":
    case "F_GETFL":
    case "F_GETOWN":
    case "F_GETSIG":
    case "F_GETLEASE":
    case "F_GETPIPE_SZ":
    case "F_GET_SEALS":
      return head;
    case "F_SETFD":
      return one(() => flagNames(flagTables.FD!, uint(argument)));
    case "F_SETFL":
      return one(() => openFlags(uint(argument)));
    case "F_ADD_SEALS":
      return one(() => flagNames(flagTables.F_SEAL!, uint(argument)));
    case "F_SETLEASE":
      return one(() => valueName(valueTables.F_LCK!, int(argument)));
    case "F_SETSIG":
      return one(() => (int(argument) === 0 ? "0" : signalName(int(argument))));
    case "F_SETLK":
    case "F_SETLKW":
    case "F_OFD_SETLK":
    case "F_OFD_SETLKW":
      return one(() => flock(call, argument, 2) ?? address(argument));
    case "F_GETLK":
    case "F_OFD_GETLK":
      return [...head, late(() => (isError(call) ? undefined : flock(call, argument, 2)) ?? address(argument))];
    case "F_DUPFD":
    case "F_DUPFD_CLOEXEC":
    case "F_SETOWN":
    case "F_SETPIPE_SZ":
      return one(() => String(int(argument)));
    default:
      return one(() => (argument === 0n ? "0" : `0x${argument.toString(16)}`));
  }
};

const ioctl: Special = (call) => {
  const request = uint(at(call, 1));
  const name = valueTables.ioctl!.names.find(([, value]) => value >>> 0 === request)?.[0];
  const argument = at(call, 2);
  const direction = ["_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE"][request >>> 30];
  const raw = `_IOC(${direction}, ${hex((request >>> 8) & 0xff)}, ${hex(request & 0xff)}, ${hex((request >>> 16) & 0x3fff)})`;
  const head = [...fromRow(call, 0), early(() => name ?? raw)];
  const out = (text: () => string | undefined): Piece[] => [
    ...head,
    late(() => (isError(call) ? undefined : text()) ?? address(argument)),
  ];
  const given = (text: () => string | undefined): Piece[] => [...head, early(() => text() ?? address(argument))];
  switch (name) {
    case "TCGETS":
    case "TCGETS2":
      return out(() => termios(call, argument, 2));
    case "TCSETS":
    case "TCSETSW":
    case "TCSETSF":
      return given(() => termios(call, argument, 2));
    case "TIOCGWINSZ":
      return out(() => winsize(call, argument, 2));
    case "TIOCSWINSZ":
      return given(() => winsize(call, argument, 2));
    case "FIONREAD":
    case "TIOCGPGRP":
    case "TIOCGSID":
    case "TIOCOUTQ":
    case "TIOCGPTN":
    case "FIOGETOWN":
      return out(() => struct(call, "int", argument, 2));
    case "FIONBIO":
    case "FIOASYNC":
    case "TIOCSPGRP":
    case "TIOCSPTLCK":
      return given(() => struct(call, "int", argument, 2));
    case "TCSBRK":
    case "TCFLSH":
    case "TCXONC":
    case "TIOCSCTTY":
      return given(() => String(int(argument)));
    case "FIOCLEX":
    case "FIONCLEX":
    case "TIOCNOTTY":
    case "TIOCEXCL":
    case "TIOCNXCL":
      return head;
    case "FICLONE":
      return given(() => descriptor(call, int(argument)));
    default:
      return given(() => (argument === 0n ? "0" : undefined));
  }
};

const futex: Special = (call) => {
  const op = int(at(call, 1));
  const base = valueName(valueTables.FUTEX!, op & 0x7f);
  const name = `${base}${op & 128 ? "_PRIVATE" : ""}${op & 256 ? "|FUTEX_CLOCK_REALTIME" : ""}`;
  const head = [early(() => address(at(call, 0))), early(() => name)];
  const value = early(() => String(uint(at(call, 2))));
  const time = early(() => struct(call, "timespec", at(call, 3), 3));
  const second = early(() => address(at(call, 4)));
  const third = early(() => String(uint(at(call, 5))));
  const count = early(() => String(uint(at(call, 3))));
  const bits = early(() => (uint(at(call, 5)) === 0xffffffff ? "FUTEX_BITSET_MATCH_ANY" : hex(uint(at(call, 5)))));
  switch (base) {
    case "FUTEX_WAIT":
      return [...head, value, time];
    case "FUTEX_WAIT_BITSET":
      return [...head, value, time, bits];
    case "FUTEX_WAKE":
      return [...head, early(() => String(int(at(call, 2))))];
    case "FUTEX_WAKE_BITSET":
      return [...head, value, bits];
    case "FUTEX_REQUEUE":
      return [...head, value, count, second];
    case "FUTEX_CMP_REQUEUE":
    case "FUTEX_CMP_REQUEUE_PI":
      return [...head, value, count, second, third];
    case "FUTEX_WAKE_OP":
      return [...head, value, count, second, early(() => hex(uint(at(call, 5))))];
    case "FUTEX_LOCK_PI":
    case "FUTEX_LOCK_PI2":
      return [...head, time];
    case "FUTEX_UNLOCK_PI":
    case "FUTEX_TRYLOCK_PI":
      return head;
    default:
      return [...head, value, early(() => address(at(call, 3))), second, third];
  }
};

const prctl: Special = (call) => {
  const name = valueName(valueTables.PR!, int(at(call, 0)));
  const head = early(() => name);
  const number = (index: number): Piece => early(() => String(long(at(call, index))));
  const hexadecimal = (index: number): Piece =>
    early(() => (at(call, index) ? `0x${at(call, index).toString(16)}` : "0"));
  switch (name) {
    case "PR_SET_NAME":
      return [head, early(() => string(call, at(call, 1)))];
    case "PR_GET_NAME":
      return [head, late(() => (isError(call) ? address(at(call, 1)) : string(call, at(call, 1))))];
    case "PR_SET_PDEATHSIG":
      return [head, early(() => (int(at(call, 1)) === 0 ? "0" : signalName(int(at(call, 1)))))];
    case "PR_GET_PDEATHSIG":
    case "PR_GET_CHILD_SUBREAPER":
      return [head, late(() => (isError(call) ? address(at(call, 1)) : struct(call, "int", at(call, 1), 1)))];
    case "PR_GET_DUMPABLE":
    case "PR_GET_KEEPCAPS":
    case "PR_GET_SECUREBITS":
    case "PR_GET_TIMERSLACK":
    case "PR_GET_SECCOMP":
      return [head];
    case "PR_SET_DUMPABLE":
    case "PR_SET_KEEPCAPS":
    case "PR_SET_TIMERSLACK":
    case "PR_SET_CHILD_SUBREAPER":
    case "PR_CAPBSET_READ":
    case "PR_CAPBSET_DROP":
      return [head, number(1)];
    case "PR_SET_NO_NEW_PRIVS":
      return [head, number(1), number(2), number(3), number(4)];
    case "PR_GET_NO_NEW_PRIVS":
      return [head, number(1), number(2), number(3), number(4)];
    default:
      return [head, hexadecimal(1), hexadecimal(2), hexadecimal(3), hexadecimal(4)];
  }
};

const optionTables: Readonly<Record<number, string>> = { 0: "IP", 1: "SO", 6: "TCP", 41: "IPV6" };

/** The option's name is its level's; most values are numbers. */
const socketOption =
  (set: boolean): Special =>
  (call) => {
    const level = int(at(call, 1));
    const table = valueTables[optionTables[level] ?? ""];
    const option = int(at(call, 2));
    const name = table ? valueName(table, option) : hex(option);
    const head = [...fromRow(call, 0, 1), early(() => name)];
    const value = at(call, 3);
    const text = (size: number): string => {
      if (value === 0n) return "NULL";
      const view = size === 12 || size === 8 || size === 16 ? peek(call.task, value, size) : undefined;
      if (name === "SO_LINGER" && view)
        return `{l_onoff=${view.getInt32(0, true)}, l_linger=${view.getInt32(4, true)}}`;
      if (name === "SO_PEERCRED" && view && size === 12) {
        return `{pid=${view.getInt32(0, true)}, uid=${view.getUint32(4, true)}, gid=${view.getUint32(8, true)}}`;
      }
      if (/TIMEO/.test(name) && view && size === 16) return struct(call, "timeval", value, 3);
      if (name === "SO_TYPE" && size === 4) {
        return `[${valueName(valueTables.SOCK!, peek(call.task, value, 4)?.getInt32(0, true) ?? 0)}]`;
      }
      return size === 4 ? struct(call, "int", value, 3) : buffer(call, value, size);
    };
    if (set) {
      const size = int(at(call, 4));
      return [...head, early(() => text(size)), early(() => String(size))];
    }
    const [length] = fromRow(call, 4);
    return [
      ...head,
      late(() => {
        const size = peek(call.task, at(call, 4), 4)?.getInt32(0, true) ?? 0;
        return isError(call) ? address(value) : text(size);
      }),
      ...(length ? [length] : []),
    ];
  };

export const special: Readonly<Record<string, Special>> = {
  clone,
  clone3,
  fcntl,
  ioctl,
  futex,
  prctl,
  setsockopt: socketOption(true),
  getsockopt: socketOption(false),
  rseq: (call) => [
    early(() => address(at(call, 0))),
    early(() => hex(uint(at(call, 1)))),
    early(() => (uint(at(call, 2)) === 1 ? "RSEQ_FLAG_UNREGISTER" : String(uint(at(call, 2))))),
    early(() => hex(uint(at(call, 3)))),
  ],
  getdents64: (call) => [
    ...fromRow(call, 0),
    late(() => {
      if (isError(call)) return address(at(call, 1));
      const names = directoryEntries(call);
      return call.options.verbose
        ? `[${names.join(", ")}]`
        : `${address(at(call, 1))} /* ${names.length} ${names.length === 1 ? "entry" : "entries"} */`;
    }),
    ...fromRow(call, 2),
  ],
  rt_sigreturn: (call) => [early(() => `{mask=${signalMask(call)}}`)],
  // The kernel writes how much is left only when a signal comes.
  nanosleep: (call) => [...fromRow(call, 0), remaining(call, 1)],
  clock_nanosleep: (call) => [...fromRow(call, 0, 1, 2), remaining(call, 3)],
  wait4: (call) => [
    ...fromRow(call, 0),
    late(() =>
      isError(call) || Number(call.result) === 0 ? address(at(call, 1)) : struct(call, "wait-status", at(call, 1), 1),
    ),
    ...fromRow(call, 2, 3),
  ],
};

const remaining = (call: Call, index: number): Piece =>
  late(() =>
    call.result === -516 || call.result === -4
      ? struct(call, "timespec", at(call, index), index)
      : address(at(call, index)),
  );

function signalMask(call: Call): string {
  // The frame on the stack: siginfo (128 bytes), then ucontext with flags, link and stack (40 bytes) before the mask.
  const sp = call.task.context.xn(2);
  return struct(call, "sigset", BigInt(sp + 128 + 40), 0);
}

function directoryEntries(call: Call): string[] {
  const names: string[] = [];
  const total = Number(call.result ?? 0);
  for (let offset = 0; offset < total; ) {
    const start = at(call, 1) + BigInt(offset);
    const head = peek(call.task, start, 19);
    if (!head) break;
    const [ino, off] = [head.getBigUint64(0, true), head.getBigInt64(8, true)];
    const size = head.getUint16(16, true);
    const type = valueName(valueTables.DT!, head.getUint8(18));
    names.push(`{d_ino=${ino}, d_off=${off}, d_reclen=${size}, d_type=${type}, d_name=${string(call, start + 19n)}}`);
    if (size === 0) break;
    offset += size;
  }
  return names;
}
