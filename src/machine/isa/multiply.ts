// M: multiplication and division. Unprivileged ISA chapter 12.
import { type Operations, type RowDraft, row } from "./row.ts";

// 12.2, table 11: division by zero yields all ones, a remainder by zero the dividend; the one signed overflow,
// most negative ÷ −1, yields the dividend and remainder 0.

function div<V>(o: Operations<V>, a: V, b: V): V {
  return o.choose(
    o.eq(b, o.constant(0)),
    () => o.constant(-1),
    () =>
      o.choose(
        o.eq(b, o.constant(-1)),
        () => o.sub(o.constant(0), a),
        () => o.div(a, b),
      ),
  );
}

function divu<V>(o: Operations<V>, a: V, b: V): V {
  return o.choose(
    o.eq(b, o.constant(0)),
    () => o.constant(-1),
    () => o.divu(a, b),
  );
}

function rem<V>(o: Operations<V>, a: V, b: V): V {
  return o.choose(
    o.eq(b, o.constant(0)),
    () => a,
    () =>
      o.choose(
        o.eq(b, o.constant(-1)),
        () => o.constant(0),
        () => o.rem(a, b),
      ),
  );
}

function remu<V>(o: Operations<V>, a: V, b: V): V {
  return o.choose(
    o.eq(b, o.constant(0)),
    () => a,
    () => o.remu(a, b),
  );
}

export const multiply: RowDraft[] = [
  row("mul", 0x2000033, 0xfe00707f, (o) => o.rd(o.mul(o.rs1, o.rs2))),
  row("mulh", 0x2001033, 0xfe00707f, (o) => o.rd(o.mulh(o.rs1, o.rs2))),
  row("mulhsu", 0x2002033, 0xfe00707f, (o) => o.rd(o.mulhsu(o.rs1, o.rs2))),
  row("mulhu", 0x2003033, 0xfe00707f, (o) => o.rd(o.mulhu(o.rs1, o.rs2))),
  row("div", 0x2004033, 0xfe00707f, (o) => o.rd(div(o, o.rs1, o.rs2))),
  row("divu", 0x2005033, 0xfe00707f, (o) => o.rd(divu(o, o.rs1, o.rs2))),
  row("rem", 0x2006033, 0xfe00707f, (o) => o.rd(rem(o, o.rs1, o.rs2))),
  row("remu", 0x2007033, 0xfe00707f, (o) => o.rd(remu(o, o.rs1, o.rs2))),
  row("mulw", 0x200003b, 0xfe00707f, (o) => o.rd(o.word(o.mul(o.rs1, o.rs2)))),
  row("divw", 0x200403b, 0xfe00707f, (o) => o.rd(o.word(div(o, o.word(o.rs1), o.word(o.rs2))))),
  row("divuw", 0x200503b, 0xfe00707f, (o) => o.rd(o.word(divu(o, o.zext(o.rs1), o.zext(o.rs2))))),
  row("remw", 0x200603b, 0xfe00707f, (o) => o.rd(o.word(rem(o, o.word(o.rs1), o.word(o.rs2))))),
  row("remuw", 0x200703b, 0xfe00707f, (o) => o.rd(o.word(remu(o, o.zext(o.rs1), o.zext(o.rs2))))),
];
