// F and D: single and double precision. Unprivileged ISA chapters 21 and 22. The rounding mode is part of the word;
// the backend takes it from there, or from frm when the word says dynamic (21.2).
import { D, type FloatOperation, type Format, type Operations, type RowDraft, row, S } from "./row.ts";

const FMT: Record<Format, number> = { 32: 0, 64: 1 << 25 };
const LETTER: Record<Format, string> = { 32: "s", 64: "d" };

/** An operand: singles are unboxed. 22.2 */
const source = <V>(o: Operations<V>, format: Format, value: V): V => (format === S ? o.unbox(value) : value);
const result = <V>(o: Operations<V>, format: Format, value: V): void => o.fd(format === S ? o.box(value) : value);

function both(
  name: string,
  match: number,
  mask: number,
  meaning: <V>(o: Operations<V>, f: Format) => void,
): RowDraft[] {
  return ([S, D] as const).map((f) => row(`${name}.${LETTER[f]}`, match | FMT[f], mask, (o) => meaning(o, f)));
}

const binary = (name: FloatOperation, match: number, mask = 0xfe00007f): RowDraft[] =>
  both(`f${name}`, match, mask, (o, f) => result(o, f, o.float(name, f, source(o, f, o.fs1), source(o, f, o.fs2))));

const fused = (name: FloatOperation, match: number): RowDraft[] =>
  both(`f${name}`, match, 0x600007f, (o, f) =>
    result(o, f, o.float(name, f, source(o, f, o.fs1), source(o, f, o.fs2), source(o, f, o.fs3))),
  );

const compare = (name: FloatOperation, match: number): RowDraft[] =>
  both(`f${name}`, match, 0xfe00707f, (o, f) => o.rd(o.float(name, f, source(o, f, o.fs1), source(o, f, o.fs2))));

/** 21.7, 22.5: conversions to and from the four integer types, which the rs2 field names. */
const converts: RowDraft[] = (["W", "Wu", "L", "Lu"] as const).flatMap((type, rs2) => [
  ...([S, D] as const).map((f) =>
    row(`fcvt.${type.toLowerCase()}.${LETTER[f]}`, 0xc0000053 | FMT[f] | (rs2 << 20), 0xfff0007f, (o) =>
      o.rd(o.float(`to${type}`, f, source(o, f, o.fs1))),
    ),
  ),
  ...([S, D] as const).map((f) =>
    row(`fcvt.${LETTER[f]}.${type.toLowerCase()}`, 0xd0000053 | FMT[f] | (rs2 << 20), 0xfff0007f, (o) =>
      result(o, f, o.float(`from${type}`, f, o.rs1)),
    ),
  ),
]);

/** 21.7: the sign of the one, the rest of the other. On single operands the box is checked first. */
const signs = (name: string, funct3: number, sign: <V>(o: Operations<V>, a: V, b: V) => V): RowDraft[] =>
  both(name, 0x20000053 | (funct3 << 12), 0xfe00707f, (o, f) => {
    const a = source(o, f, o.fs1);
    const b = source(o, f, o.fs2);
    const signBit = f === S ? o.constant(2 ** 31) : o.shl(o.constant(1), o.constant(63));
    result(o, f, o.or(o.and(a, o.not(signBit)), o.and(sign(o, a, b), signBit)));
  });

export const float: RowDraft[] = [
  // 21.5, 22.3: loads and stores move bits, boxing singles
  row("flw", 0x2007, 0x707f, (o) => o.fd(o.box(o.load(o.add(o.rs1, o.imm), 4, false)))),
  row("fld", 0x3007, 0x707f, (o) => o.fd(o.load(o.add(o.rs1, o.imm), 8, false))),
  row("fsw", 0x2027, 0x707f, (o) => o.store(o.add(o.rs1, o.imm), 4, o.fs2)),
  row("fsd", 0x3027, 0x707f, (o) => o.store(o.add(o.rs1, o.imm), 8, o.fs2)),

  // 21.6, 22.4
  ...fused("madd", 0x43),
  ...fused("msub", 0x47),
  ...fused("nmsub", 0x4b),
  ...fused("nmadd", 0x4f),
  ...binary("add", 0x53),
  ...binary("sub", 0x8000053),
  ...binary("mul", 0x10000053),
  ...binary("div", 0x18000053),
  ...both("fsqrt", 0x58000053, 0xfff0007f, (o, f) => result(o, f, o.float("sqrt", f, source(o, f, o.fs1)))),
  ...binary("min", 0x28000053, 0xfe00707f),
  ...binary("max", 0x28001053, 0xfe00707f),

  ...signs("fsgnj", 0, (_, __, b) => b),
  ...signs("fsgnjn", 1, (o, _, b) => o.not(b)),
  ...signs("fsgnjx", 2, (o, a, b) => o.xor(a, b)),

  ...compare("eq", 0xa0002053),
  ...compare("lt", 0xa0001053),
  ...compare("le", 0xa0000053),
  ...both("fclass", 0xe0001053, 0xfff0707f, (o, f) => o.rd(o.float("classify", f, source(o, f, o.fs1)))),

  ...converts,
  row("fcvt.s.d", 0x40100053, 0xfff0007f, (o) => o.fd(o.box(o.float("toOther", D, o.fs1)))),
  row("fcvt.d.s", 0x42000053, 0xfff0007f, (o) => o.fd(o.float("toOther", S, o.unbox(o.fs1)))),

  // 21.7, 22.5: moves ignore the box
  row("fmv.x.w", 0xe0000053, 0xfff0707f, (o) => o.rd(o.word(o.fs1))),
  row("fmv.w.x", 0xf0000053, 0xfff0707f, (o) => o.fd(o.box(o.rs1))),
  row("fmv.x.d", 0xe2000053, 0xfff0707f, (o) => o.rd(o.fs1)),
  row("fmv.d.x", 0xf2000053, 0xfff0707f, (o) => o.fd(o.rs1)),
];
