// A call's line in pieces: one for each argument, with the moment at which its text is known. Most come from the row of
// the system call table; calls whose arguments depend on each other have a way of their own (special.ts).
import { flagNames, hex, valueName } from "../../abi/flag-table.ts";
import { flagTables, valueTables } from "../../abi/flag-tables.ts";
import type { Argument, Row } from "../../kernel/syscalls/table.ts";
import { address, type Call, int, isError, long, uint } from "./call.ts";
import { descriptor, directory } from "./descriptors.ts";
import type { Line } from "./line.ts";
import { signalName } from "./signals.ts";
import { special } from "./special.ts";
import { modeText, openFlags, permissions, shownAtEntry, structs } from "./structs.ts";
import { buffer, path, putBuffer, putString, string } from "./text.ts";

export interface Piece {
  /** Known only when the call has returned. */
  readonly late: boolean;
  /** Undefined leaves the argument out. */
  text(call: Call): string | undefined;
  /** The same, written where it belongs: for what is frequent. */
  readonly put?: (line: Line, call: Call) => void;
  /** Looks at what the call will change. */
  readonly note?: (call: Call) => void;
}

export const early = (text: (call: Call) => string | undefined): Piece => ({ late: false, text });
export const late = (text: (call: Call) => string | undefined): Piece => ({ late: true, text });

/** A call's arguments by their kinds; undefined where they depend on each other, and dependent() has to be asked. */
export function pieces(row: Row | undefined): readonly Piece[] | undefined {
  if (!row) return rawPieces(undefined);
  return special[row.name] ? undefined : row.arguments.map(piece);
}

export function dependent(call: Call): readonly Piece[] {
  return special[call.row?.name ?? ""]?.(call) ?? [];
}

/** -e raw=: registers in hexadecimal. */
export function rawPieces(row: Row | undefined): readonly Piece[] {
  return Array.from({ length: row?.arguments.length ?? 6 }, (_, index) =>
    early((call) => (call.args[index] === 0n ? "0" : `0x${call.args[index]!.toString(16)}`)),
  );
}

/** One argument by its kind. */
export function piece(argument: Argument<unknown>, index: number): Piece {
  const { kind, of } = argument;
  const value = (call: Call): bigint => call.args[index] ?? 0n;
  switch (kind) {
    case "fd":
      return {
        late: false,
        text: (call) => descriptor(call, call.low[index]!),
        put: (line, call) => {
          if (call.options.decode.size === 0) line.decimal(call.low[index]!);
          else line.text(descriptor(call, call.low[index]!));
        },
      };
    case "dirfd":
      return early((call) => directory(call, call.low[index]!));
    case "path":
      return {
        late: false,
        text: (call) => path(call, value(call)),
        put: (line, call) => putString(line, call, call.unsigned(index), 4096),
      };
    case "text":
      return early((call) => string(call, value(call)));
    case "signal":
      return early((call) => signalName(call.low[index]!));
    case "uid":
      return early((call) => (call.low[index] === -1 ? "-1" : String(call.low[index]! >>> 0)));
    case "mode":
      return early((call) => mode(call, of, uint(value(call))));
    case "flags":
      return early((call) => flags(of, uint(value(call))));
    case "address":
      return early((call) => address(value(call)));
    case "in-bytes":
      return {
        late: false,
        text: (call) => buffer(call, value(call), Number(long(length(call, of)))),
        put: (line, call) => {
          const size = lengthIndex(call, of);
          putBuffer(line, call, call.unsigned(index), size < 0 ? 0 : call.unsigned(size), call.options.hex);
        },
      };
    case "out-bytes":
      return {
        late: true,
        text: (call) => outBytes(call, value(call), of, index),
        put: (line, call) => {
          const { result, row } = call;
          if (
            typeof result === "number" &&
            result >= 0 &&
            (of === undefined || !structs[of]) &&
            row?.name !== "getcwd"
          ) {
            const size = lengthIndex(call, of);
            const count = Math.min(result, size < 0 ? 0 : call.unsigned(size));
            putBuffer(line, call, call.unsigned(index), count, row?.name === "getrandom" ? 2 : call.options.hex);
          } else line.text(outBytes(call, value(call), of, index));
        },
      };
    case "in":
      return early((call) => struct(call, of, value(call), index));
    case "out":
      return late((call) => (isError(call) ? address(value(call)) : struct(call, of, value(call), index)));
    case "inout":
      if (of !== undefined && shownAtEntry.has(of)) return early((call) => struct(call, of, value(call), index));
      if (of === "socklen_t") return socketLength(index);
      return late((call) => struct(call, of, value(call), index));
    case "ipc-key":
      return early((call) => ipcKey(value(call)));
    default: {
      const text = (call: Call): string => number(argument, value(call), call);
      if (of !== undefined) return early(text);
      return {
        late: false,
        text,
        put: (line, call) => {
          const [low, high] = [call.low[index]!, call.high[index]!];
          if (argument.register === "int") line.decimal(low);
          else if (argument.register === "uint") line.decimal(low >>> 0);
          else if (high === 0) line.decimal(low >>> 0);
          else line.text(text(call));
        },
      };
    }
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
function lengthIndex(call: Call, of: string | undefined): number {
  const all = call.row?.arguments ?? [];
  for (let i = 0; i < all.length; i++) if (all[i]!.name === of) return i;
  return -1;
}

function length(call: Call, of: string | undefined): bigint {
  const index = lengthIndex(call, of);
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
  if (call.options.plain) return address(value);
  return (of === undefined ? undefined : structs[of]?.(call, value, index)) ?? address(value);
}

/** "[16]", or "[128 => 16]" when the call has changed it. */
function socketLength(index: number): Piece {
  const read = (call: Call): string => struct(call, "socklen_t", call.args[index] ?? 0n, 0);
  return {
    late: true,
    note: (call) => {
      call.before = read(call);
    },
    text: (call) => {
      const before = call.before ?? "";
      const after = read(call);
      return isError(call) || before === after ? before : `${before.slice(0, -1)} => ${after.slice(1)}`;
    },
  };
}
