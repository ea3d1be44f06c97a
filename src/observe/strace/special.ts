// Calls whose arguments depend on each other, or stand in another order in strace(1)'s lines than in the registers.
import { flagNames, hex, valueName } from "../../abi/flag-table.ts";
import { flagTables, valueTables } from "../../abi/flag-tables.ts";
import { address, bytesOf, type Call, int, isError, peek, uint } from "./call.ts";
import { descriptor } from "./descriptors.ts";
import { early, late, type Piece, piece, struct } from "./pieces.ts";
import { signalName } from "./signals.ts";
import { message, messages } from "./sockets.ts";
import { ipcSpecials } from "./special-ipc.ts";
import { taskSpecials } from "./special-task.ts";
import { flock, openFlags, permissions, termios, winsize } from "./structs.ts";
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
  if (flags & 0x101000) {
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
    case "F_SETOWN_EX":
      return one(() => struct(call, "f_owner_ex", argument, 2));
    case "F_GETOWN_EX":
      return [...head, late(() => (isError(call) ? address(argument) : struct(call, "f_owner_ex", argument, 2)))];
    case "F_NOTIFY":
      return one(() => flagNames(flagTables.DN!, uint(argument)));
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
    case "RNDGETENTCNT":
    case "FIGETBSZ":
      return out(() => struct(call, "int", argument, 2));
    case "FS_IOC_GETFLAGS":
      return out(() => inodeFlags(call, argument));
    case "FS_IOC_SETFLAGS":
      return given(() => inodeFlags(call, argument));
    case "FIONBIO":
    case "FIOASYNC":
    case "TIOCSPGRP":
    case "TIOCSPTLCK":
      return given(() => struct(call, "int", argument, 2));
    case "TCFLSH":
      return given(() => valueName(valueTables.TCFLSH!, int(argument)));
    case "TCXONC":
      return given(() => valueName(valueTables.TCXONC!, int(argument)));
    case "TCSBRK":
    case "TCSBRKP":
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
    case "FUTEX_FD":
      return [...head, value];
    case "FUTEX_WAKE_BITSET":
      return [...head, value, bits];
    case "FUTEX_REQUEUE":
      return [...head, value, count, second];
    case "FUTEX_CMP_REQUEUE":
    case "FUTEX_CMP_REQUEUE_PI":
      return [...head, value, count, second, third];
    case "FUTEX_WAKE_OP":
      return [...head, value, count, second, early(() => wakeOp(uint(at(call, 5))))];
    case "FUTEX_LOCK_PI":
    case "FUTEX_LOCK_PI2":
      return [...head, time];
    case "FUTEX_UNLOCK_PI":
    case "FUTEX_TRYLOCK_PI":
      return head;
    default:
      return [...head, value, early(() => address(at(call, 3))), second, early(() => hex(uint(at(call, 5))))];
  }
};

/** "FUTEX_OP_ADD<<28|0x3<<12|FUTEX_OP_CMP_GT<<24|0x4". */
function wakeOp(value: number): string {
  const shift = value >>> 31 ? "FUTEX_OP_OPARG_SHIFT<<28|" : "";
  const op = valueName(valueTables.FUTEX_OP!, (value >>> 28) & 7);
  const compare = valueName(valueTables.FUTEX_OP_CMP!, (value >>> 24) & 15);
  const argument = (bits: number): string => hex(bits);
  return `${shift}${op}<<28|${argument((value >>> 12) & 0xfff)}<<12|${compare}<<24|${argument(value & 0xfff)}`;
}

const optionTables: Readonly<Record<number, string>> = { 0: "IP", 1: "SO", 6: "TCP", 41: "IPV6" };

