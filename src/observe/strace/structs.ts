// Structures in user memory, by the name that a row's argument gives them. Each reads what it needs and answers with
// strace(1)'s text; undefined where the memory can't be read (the address is shown then).
import { flagNames, hex, valueName } from "../../abi/flag-table.ts";
import { flagTables, valueTables } from "../../abi/flag-tables.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from "../../abi/flags.ts";
import { decodeSiginfo } from "../../abi/siginfo.ts";
import { address, bytesOf, type Call, int, isError, peek } from "./call.ts";
import { descriptor } from "./descriptors.ts";
import { siginfo as siginfoText, signalName, signalSet, waitStatus } from "./signals.ts";
import { message, socketAddress } from "./sockets.ts";
import { buffer, list, quote, string } from "./text.ts";

/** `index` is the argument's place: lengths stand beside it. */
export type Struct = (call: Call, at: bigint, index: number) => string | undefined;

const kinds: Readonly<Record<number, string>> = {
  [S_IFSOCK]: "S_IFSOCK",
  [S_IFLNK]: "S_IFLNK",
  [S_IFREG]: "S_IFREG",
  [S_IFBLK]: "S_IFBLK",
  [S_IFDIR]: "S_IFDIR",
  [S_IFCHR]: "S_IFCHR",
  [S_IFIFO]: "S_IFIFO",
};
/** As C's %#03o. */
const octal = (value: number): string => `0${(value >>> 0).toString(8).padStart(2, "0")}`;

/** "S_IFREG|0644". */
export function modeText(mode: number): string {
  const kind = kinds[mode & S_IFMT];
  if (!kind && (mode & S_IFMT) !== 0) return octal(mode);
  const bits: string[] = kind ? [kind] : [];
  for (const [name, bit] of [
    ["S_ISUID", 0o4000],
    ["S_ISGID", 0o2000],
    ["S_ISVTX", 0o1000],
  ] as const) {
    if (kind && (mode & bit) !== 0) bits.push(name);
  }
  bits.push(octal(kind ? mode & 0o777 : mode & 0o7777));
  return bits.join("|");
}
export const permissions = octal;

/** From the packed form of struct stat. */
const device = (dev: number): string =>
  `makedev(${hex0((dev >>> 8) & 0xfff)}, ${hex0((dev & 0xff) | ((dev >>> 12) & ~0xff))})`;
const hex0 = (value: number): string => (value === 0 ? "0" : `0x${value.toString(16)}`);

/** " /* 2001-09-09T01:46:40.000000005+0000 *\/", in local time; nothing for a time that no calendar has. */
function isoDate(seconds: bigint, nanoseconds: bigint): string {
  if (nanoseconds < 0n || nanoseconds > 999_999_999n || seconds > 8_000_000_000_000n || seconds < -8_000_000_000_000n)
    return "";
  if (seconds === 0n && nanoseconds === 0n) return "";
  const offset = new Date(Number(seconds) * 1000).getTimezoneOffset();
  const local = new Date((Number(seconds) - offset * 60) * 1000).toISOString().replace(/\.\d+Z$/, "");
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const zone = `${offset > 0 ? "-" : "+"}${two(Math.abs(offset) / 60)}${two(Math.abs(offset) % 60)}`;
  const fraction = nanoseconds === 0n ? "" : `.${String(nanoseconds).padStart(9, "0")}`;
  return ` /* ${local}${fraction}${zone} */`;
}
const u64 = (view: DataView, at: number): bigint => view.getBigUint64(at, true);
const i64 = (view: DataView, at: number): bigint => view.getBigInt64(at, true);
const i32 = (view: DataView, at: number): number => view.getInt32(at, true);
const u32 = (view: DataView, at: number): number => view.getUint32(at, true);

function stamp(view: DataView, at: number, name: string): string {
  const seconds = i64(view, at);
  const nanoseconds = i64(view, at + 8);
  return `${name}=${seconds}${isoDate(seconds, nanoseconds)}, ${name}_nsec=${nanoseconds}`;
}

