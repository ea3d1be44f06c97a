// How each kind of call is written, worked out once: its name as bytes, its arguments in pieces, whether it is shown.
import { systemCallNames } from "../../abi/system-call-names.ts";
import type { Row } from "../../kernel/syscalls/table.ts";
import { absentPieces } from "./absent.ts";
import type { TextOptions } from "./call.ts";
import type { StraceOptions } from "./options.ts";
import { type Piece, pieces, rawPieces } from "./pieces.ts";
import { plainResult } from "./result.ts";

export interface Format {
  readonly name: string;
  /** "read(" */
  readonly opening: Uint8Array;
  readonly wanted: boolean;
  readonly options: TextOptions;
  /** One for each argument; undefined for calls that are written by what they are asked for (special.ts). */
  readonly pieces: readonly Piece[] | undefined;
  /** Some pieces look at what the call will change. */
  readonly notes: boolean;
  /** All that is written of it can be told as well when it has ended at once. */
  readonly deferrable: boolean;
  readonly raw: boolean;
  /** The answer is shown as a decimal number whatever it is. */
  readonly plainResult: boolean;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

export class Formats {
  private readonly known: (Format | undefined)[] = new Array(1024).fill(undefined);
  private readonly strange = new Map<number, Format>();
  private readonly options: StraceOptions;
  private readonly whole: TextOptions;
  private readonly brief: TextOptions;
  private readonly bare: TextOptions;

  constructor(options: StraceOptions) {
    this.options = options;
    this.brief = options;
    this.whole = { ...options, verbose: true };
    this.bare = { ...options, plain: true };
  }

  of(row: Row | undefined, number: number): Format {
    const known = number >= 0 && number < 1024 ? this.known[number] : this.strange.get(number);
    if (known) return known;
    const format = this.make(row, number);
    if (number >= 0 && number < 1024) this.known[number] = format;
    else this.strange.set(number, format);
    return format;
  }

  private make(row: Row | undefined, number: number): Format {
    const { options } = this;
    const name = row?.name ?? systemCallNames[number] ?? `syscall_0x${(number >>> 0).toString(16)}`;
    const raw = options.raw?.(row, number) ?? false;
    const plain = options.dereferenced?.(row, number) === false;
    const verbose = options.abbreviated?.(row, number) === false;
    const each = raw ? rawPieces(row) : (absentPieces(name) ?? pieces(row));
    return {
      name,
      opening: bytesOf(`${name}(`),
      // A number that is no call's is always shown.
      wanted: options.calls(row, number) || !(number in systemCallNames),
      options: plain ? this.bare : verbose ? this.whole : this.brief,
      pieces: each,
      notes: each?.some((piece) => piece.note) ?? true,
      // A descriptor's path may be another behind the call.
      deferrable:
        !raw && options.decode.size === 0 && plainResult(name) && each?.every((piece) => piece.code !== 0) === true,
      raw,
      plainResult: !raw && plainResult(name),
    };
  }
}
