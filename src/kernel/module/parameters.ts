// Parameters of a module: name=value words, each of the type that the module gives it. Linux: kernel/params.c
import { EINVAL, type Errno } from "../../abi/errno.ts";

export type ParameterType = "byte" | "short" | "ushort" | "int" | "uint" | "long" | "ulong" | "bool" | "charp";

export interface Parameter {
  readonly type: ParameterType;
  /** What it is now; before that, what it is unless insmod(8) says otherwise. */
  value: number | boolean | string;
  /** Permission bits of its file in /sys; 0 for none. */
  readonly mode?: number;
  readonly description?: string;
}

const ranges: Readonly<Partial<Record<ParameterType, readonly [low: number, high: number]>>> = {
  byte: [0, 255],
  short: [-(2 ** 15), 2 ** 15 - 1],
  ushort: [0, 2 ** 16 - 1],
  int: [-(2 ** 31), 2 ** 31 - 1],
  uint: [0, 2 ** 32 - 1],
  // What a number holds exactly.
  long: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ulong: [0, Number.MAX_SAFE_INTEGER],
};

/** Sets a parameter from its text; undefined is a word without "=". Errors: EINVAL. */
export function setParameter(parameter: Parameter, text: string | undefined): 0 | Errno {
  if (parameter.type === "charp") {
    if (text === undefined) return EINVAL;
    parameter.value = text;
    return 0;
  }
  if (parameter.type === "bool") {
    if (text !== undefined && !/^(?:[yY1]|[nN0]|on|ON|off|OFF)/.test(text)) return EINVAL;
    parameter.value = text === undefined || /^(?:[yY1]|on|ON)/.test(text);
    return 0;
  }
  if (text === undefined || !/^[+-]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(text)) return EINVAL;
  const digits = text.replace(/^[+-]/, "");
  // As strtol(3) with base 0: a leading 0 means octal.
  const size = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  const value = text.startsWith("-") ? -size : size;
  const [low, high] = ranges[parameter.type] ?? [0, 0];
  if (!(value >= low && value <= high)) return EINVAL;
  parameter.value = value;
  return 0;
}

/** As /sys shows it. */
export const parameterText = ({ value }: Parameter): string =>
  typeof value === "boolean" ? (value ? "Y" : "N") : String(value);

/** Words of an argument string; a value may be quoted. */
export function parseArguments(text: string): [name: string, value: string | undefined][] {
  return [...text.matchAll(/([^\s=]+)(?:=(?:"([^"]*)"|(\S*)))?/g)].map(([, name = "", quoted, plain]) => [
    // Both spellings of a name are one.
    name.replaceAll("-", "_"),
    quoted ?? plain,
  ]);
}