const stat: Struct = (call, at) => {
  const view = peek(call.task, at, 128);
  if (!view) return undefined;
  const mode = u32(view, 16);
  const kind = mode & S_IFMT;
  const isDevice = kind === S_IFCHR || kind === S_IFBLK;
  const main = isDevice ? `st_rdev=${device(Number(u64(view, 32)))}` : `st_size=${u64(view, 48)}`;
  if (!call.options.verbose) return `{st_mode=${modeText(mode)}, ${main}, ...}`;
  return `{st_dev=${device(Number(u64(view, 0)))}, st_ino=${u64(view, 8)}, st_mode=${modeText(mode)}, st_nlink=${u32(
    view,
    20,
  )}, st_uid=${u32(view, 24)}, st_gid=${u32(view, 28)}, st_blksize=${u32(view, 56)}, st_blocks=${u64(
    view,
    64,
  )}, ${main}, ${stamp(view, 72, "st_atime")}, ${stamp(view, 88, "st_mtime")}, ${stamp(view, 104, "st_ctime")}}`;
};

const statx: Struct = (call, at) => {
  const view = peek(call.task, at, 256);
  if (!view) return undefined;
  const mode = view.getUint16(28, true);
  const mask = flagNames(flagTables.STATX!, u32(view, 0));
  const attributes = flagNames(flagTables.STATX_ATTR!, u32(view, 8));
  const head = `{stx_mask=${mask}, `;
  if (!call.options.verbose) {
    return `${head}stx_attributes=${attributes}, stx_mode=${modeText(mode)}, stx_size=${u64(view, 40)}, ...}`;
  }
  const time = (name: string, offset: number): string => {
    const [seconds, nanoseconds] = [i64(view, offset), u32(view, offset + 8)];
    return `, stx_${name}={tv_sec=${seconds}, tv_nsec=${nanoseconds}}${isoDate(seconds, BigInt(nanoseconds))}`;
  };
  const has = (bit: number): boolean => (u32(view, 0) & bit) !== 0;
  const names = ["rdev_major", "rdev_minor", "dev_major", "dev_minor"];
  const devices = names.map((name, i) => `, stx_${name}=${u32(view, 128 + i * 4)}`).join("");
  return `${head}stx_blksize=${u32(view, 4)}, stx_attributes=${attributes}, stx_nlink=${u32(view, 16)}, stx_uid=${u32(
    view,
    20,
  )}, stx_gid=${u32(view, 24)}, stx_mode=${modeText(mode)}, stx_ino=${u64(view, 32)}, stx_size=${u64(
    view,
    40,
  )}, stx_blocks=${u64(view, 48)}, stx_attributes_mask=${flagNames(flagTables.STATX_ATTR!, u32(view, 56))}${time(
    "atime",
    64,
  )}${has(0x800) ? time("btime", 80) : ""}${time("ctime", 96)}${time("mtime", 112)}${devices}${
    has(0x5000) ? `, stx_mnt_id=${hex(Number(u64(view, 144)))}` : ""
  }}`;
};

const timespecAt = (view: DataView, at: number): string => `{tv_sec=${i64(view, at)}, tv_nsec=${i64(view, at + 8)}}`;
const timevalAt = (view: DataView, at: number): string => `{tv_sec=${i64(view, at)}, tv_usec=${i64(view, at + 8)}}`;

/** A structure of a fixed size that needs no more than its bytes. */
const fixed =
  (size: number, text: (view: DataView<ArrayBuffer>, call: Call) => string): Struct =>
  (call, at) => {
    const view = call.options.plain ? undefined : peek(call.task, at, size);
    return view && text(view, call);
  };

/** A time of utimensat(2), where two values of the nanoseconds have names. */
function utime(view: DataView, at: number): string {
  const nanoseconds = i64(view, at + 8);
  if (nanoseconds === 0x3fffffffn) return "UTIME_NOW";
  return nanoseconds === 0x3ffffffen ? "UTIME_OMIT" : `${timespecAt(view, at)}${isoDate(i64(view, at), nanoseconds)}`;
}

const K1024 = 1024n;
const limitText = (value: bigint): string => {
  if (value === 0xffffffffffffffffn) return "RLIM64_INFINITY";
  return value > K1024 && value % K1024 === 0n ? `${value / K1024}*1024` : String(value);
};

const cString = (view: DataView<ArrayBuffer>, at: number, length: number): string => {
  const bytes = bytesOf(view, at, length);
  const end = bytes.indexOf(0);
  return quote(end < 0 ? bytes : bytes.subarray(0, end));
};

