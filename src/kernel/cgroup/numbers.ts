// Numbers as the files of groups have them.
import { EINVAL, ERANGE, type Errno } from "../../abi/errno.ts";

const INT_MAX = 0x7fffffff;

/** A number as kstrtoint reads it; undefined: none. */
export function parseInt32(text: string): number | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  if (!match) return undefined;
  const digits = match[2]!;
  const size = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return match[1] === "-" ? -size : size;
}

/** "max" or a number that is not negative. Errors: EINVAL, ERANGE. */
export function parseMaximum(text: string, set: (value: number) => void): 0 | Errno {
  const value = text === "max" ? Number.POSITIVE_INFINITY : parseInt32(text);
  if (value === undefined) return EINVAL;
  if (value < 0 || (value > INT_MAX && value !== Number.POSITIVE_INFINITY)) return ERANGE;
  set(value);
  return 0;
}
export const showMaximum = (value: number): string => (value === Number.POSITIVE_INFINITY ? "max\n" : `${value}\n`);

export const microseconds = (nanoseconds: number): number => Math.floor(nanoseconds / 1000);
