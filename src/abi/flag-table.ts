// Flags and constants by name: a table says in which order the names stand and what an unknown bit is called.

export interface FlagTable {
  /** What strace(1) writes behind a number that has no name: "O_???". */
  readonly unknown: string;
  readonly names: readonly (readonly [name: string, value: number])[];
}

/** A table from "NAME=VALUE NAME=VALUE…". A later name for the same value is an alias that is only looked up. */
export function table(unknown: string, text: string): FlagTable {
  const names = text
    .trim()
    .split(/\s+/)
    .map((pair): [string, number] => {
      const equals = pair.indexOf("=");
      return [pair.slice(0, equals), Number(pair.slice(equals + 1).replace(/^0(?=[0-7])/, "0o"))];
    });
  return { unknown, names };
}

export const hex = (value: number): string => (value === 0 ? "0" : `0x${value.toString(16)}`);

/** "O_WRONLY|O_CREAT"; "0" for nothing; unknown bits as a number. `value` is at most 32 bits. */
export function flagNames(flags: FlagTable, value: number): string {
  let left = value >>> 0;
  const found: string[] = [];
  for (const [name, bits] of flags.names) {
    if (bits === 0) {
      if (left === 0 && found.length === 0) return name;
    } else if ((left & bits) >>> 0 === bits >>> 0) {
      found.push(name);
      left = (left & ~bits) >>> 0;
    }
  }
  if (found.length === 0) return left === 0 ? "0" : `${hex(left)} /* ${flags.unknown} */`;
  if (left !== 0) found.push(hex(left));
  return found.join("|");
}

/** The name of one value, or the number with the comment that strace(1) gives it. */
export function valueName(values: FlagTable, value: number): string {
  for (const [name, number] of values.names) if (number === value || number >>> 0 === value >>> 0) return name;
  return `${hex(value >>> 0)} /* ${values.unknown} */`;
}