/** Items one after another: `count` of them, cut at -s unless -v. */
export function array(
  call: Call,
  at: bigint,
  count: number,
  size: number,
  text: (view: DataView<ArrayBuffer>) => string,
): string | undefined {
  const shown = Math.min(count, call.options.verbose ? count : call.options.limit);
  const items: string[] = [];
  for (let i = 0; i < shown; i++) {
    const view = peek(call.task, at + BigInt(i * size), size);
    if (!view) return i === 0 ? undefined : list(items, true);
    items.push(text(view));
  }
  return list(items, count > shown);
}

/** argv: pointers up to NULL. */
export function strings(call: Call, at: bigint): string | undefined {
  const items: string[] = [];
  for (let i = 0; i < 4096; i++) {
    const pointer = peek(call.task, at + BigInt(i * 8), 8);
    if (!pointer) return i === 0 ? undefined : list(items, true);
    const value = u64(pointer, 0);
    if (value === 0n) return list(items, false);
    if (i >= call.options.limit && !call.options.verbose) return list(items, true);
    items.push(string(call, value));
  }
  return list(items, true);
}

const environment: Struct = (call, at) => {
  if (call.options.verbose) return strings(call, at);
  let count = 0;
  for (; ; count++) {
    const pointer = peek(call.task, at + BigInt(count * 8), 8);
    if (!pointer) return undefined;
    if (u64(pointer, 0) === 0n) break;
  }
  return `0x${at.toString(16)} /* ${count} var${count === 1 ? "" : "s"} */`;
};

const iovec: Struct = (call, at, index) => {
  const outgoing = !/^(readv|preadv|process_vm_readv)/.test(call.row?.name ?? "");
  let left = outgoing ? Number.POSITIVE_INFINITY : Number(call.result ?? 0);
  return array(call, at, Number(call.args[index + 1] ?? 0n), 16, (view) => {
    const whole = u64(view, 8);
    const length = Number(whole);
    const part = Math.max(0, Math.min(length, left));
    left -= part;
    if (!outgoing && isError(call)) return `{iov_base=${address(u64(view, 0))}, iov_len=${whole}}`;
    return `{iov_base=${buffer(call, u64(view, 0), part)}, iov_len=${whole}}`;
  });
};

const iovecAddresses: Struct = (call, at, index) =>
  array(call, at, Number(call.args[index + 1] ?? 0n), 16, (view) => {
    return `{iov_base=${address(u64(view, 0))}, iov_len=${u64(view, 8)}}`;
  });

const sigset: Struct = (call, at) => {
  // Sets of another size than the kernel's are not looked at.
  const size = call.row?.arguments.findIndex(({ name }) => name === "sigsetsize" || name === "sizemask") ?? -1;
  if (size >= 0 && call.unsigned(size) !== 8) return undefined;
  const view = peek(call.task, at, 8);
  return view && signalSet(u64(view, 0));
};

const sigaction = fixed(24, (view) => {
  const handler = u64(view, 0);
  const name = handler === 0n ? "SIG_DFL" : handler === 1n ? "SIG_IGN" : `0x${handler.toString(16)}`;
  return `{sa_handler=${name}, sa_mask=${signalSet(u64(view, 16))}, sa_flags=${flagNames(flagTables.SA!, u32(view, 8))}}`;
});

const pollfds: Struct = (call, at, index) =>
  array(call, at, int(call.args[index + 1]), 8, (view) => {
    const fd = i32(view, 0);
    if (fd < 0) return `{fd=${fd}}`;
    return `{fd=${descriptor(call, fd)}, events=${flagNames(flagTables.POLL!, view.getUint16(4, true))}}`;
  });

/** What poll reports, for the text behind the result. */
export function polled(call: Call, at: bigint, count: number): string | undefined {
  const items: string[] = [];
  for (let i = 0; i < count; i++) {
    const view = peek(call.task, at + BigInt(i * 8), 8);
    if (!view) return undefined;
    const revents = view.getUint16(6, true);
    if (revents === 0) continue;
    items.push(`{fd=${i32(view, 0)}, revents=${flagNames(flagTables.POLL!, revents)}}`);
  }
  return list(items, false);
}

/** "[3 5]" of an fd_set. */
export const descriptorSet: Struct = (call, at) => descriptors(call, at, (fd) => descriptor(call, fd));

export function descriptors(call: Call, at: bigint, name: (fd: number) => string): string | undefined {
  if (int(call.args[0]) < 0) return undefined;
  const count = Math.max(0, Math.min(int(call.args[0]), 65536));
  const view = peek(call.task, at, Math.ceil(count / 64) * 8);
  if (!view) return undefined;
  const set: string[] = [];
  for (let fd = 0; fd < count; fd++) {
    if ((view.getUint8(fd >> 3) & (1 << (fd & 7))) !== 0) set.push(name(fd));
  }
  return `[${set.join(" ")}]`;
}

