// Which registers an instruction reads and writes, found by running its meaning over values that only listen.
import type { Operations, Row } from "../isa/row.ts";

/** What a row does with the register fields of its words. */
export interface Operands {
  readonly rs1: boolean;
  readonly rs2: boolean;
  readonly rd: boolean;
  readonly fs1: boolean;
  readonly fs2: boolean;
  readonly fs3: boolean;
  readonly fd: boolean;
  /** It accesses memory, or computes in floating point, and so may be left to the interpreter in the middle of a block. */
  readonly mayStep: boolean;
  /** It only reads memory. */
  readonly loads: boolean;
  readonly float: boolean;
}

const cache: (Operands | undefined)[] = [];

export function operandsOf(row: Row): Operands {
  const known = cache[row.index];
  if (known) return known;
  const seen = {
    ...{ rs1: false, rs2: false, rd: false, fs1: false, fs2: false, fs3: false, fd: false },
    ...{ mayStep: false, loads: false, float: false },
  };
  const value = {};
  const read = (name: "rs1" | "rs2" | "fs1" | "fs2" | "fs3") => (): object => {
    seen[name] = true;
    return value;
  };
  const accesses = (change?: (old: object) => object): object => {
    seen.mayStep = true;
    change?.(value);
    return value;
  };
  const special: Record<string, unknown> = {
    rd: () => {
      seen.rd = true;
    },
    fd: () => {
      seen.fd = true;
    },
    choose: (_condition: unknown, a: () => unknown, b: () => unknown) => {
      a();
      b();
      return value;
    },
    load: () => {
      seen.loads = true;
      return accesses();
    },
    store: () => accesses(),
    loadReserved: () => {
      seen.loads = true;
      return accesses();
    },
    storeConditional: () => accesses(),
    amo: (_address: object, _size: number, change: (old: object) => object) => accesses(change),
    float: () => {
      seen.float = true;
      return accesses();
    },
    csr: (change: ((old: object) => object) | undefined) => {
      change?.(value);
      return value;
    },
  };
  const fields = {
    rs1: read("rs1"),
    rs2: read("rs2"),
    fs1: read("fs1"),
    fs2: read("fs2"),
    fs3: read("fs3"),
  };
  const listener = new Proxy(
    {},
    {
      get(_target, name: string): unknown {
        if (name in fields) return fields[name as keyof typeof fields]();
        if (name in special) return special[name];
        if (["imm", "pc", "next", "zimm"].includes(name)) return value;
        return name === "rs1IsZero" ? false : () => value;
      },
    },
  ) as Operations<object>;
  row.meaning(listener);
  cache[row.index] = seen;
  return seen;
}

/** Bit n: register n. x0 is never among them. */
export const readsX = ({ rs1, rs2 }: Operands, word: number): number =>
  ((rs1 ? 1 << ((word >>> 15) & 31) : 0) | (rs2 ? 1 << ((word >>> 20) & 31) : 0)) & ~1;
export const writesX = ({ rd }: Operands, word: number): number => (rd ? 1 << ((word >>> 7) & 31) : 0) & ~1;
export const readsF = ({ fs1, fs2, fs3 }: Operands, word: number): number =>
  (fs1 ? 1 << ((word >>> 15) & 31) : 0) | (fs2 ? 1 << ((word >>> 20) & 31) : 0) | (fs3 ? 1 << (word >>> 27) : 0);
export const writesF = ({ fd }: Operands, word: number): number => (fd ? 1 << ((word >>> 7) & 31) : 0);