/** The option's name is its level's; most values are numbers. */
const socketOption =
  (set: boolean): Special =>
  (call) => {
    const level = int(at(call, 1));
    const table = valueTables[optionTables[level] ?? ""];
    const option = int(at(call, 2));
    const name = table ? valueName(table, option) : String(option);
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
  ...ipcSpecials,
  ...taskSpecials,
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
      if (call.options.plain) return address(at(call, 1));
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
  epoll_ctl: (call) => [
    ...fromRow(call, 0, 1, 2),
    int(at(call, 1)) === 2 ? early(() => address(at(call, 3))) : fromRow(call, 3)[0]!,
  ],
  process_vm_readv: (call) => [
    ...fromRow(call, 0),
    late(() => struct(call, "iovec", at(call, 1), 1)),
    late(() => String(at(call, 2))),
    late(() => struct(call, "iovec-addresses", at(call, 3), 3)),
    late(() => String(at(call, 4))),
    late(() => String(at(call, 5))),
  ],
  process_vm_writev: (call) => [
    ...fromRow(call, 0, 1, 2),
    early(() => struct(call, "iovec-addresses", at(call, 3), 3)),
    ...fromRow(call, 4),
    early(() => String(at(call, 5))),
  ],
  pidfd_getfd: (call) => [...fromRow(call, 0), early(() => String(int(at(call, 1)))), ...fromRow(call, 2)],
  socketpair: (call) => [...fromRow(call, 0, 1), early(() => String(uint(at(call, 2)))), ...fromRow(call, 3)],
  get_robust_list: (call) => [
    ...fromRow(call, 0),
    late(() => (isError(call) ? address(at(call, 1)) : pointed(call, 1, true))),
    late(() => (isError(call) ? address(at(call, 2)) : pointed(call, 2, false))),
  ],
  recvmsg: (call) => {
    // How much room there was for the sender's address is known at entry alone.
    const room = peek(call.task, at(call, 1) + 8n, 4)?.getInt32(0, true);
    if (at(call, 1) === 0n || room === undefined)
      return [...fromRow(call, 0), early(() => address(at(call, 1))), ...fromRow(call, 2)];
    return [
      ...fromRow(call, 0),
      late(() =>
        isError(call) ? `{msg_namelen=${room}}` : (message(call, at(call, 1), room) ?? address(at(call, 1))),
      ),
      late(() => flagNames(flagTables.MSG!, uint(at(call, 2)))),
    ];
  },
  recvmmsg: (call) => {
    const timeout = at(call, 4) === 0n ? "NULL" : struct(call, "timespec", at(call, 4), 4);
    const rooms = nameRooms(call);
    return [
      ...fromRow(call, 0),
      late(() => (isError(call) ? undefined : messages(call, at(call, 1), rooms)) ?? address(at(call, 1))),
      late(() => String(uint(at(call, 2)))),
      late(() => flagNames(flagTables.MSG!, uint(at(call, 3)))),
      late(() => timeout),
    ];
  },
  sendmmsg: (call) => [
    ...fromRow(call, 0),
    late(() => messages(call, at(call, 1), undefined) ?? address(at(call, 1))),
    late(() => String(uint(at(call, 2)))),
    late(() => flagNames(flagTables.MSG!, uint(at(call, 3)))),
  ],
  mmap: (call) => [...fromRow(call, 0, 1, 2), early(() => mapFlags(uint(at(call, 3)))), ...fromRow(call, 4, 5)],
  mremap: (call) =>
    (uint(at(call, 3)) & 3) === 3 || uint(at(call, 3)) & 4 ? fromRow(call, 0, 1, 2, 3, 4) : fromRow(call, 0, 1, 2, 3),
  mincore: (call) => [
    ...fromRow(call, 0, 1),
    late(() => {
      const pages = Math.ceil(Number(at(call, 1)) / 4096);
      const shown = call.options.verbose ? pages : Math.min(pages, call.options.limit);
      if (pages === 0 && !isError(call)) return "[]";
      const view = isError(call) ? undefined : peek(call.task, at(call, 2), shown);
      if (!view) return address(at(call, 2));
      const bits = Array.from(bytesOf(view), (byte) => String(byte & 1));
      return `[${bits.join(", ")}${shown < pages ? ", ..." : ""}]`;
    }),
  ],
  truncate: (call) => [...fromRow(call, 0), early(() => String(at(call, 1)))],
  ftruncate: (call) => [...fromRow(call, 0), early(() => String(at(call, 1)))],
  mknodat: (call) => {
    const kind = uint(at(call, 2)) & 0o170000;
    return kind === 0o20000 || kind === 0o60000 ? fromRow(call, 0, 1, 2, 3) : fromRow(call, 0, 1, 2);
  },
  mount: (call) => {
    const flags = Number(at(call, 3) & 0xffffffffn);
    // Old magic, and calls that ignore some of the arguments.
    const data = early(() => {
      const [from, bind] = [at(call, 4), (flags & 0x3000) !== 0];
      return bind ? address(from) : string(call, from);
    });
    const type = early(() => (flags & 0x3020 ? address(at(call, 2)) : string(call, at(call, 2))));
    const source = early(() => (flags & 0x20 ? address(at(call, 0)) : string(call, at(call, 0))));
    return [source, ...fromRow(call, 1), type, early(() => flagNames(flagTables.MS!, flags)), data];
  },
  mq_open: (call) =>
    uint(at(call, 1)) & 0o100
      ? [...fromRow(call, 0, 1), early(() => permissions(uint(at(call, 2)))), ...fromRow(call, 3)]
      : fromRow(call, 0, 1),
  openat2: (call) => [
    ...fromRow(call, 0, 1),
    early(() => (at(call, 3) < 24n ? address(at(call, 2)) : struct(call, "open_how", at(call, 2), 2))),
    ...fromRow(call, 3),
  ],
  preadv2: (call) => [...fromRow(call, 0, 1, 2, 3), ...fromRow(call, 5)],
  pwritev2: (call) => [...fromRow(call, 0, 1, 2, 3), ...fromRow(call, 5)],
};

const remaining = (call: Call, index: number): Piece =>
  late(() =>
    call.result === -516 || call.result === -4
      ? struct(call, "timespec", at(call, index), index)
      : address(at(call, index)),
  );

/** "[0x3f…]" or "[24]": a word in memory. */
function pointed(call: Call, index: number, pointer: boolean): string {
  const word = at(call, index) === 0n ? undefined : peek(call.task, at(call, index), 8)?.getBigUint64(0, true);
  return word === undefined ? address(at(call, index)) : `[${pointer ? address(word) : word}]`;
}

function inodeFlags(call: Call, from: bigint): string | undefined {
  const view = peek(call.task, from, 4);
  return view && `[${flagNames(flagTables.FS!, view.getUint32(0, true))}]`;
}

/** msg_namelen of each message that may be received. */
function nameRooms(call: Call): number[] {
  const rooms: number[] = [];
  for (let i = 0; i < Math.min(uint(at(call, 2)), 1024); i++) {
    const room = peek(call.task, at(call, 1) + BigInt(i * 64 + 8), 4);
    if (!room) break;
    rooms.push(room.getInt32(0, true));
  }
  return rooms;
}

function mapFlags(flags: number): string {
  const huge = (flags >>> 26) & 0x3f;
  const rest = (flags & ~0xf & ~(0x3f << 26)) >>> 0;
  const parts = [valueName(valueTables.MAP_TYPE!, flags & 0xf)];
  if (rest !== 0) parts.push(flagNames(flagTables.map!, rest).replace(/ \/\* .* \*\/$/, ""));
  if (huge !== 0) parts.push(`${huge}<<MAP_HUGE_SHIFT`);
  return parts.join("|");
}

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