const cpuSet: Struct = (call, at, index) => {
  const length = call.row?.name === "sched_getaffinity" ? Number(call.result) : int(call.args[index - 1]);
  const view = peek(call.task, at, Math.max(0, Math.min(length, 1024)));
  if (!view) return undefined;
  const cpus: number[] = [];
  for (let i = 0; i < view.byteLength * 8; i++) if ((view.getUint8(i >> 3) & (1 << (i & 7))) !== 0) cpus.push(i);
  return `[${cpus.join(" ")}]`;
};

function epollEvent(view: DataView): string {
  const data = u64(view, 8);
  const events = flagNames(flagTables.EPOLL_EVENTS!, u32(view, 0));
  return `{events=${events}, data=${data === 0n ? "0" : `0x${data.toString(16)}`}}`;
}
const epollEvents: Struct = (call, at) => {
  if (call.row?.name === "epoll_ctl") return fixed(16, epollEvent)(call, at, 3);
  return array(call, at, Number(call.result ?? 0), 16, epollEvent);
};

const integers =
  (size: 4 | 8, count: (call: Call, index: number) => number): Struct =>
  (call, at, index) =>
    array(call, at, count(call, index), size, (view) => String(size === 4 ? u32(view, 0) : u64(view, 0)));

const one = (text: (view: DataView) => string | number): Struct => fixed(4, (view) => `[${text(view)}]`);

export const termios = fixed(36, (view, call) => {
  const [iflag, oflag, cflag, lflag] = [0, 4, 8, 12].map((at) => u32(view, at)) as [number, number, number, number];
  const size = ["CS5", "CS6", "CS7", "CS8"][(cflag >> 4) & 3];
  const speed = valueName(valueTables.speed!, cflag & 0o10017);
  const others = flagNames(flagTables.cflag!, cflag & ~0o10077);
  const delays = "NL0|CR0|TAB0|BS0|VT0|FF0";
  const output = flagNames(flagTables.oflag!, oflag & 0o377);
  const text = `c_iflag=${flagNames(flagTables.iflag!, iflag)}, c_oflag=${delays}${
    output === "0" ? "" : `|${output}`
  }, c_cflag=${speed}|${size}${others === "0" ? "" : `|${others}`}, c_lflag=${flagNames(flagTables.lflag!, lflag)}`;
  if (!call.options.verbose) return `{${text}, ...}`;
  const controls =
    "VINTR VQUIT VERASE VKILL VEOF VTIME VMIN VSWTC VSTART VSTOP VSUSP VEOL VREPRINT VDISCARD VWERASE VLNEXT VEOL2";
  const shown = controls.split(" ").map((name, i) => `[${name}]=${hex(view.getUint8(17 + i))}`);
  for (let i = 17; i < 19; i++) shown.push(`[${i}]=${hex(view.getUint8(17 + i))}`);
  const line = view.getUint8(16) === 0 ? "N_TTY" : `${hex(view.getUint8(16))} /* N_??? */`;
  return `{${text}, c_line=${line}, c_cc=[${shown.join(", ")}]}`;
});

export const winsize = fixed(8, (view) => {
  const [row, col, x, y] = [0, 2, 4, 6].map((at) => view.getUint16(at, true));
  return `{ws_row=${row}, ws_col=${col}, ws_xpixel=${x}, ws_ypixel=${y}}`;
});

export const flock = fixed(32, (view, call) => {
  const type = valueName(valueTables.F_LCK!, view.getInt16(0, true));
  const whence = valueName(valueTables.SEEK!, view.getInt16(2, true));
  const holder = /GETLK/.test(valueName(valueTables.F!, int(call.args[1]))) ? `, l_pid=${i32(view, 24)}` : "";
  return `{l_type=${type}, l_whence=${whence}, l_start=${i64(view, 8)}, l_len=${i64(view, 16)}${holder}}`;
});

