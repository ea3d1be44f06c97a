// Which registers an instruction reads and writes, found by running its meaning over values that only listen.
import type { Operations, Row } from "../isa/row.ts";

export interface Operands {
  readonly rs1: boolean;
  readonly rs2: boolean;
  readonly rd: boolean;
}

const cache = new Map<Row, Operands>();

/** The x-registers among the operands (f-registers stay in the register file). */
export function operandsOf(row: Row): Operands {
  const known = cache.get(row);
  if (known) return known;
  const seen = { rs1: false, rs2: false, rd: false };
  const value = {};
  const listener = new Proxy(
    {},
    {
      get(_target, name): unknown {
        if (name === "rs1" || name === "rs2") {
          seen[name] = true;
          return value;
        }
        if (name === "rd") {
          return () => {
            seen.rd = true;
          };
        }
        if (name === "choose") {
          return (_condition: unknown, a: () => unknown, b: () => unknown) => {
            a();
            b();
            return value;
          };
        }
        if (name === "amo") {
          return (_address: unknown, _size: unknown, change: (old: unknown) => unknown) => {
            change(value);
            return value;
          };
        }
        if (name === "csr") {
          return (change: ((old: unknown) => unknown) | undefined) => {
            change?.(value);
            return value;
          };
        }
        if (["imm", "pc", "next", "fs1", "fs2", "fs3", "zimm"].includes(name as string)) return value;
        if (name === "rs1IsZero") return false;
        return () => value;
      },
    },
  ) as Operations<object>;
  row.meaning(listener);
  cache.set(row, seen);
  return seen;
}
