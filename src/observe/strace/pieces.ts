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

/** Ways of writing a piece: as its text, or straight into the line. */
const TEXT = 0;
const FD = 1;
const PATH = 2;
const IN_BYTES = 3;
const OUT_BYTES = 4;
const INT = 5;
const UINT = 6;
const LONG = 7;

export interface Piece {
  /** Known only when the call has returned. */
  readonly late: boolean;
  /** Undefined leaves the argument out. */
  text(call: Call): string | undefined;
  /** How it is written without a string, by putPiece: for what is frequent. */
  readonly code: number;
  readonly index: number;
  /** The argument that holds the length, for bytes. */
  readonly size: number;
  /** Looks at what the call will change. */
  readonly note: ((call: Call) => void) | undefined;
}

type Text = (call: Call) => string | undefined;
const made = (late: boolean, text: Text, code = TEXT, index = 0, size = -1): Piece => ({
  late,
  text,
  note: undefined,
  code,
  index,
  size,
});

export const early = (text: Text): Piece => made(false, text);
export const late = (text: Text): Piece => made(true, text);

/** A call's arguments by their kinds; undefined where they depend on each other, and dependent() has to be asked. */
export function pieces(row: Row | undefined): readonly Piece[] | undefined {
  if (!row) return rawPieces(undefined);
  return special[row.name] ? undefined : row.arguments.map((_, index) => piece(row, index));
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
export function piece(row: Row, index: number): Piece {
  const argument = row.arguments[index]!;
  const { kind, of } = argument;
  const value = (call: Call): bigint => call.args[index] ?? 0n;
  switch (kind) {
    case "fd":
      return made(false, (call) => descriptor(call, call.low(index)), FD, index);
    case "dirfd":
      return early((call) => directory(call, call.low(index)));
    case "path":
      return made(false, (call) => path(call, value(call)), PATH, index);
    case "text":
      return early((call) => string(call, value(call)));
    case "signal":
      return early((call) => signalName(call.low(index)));
    case "uid":
      return early((call) => (call.low(index) === -1 ? "-1" : String(call.low(index) >>> 0)));
    case "mode":
      return early((call) => mode(call, of, uint(value(call))));
    case "flags":
      return early((call) => flags(of, uint(value(call))));
    case "address":
      return early((call) => address(value(call)));
    case "in-bytes":
      return made(
        false,
        (call) => buffer(call, value(call), Number(long(length(call, of)))),
        IN_BYTES,
        index,
        lengthIndex(row, of),
      );
    case "out-bytes":
      return made(
        true,
        (call) => outBytes(call, value(call), of, index),
        (of !== undefined && structs[of]) || /^getcwd|xattr/.test(row.name) ? TEXT : OUT_BYTES,
        index,
        lengthIndex(row, of),
      );
    case "in":
      // Vectors that a call fills show what came.
      if (of === "iovec" && /^p?readv/.test(row.name)) {
        return late((call) => struct(call, of, value(call), index));
      }
      if (of === "ulong[]" || of === "ptr[]") return early((call) => address(value(call)));
      // What is only looked at once the call has failed is an address.
      return early((call) =>
        of !== "timespec" && call.result !== undefined && isError(call)
          ? address(value(call))
          : struct(call, of, value(call), index),
      );
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
      const { register } = argument;
      const code = of !== undefined ? TEXT : register === "int" ? INT : register === "uint" ? UINT : LONG;
      return made(false, text, code, index);
    }
  }
}

/** Writes pieces from `from` on: at entry up to the first that is known later, at exit to the end. Answers where it has
 *  stopped; `line.began` says whether a comma comes before what follows. */
export function putPieces(line: Line, call: Call, pieces: readonly Piece[], from: number, exit: boolean): number {
  const plain = call.options.decode.size === 0;
  const { length } = pieces;
  line.room(0);
  for (let i = from; i < length; i++) {
    const piece = pieces[i]!;
    if (piece.late && !exit) return i;
    const { index } = piece;
    const low = call.low(index);
    let { code } = piece;
    if (code === UINT || (code === LONG && call.high(index) === 0)) code = low >= 0 ? INT : code;
    else if (code === FD && plain) code = INT;
    switch (code) {
      case INT:
        if (low >= 0 && low < 10) {
          line.digit(line.began, low);
          break;
        }
        if (line.began) line.comma();
        line.decimal(low);
        break;
      case PATH:
        if (line.began) line.comma();
        putString(line, call, call.unsigned(index), 4095);
        break;
      case IN_BYTES:
        if (line.began) line.comma();
        putBuffer(line, call, index, lengthOf(call, piece.size), call.options.hex);
        break;
      case OUT_BYTES: {
        const { result } = call;
        if (typeof result === "number" && result >= 0) {
          if (line.began) line.comma();
          const hex = call.number === GETRANDOM ? 2 : call.options.hex;
          putBuffer(line, call, index, result, hex);
          break;
        }
        putText(line, call, piece);
        break;
      }
      default:
        putText(line, call, piece);
    }
    if (code !== TEXT) line.began = true;
  }
  return length;
}

const lengthOf = (call: Call, index: number): number => {
  if (index < 0) return 0;
  return call.high(index) === 0 && call.low(index) >= 0 ? call.low(index) : call.unsigned(index);
};

function putText(line: Line, call: Call, piece: Piece): void {
  const text = piece.text(call);
  if (text === undefined) return;
  // "=> " goes on with the argument before.
  if (text.startsWith("=> ")) line.text(" ");
  else if (line.began) line.comma();
  line.text(text);
  line.began = true;
}

const GETRANDOM = 278;

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
    const sync = [
      "AT_STATX_SYNC_AS_STAT",
      "AT_STATX_FORCE_SYNC",
      "AT_STATX_DONT_SYNC",
      "AT_STATX_FORCE_SYNC|AT_STATX_DONT_SYNC",
    ][(value >>> 13) & 3];
    const rest = flagNames(flagTables.AT_STATX!, value & ~0x6000).replace(/ \/\* .* \*\/$/, "");
    return rest === "0" ? String(sync) : `${sync}|${rest}`;
  }
  if (of === "IPC") {
    const rest = value & ~0o777;
    return rest === 0 ? permissions(value) : `${flagNames(flagTables.IPC!, rest)}|${permissions(value & 0o777)}`;
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
function lengthIndex(row: Row | undefined, of: string | undefined): number {
  const all = row?.arguments ?? [];
  for (let i = 0; i < all.length; i++) if (all[i]!.name === of) return i;
  return -1;
}

function length(call: Call, of: string | undefined): bigint {
  const index = lengthIndex(call.row, of);
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
  const text = (call: Call): string => {
    const before = call.before ?? "";
    const after = read(call);
    return isError(call) || before === after ? before : `${before.slice(0, -1)} => ${after.slice(1)}`;
  };
  const note = (call: Call): void => {
    call.before = read(call);
  };
  return { ...late(text), note };
}