const statfs = fixed(120, (view) => {
  const [bsize, blocks, bfree, bavail, files, ffree] = [8, 16, 24, 32, 40, 48].map((at) => u64(view, at));
  return `{f_type=${valueName(valueTables.statfs!, Number(u64(view, 0)))}, f_bsize=${bsize}, f_blocks=${blocks}, f_bfree=${bfree}, f_bavail=${bavail}, f_files=${files}, f_ffree=${ffree}, f_fsid={val=[${hex0(
    u32(view, 56),
  )}, ${hex0(u32(view, 60))}]}, f_namelen=${u64(view, 64)}, f_frsize=${u64(view, 72)}, f_flags=${flagNames(
    flagTables.ST!,
    u32(view, 80),
  )}}`;
});

const rusage = fixed(144, (view, call) => {
  const head = `{ru_utime=${timevalAt(view, 0)}, ru_stime=${timevalAt(view, 16)}, `;
  if (!call.options.verbose) return `${head}...}`;
  const names = "maxrss ixrss idrss isrss minflt majflt nswap inblock oublock msgsnd msgrcv nsignals nvcsw nivcsw";
  return `${head}${names
    .split(" ")
    .map((name, i) => `ru_${name}=${u64(view, 32 + i * 8)}`)
    .join(", ")}}`;
});

const clone_args: Struct = (call, at) => {
  const told = Number(call.args[1] ?? 0n);
  if (told < 64) return undefined;
  const size = Math.min(88, told);
  const view = peek(call.task, at, size);
  if (!view) return undefined;
  const flags = u64(view, 0);
  const wide = Number(flags >> 32n);
  const names = [
    ...(Number(flags & 0xffffffffn) !== 0 || wide === 0
      ? [flagNames(flagTables.clone!, Number(flags & 0xffffffffn))]
      : []),
    ...(wide & 1 ? ["CLONE_CLEAR_SIGHAND"] : []),
    ...(wide & 2 ? ["CLONE_INTO_CGROUP"] : []),
  ];
  const low = Number(flags & 0xffffffffn);
  const fields = [`flags=${names.join("|")}`];
  const pointer = (name: string, offset: number): void => {
    const value = u64(view, offset);
    fields.push(`${name}=${value === 0n ? "NULL" : `0x${value.toString(16)}`}`);
  };
  if (low & 0x1000) pointer("pidfd", 8);
  if (low & 0x1200000) pointer("child_tid", 16);
  if (low & 0x100000) pointer("parent_tid", 24);
  const signal = Number(u64(view, 32));
  fields.push(`exit_signal=${signal === 0 ? 0 : signalName(signal)}`);
  pointer("stack", 40);
  fields.push(`stack_size=${hex(Number(u64(view, 48)))}`);
  if (low & 0x80000) pointer("tls", 56);
  if (size >= 80 && (u64(view, 64) !== 0n || u64(view, 72) !== 0n)) {
    const count = Number(u64(view, 72));
    const ids =
      count === 0 || count > 32
        ? undefined
        : u64(view, 64) === 0n
          ? "NULL"
          : array(call, u64(view, 64), count, 4, (each) => String(i32(each, 0)));
    fields.push(`set_tid=${ids ?? `0x${u64(view, 64).toString(16)}`}`, `set_tid_size=${count}`);
  }
  if (size >= 88 && wide & 2) fields.push(`cgroup=${u64(view, 80)}`);
  const more = told > 88 && told <= 4096 ? peek(call.task, at + 88n, told - 88) : undefined;
  const bytes = more && bytesOf(more);
  if (told > 4096) fields.push("???");
  else if (bytes?.some((byte) => byte !== 0)) fields.push(`/* bytes 88..${told - 1} */ ${quote(bytes, 2)}`);
  return `{${fields.join(", ")}}`;
};

const open_how: Struct = (call, at) => {
  const size = Number(call.args[3] ?? 24n);
  const view = peek(call.task, at, 24);
  if (!view) return undefined;
  const flags = u64(view, 0);
  const mode = u64(view, 8);
  const names =
    openFlags(Number(flags & 0xffffffffn)) + (flags >> 32n ? `|0x${((flags >> 32n) << 32n).toString(16)}` : "");
  const fields = [`flags=${names}`];
  // O_CREAT, O_TMPFILE
  if (flags & 0o100n || (flags & 0o20000000n) !== 0n || mode !== 0n) fields.push(`mode=${octal(Number(mode))}`);
  fields.push(`resolve=${flagNames(flagTables.RESOLVE!, Number(u64(view, 16)))}`);
  const more = size > 24 && size <= 4096 ? peek(call.task, at + 24n, size - 24) : undefined;
  const bytes = more && bytesOf(more);
  if (bytes?.some((byte) => byte !== 0)) fields.push(`/* bytes 24..${size - 1} */ ${quote(bytes, 2)}`);
  return `{${fields.join(", ")}}`;
};

