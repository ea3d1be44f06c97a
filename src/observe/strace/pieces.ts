// A call's line in pieces: one for each argument, with the moment at which its text is known. Most come from the row of
// the system call table; calls whose arguments depend on each other have a way of their own (special.ts).
import { flagNames, hex, valueName } from "../../abi/flag-table.ts";
import { flagTables, valueTables } from "../../abi/flag-tables.ts";
import type { Argument } from "../../kernel/syscalls/table.ts";
import { address, type Call, int, isError, long, uint } from "./call.ts";
import { descriptor, directory } from "./descriptors.ts";
import { signalName } from "./signals.ts";
import { special } from "./special.ts";
import { modeText, openFlags, permissions, shownAtEntry, structs } from "./structs.ts";
import { buffer, path, string } from "./text.ts";

export interface Piece {
  /** Known only when the call has returned. */
  readonly late: boolean;
  /** Undefined leaves the argument out. */
  text(): string | undefined;
}

export const early = (text: () => string | undefined): Piece => ({ late: false, text });
export const late = (text: () => string | undefined): Piece => ({ late: true, text });

export function pieces(call: Call): readonly Piece[] {
  const { row } = call;
  if (!row) return call.args.map((value) => early(() => (value === 0n ? "0" : `0x${value.toString(16)}`)));
  return special[row.name]?.(call) ?? row.arguments.map((argument, index) => piece(call, argument, index));
}

/** One argument by its kind. */
export function piece(call: Call, argument: Argument<unknown>, index: number): Piece {
  const value = call.args[index] ?? 0n;
  const { kind, of } = argument;
  switch (kind) {
    case "fd":
      return early(() => descriptor(call, int(value)));
    case "dirfd":
      return early(() => directory(call, int(value)));
    case "path":
      return early(() => path(call, value));
    case "text":
      return early(() => string(call, value));
    case "signal":
      return early(() => signalName(int(value)));
    case "uid":
      return early(() => (uint(value) === 0xffffffff ? "-1" : String(uint(value))));
    case "mode":
      return early(() => mode(call, of, uint(value)));
    case "flags":
      return early(() => flags(of, uint(value)));
    case "address":
      return early(() => address(value));
    case "in-bytes":
      return early(() => buffer(call, value, Number(long(length(call, of)))));
    case "out-bytes":
      return late(() => outBytes(call, value, of, index));
    case "in":
      return early(() => struct(call, of, value, index));
    case "out":
      return late(() => (isError(call) ? address(value) : struct(call, of, value, index)));
    case "inout":
      if (of !== undefined && shownAtEntry.has(of)) return early(() => struct(call, of, value, index));
      return of === "socklen_t" ? socketLength(call, value) : late(() => struct(call, of, value, index));
    case "ipc-key":
      return early(() => ipcKey(value));
    default:
      return early(() => number(argument, value, call));
  }
}

function number(argument: Argument<unknown>, value: bigint, call: Call): string {
  const { of, register } = argument;
  if (of !== undefined) {
    if (of === "ipc-key") return ipcKey(value);
    if (of === "hex") return value === 0n ? "0" : `0x${value.toString(16)}`;
    if (of === "dev")
      return `makedev(${hex((uint(value) >>> 8) & 0xfff)}, ${hex((uint(value) & 0xff) | ((uint(value) >>> 12) & ~0xff))})`;
    if (of === "protocol") return protocol(call, int(value));
    if (of === "SOCK") return socketType(uint(value));
    const values = valueTables[of];
    if (values) return valueName(values, int(value));
    if (flagTables[of]) return flags(of, uint(value));
  }
  if (register === "int") return String(int(value));
  if (register === "uint") return String(uint(value));
  return String(register === "signed" ? long(value) : value);
}

const ipcKey = (value: bigint): string => (uint(value) === 0 ? "IPC_PRIVATE" : hex(uint(value)));

export function flags(of: string | undefined, value: number): string {
  if (of === "O") return openFlags(value);
  if (of === "SOCK") return flagNames(flagTables.SOCK_FLAGS!, value);
  if (of === "AT_STATX") {
    const sync = ["AT_STATX_SYNC_AS_STAT", "AT_STATX_FORCE_SYNC", "AT_STATX_DONT_SYNC"][(value >>> 13) & 3];
    const rest = flagNames(flagTables.AT_STATX!, value & ~0x6000);
    return rest === "0" ? String(sync) : `${sync}|${rest}`;
  }
  if (of === "IPC") {
    const names = flagNames(flagTables.IPC!, value & ~0o777);
    return names === "0"
      ? permissions(value & 0o777)
      : `${names}${value & 0o777 ? `|${permissions(value & 0o777)}` : ""}`;
  }
  const known = of === undefined ? undefined : (flagTables[of] ?? flagTables[of.replace(/_F$/, "")]);
  return known ? flagNames(known, value) : hex(value);
}

function mode(call: Call, of: string | undefined, value: number): string | undefined {
  if (of === "open") {
    const wanted = uint(call.args[call.row?.arguments.findIndex((argument) => argument.of === "O") ?? 0]);
    return wanted & 0o100 || (wanted & 0o20000000) !== 0 ? permissions(value) : undefined;
  }
  return call.row?.name === "mknodat" ? modeText(value) : permissions(value);
}

function socketType(value: number): string {
  const type = valueName(valueTables.SOCK!, value & 0xf);
  const rest = value & ~0xf;
  return rest === 0 ? type : `${type}|${flagNames(flagTables.SOCK_FLAGS!, rest)}`;
}

function protocol(call: Call, value: number): string {
  const family = int(call.args[0]);
  if (family === 2 || family === 10) return valueName(valueTables.IPPROTO!, value);
  return family === 16 ? valueName(valueTables.NETLINK!, value) : String(value);
}

/** The argument that holds a buffer's length. */
function length(call: Call, of: string | undefined): bigint {
  const index = call.row?.arguments.findIndex((argument) => argument.name === of) ?? -1;
  return index < 0 ? 0n : (call.args[index] ?? 0n);
}

function outBytes(call: Call, value: bigint, of: string | undefined, index: number): string {
  if (isError(call)) return address(value);
  if (of !== undefined && structs[of]) return struct(call, of, value, index);
  const room = Number(length(call, of));
  const count = Math.min(Number(call.result ?? 0), room);
  if (call.row?.name === "getcwd") return path(call, value);
  return buffer(call, value, count, call.row?.name === "getrandom" ? 2 : call.options.hex);
}

export function struct(call: Call, of: string | undefined, value: bigint, index: number): string {
  if (value === 0n) return "NULL";
  return (of === undefined ? undefined : structs[of]?.(call, value, index)) ?? address(value);
}

/** "[16]", or "[128 => 16]" when the call has changed it. */
function socketLength(call: Call, value: bigint): Piece {
  const read = (): string => struct(call, "socklen_t", value, 0);
  const before = read();
  return late(() => {
    const after = read();
    return isError(call) || before === after ? before : `${before.slice(0, -1)} => ${after.slice(1)}`;
  });
}