/** "O_RDWR|O_CREAT": the access mode always stands first. */
export function openFlags(flags: number): string {
  const access = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"][flags & 3]!;
  const rest = (flags & ~3) >>> 0;
  if (rest === 0) return access;
  const names = flagNames(flagTables.O!, rest).replace(/ \/\* .* \*\/$/, "");
  return `${access}|${names}`;
}

const sysinfo = fixed(112, (view) => {
  const names = ["totalram", "freeram", "sharedram", "bufferram", "totalswap", "freeswap"];
  const loads = [8, 16, 24].map((at) => u64(view, at)).join(", ");
  const memory = names.map((name, i) => `${name}=${u64(view, 32 + i * 8)}`).join(", ");
  return `{uptime=${i64(view, 0)}, loads=[${loads}], ${memory}, procs=${view.getUint16(80, true)}, totalhigh=${u64(
    view,
    88,
  )}, freehigh=${u64(view, 96)}, mem_unit=${u32(view, 104)}}`;
});

const sigevent = fixed(64, (view) => {
  const [signal, notify] = [i32(view, 8), i32(view, 12)];
  const value = u64(view, 0);
  const fields: string[] = [];
  if (value !== 0n) fields.push(`sigev_value={sival_int=${i32(view, 0)}, sival_ptr=0x${value.toString(16)}}`);
  fields.push(`sigev_signo=${[0, 2, 4].includes(notify) ? signalName(signal) : signal >>> 0}`);
  fields.push(`sigev_notify=${valueName(valueTables.SIGEV!, notify)}`);
  if (notify === 4) fields.push(`sigev_notify_thread_id=${i32(view, 16)}`);
  if (notify === 2) {
    const pointer = (at: number): string => (u64(view, at) === 0n ? "NULL" : `0x${u64(view, at).toString(16)}`);
    fields.push(`sigev_notify_function=${pointer(16)}`, `sigev_notify_attributes=${pointer(24)}`);
  }
  return `{${fields.join(", ")}}`;
});

const mqAttributes = fixed(64, (view) => {
  const [flags, maxmsg, msgsize, curmsgs] = [0, 8, 16, 24].map((at) => i64(view, at));
  const names = flagNames(flagTables.MQ!, Number(flags));
  return `{mq_flags=${names}, mq_maxmsg=${maxmsg}, mq_msgsize=${msgsize}, mq_curmsgs=${curmsgs}}`;
});

const siginfo: Struct = (call, at) => {
  const view = peek(call.task, at, 128);
  if (!view) return undefined;
  const info = decodeSiginfo(view);
  return siginfoText({ ...info, status: i32(view, 24), address: Number(u64(view, 16)) });
};

const limits = fixed(16, (view) => `{rlim_cur=${limitText(u64(view, 0))}, rlim_max=${limitText(u64(view, 8))}}`);
const itimerval = fixed(32, (view) => `{it_interval=${timevalAt(view, 0)}, it_value=${timevalAt(view, 16)}}`);
const itimerspec = fixed(32, (view) => `{it_interval=${timespecAt(view, 0)}, it_value=${timespecAt(view, 16)}}`);
const timespec = fixed(16, (view) => timespecAt(view, 0));

export const structs: Readonly<Record<string, Struct>> = {
  stat,
  statx,
  statfs,
  timespec,
  timeval: fixed(16, (view) => timevalAt(view, 0)),
  timespec2: fixed(32, (view) => `[${utime(view, 0)}, ${utime(view, 16)}]`),
  timezone: fixed(8, (view) => `{tz_minuteswest=${i32(view, 0)}, tz_dsttime=${i32(view, 4)}}`),
  itimerval,
  itimerspec,
  tms: fixed(32, (view) => {
    const [utime_, stime, cutime, cstime] = [0, 8, 16, 24].map((at) => i64(view, at));
    return `{tms_utime=${utime_}, tms_stime=${stime}, tms_cutime=${cutime}, tms_cstime=${cstime}}`;
  }),
  rlimit: limits,
  rlimit64: limits,
  rusage,
  sysinfo,
  utsname: fixed(390, (view, call) => {
    const names = ["sysname", "nodename", "release", "version", "machine", "domainname"];
    const shown = call.options.verbose ? 6 : 2;
    const fields = names.slice(0, shown).map((name, i) => `${name}=${cString(view, i * 65, 65)}`);
    return `{${fields.join(", ")}${call.options.verbose ? "" : ", ..."}}`;
  }),
  strings,
  environment,
  iovec,
  "iovec-addresses": iovecAddresses,
  sigset,
  sigset_t: sigset,
  sigaction,
  siginfo,
  sigevent,
  stack_t: fixed(24, (view) => {
    const flags = flagNames(flagTables.SS!, u32(view, 8));
    const base = u64(view, 0);
    return `{ss_sp=${base === 0n ? "NULL" : `0x${base.toString(16)}`}, ss_flags=${flags}, ss_size=${u64(view, 16)}}`;
  }),
  "wait-status": one((view) => waitStatus(i32(view, 0))),
  pollfd: pollfds,
  fd_set: descriptorSet,
  "cpu-set": cpuSet,
  epoll_event: epollEvents,
  "fd-pair": (call, at) => array(call, at, 2, 4, (view) => descriptor(call, i32(view, 0))),
  "int[2]": (call, at) => array(call, at, 2, 4, (view) => descriptor(call, i32(view, 0))),
  int: one((view) => i32(view, 0)),
  uint: one((view) => u32(view, 0)),
  unsigned: one((view) => u32(view, 0)),
  uid_t: one((view) => u32(view, 0)),
  gid_t: one((view) => u32(view, 0)),
  socklen_t: one((view) => i32(view, 0)),
  off_t: fixed(8, (view) => `[${i64(view, 0)}]`),
  "unsigned-off_t": fixed(8, (view) => `[${u64(view, 0)}]`),
  "gid_t[]": integers(4, (call) => (call.row?.name === "getgroups" ? Number(call.result ?? 0) : int(call.args[0]))),
  sched_param: one((view) => i32(view, 0)),
  sockaddr: socketAddress,
  msghdr: (call, at) => message(call, at),
  clone_args,
  open_how,
  mq_attr: mqAttributes,
  sembuf: (call, at, index) =>
    array(call, at, int(call.args[index + 1]), 6, (view) => {
      const flags = view.getUint16(4, true);
      const names = [...(flags & 0o10000 ? ["SEM_UNDO"] : []), ...(flags & 0o4000 ? ["IPC_NOWAIT"] : [])];
      return `{sem_num=${view.getUint16(0, true)}, sem_op=${view.getInt16(2, true)}, sem_flg=${names.join("|") || 0}}`;
    }),
  cap_user_header: fixed(8, (view) => {
    return `{version=${valueName(valueTables.CAP_VERSION!, u32(view, 0))}, pid=${i32(view, 4)}}`;
  }),
  cap_user_data: (call, at) => {
    // Version 1 has one word of each set.
    const wide = peek(call.task, call.args[0] ?? 0n, 4)?.getUint32(0, true) !== 0x19980330;
    const view = peek(call.task, at, wide ? 24 : 12);
    if (!view) return undefined;
    const set = (offset: number): string => {
      const value = (wide ? BigInt(u32(view, offset + 12)) << 32n : 0n) | BigInt(u32(view, offset));
      const names: string[] = [];
      for (let bit = 0; bit < 64; bit++) {
        if ((value >> BigInt(bit)) & 1n) names.push(`1<<${valueName(valueTables.CAP!, bit)}`);
      }
      return names.length === 0 ? "0" : names.join("|");
    };
    return `{effective=${set(0)}, permitted=${set(4)}, inheritable=${set(8)}}`;
  },
  f_owner_ex: fixed(8, (view) => `{type=${valueName(valueTables.F_OWNER!, i32(view, 0))}, pid=${i32(view, 4)}}`),
  "sigmask-pair": (call, at) => {
    const view = peek(call.task, at, 16);
    if (!view) return undefined;
    const mask = u64(view, 0) === 0n ? "NULL" : (sigset(call, u64(view, 0), 0) ?? `0x${u64(view, 0).toString(16)}`);
    return `{sigmask=${mask}, sigsetsize=${u64(view, 8)}}`;
  },
};

/** Structures that a call both reads and writes, shown as they are when it begins. */
export const shownAtEntry: ReadonlySet<string> = new Set([
  "pollfd",
  "fd_set",
  "timespec",
  "clone_args",
  "cap_user_header",
]);
