// A: atomic instructions. Unprivileged ISA chapter 13. The aq and rl bits order nothing more: one hart runs at a time.
import { type Operations, type RowDraft, row } from "./row.ts";

/** 13.4: amo.w takes the low word of rs2 and answers the old word sign-extended. */
function amo(
  name: string,
  funct5: number,
  change: <V>(o: Operations<V>, old: V, operand: V) => V,
  unsigned = false,
): RowDraft[] {
  return [
    row(`${name}.w`, 0x202f | (funct5 << 27), 0xf800707f, (o) =>
      o.rd(
        o.amo(o.rs1, 4, (old) => (unsigned ? change(o, o.zext(old), o.zext(o.rs2)) : change(o, old, o.word(o.rs2)))),
      ),
    ),
    row(`${name}.d`, 0x302f | (funct5 << 27), 0xf800707f, (o) => o.rd(o.amo(o.rs1, 8, (old) => change(o, old, o.rs2)))),
  ];
}

export const atomic: RowDraft[] = [
  row("lr.w", 0x1000202f, 0xf9f0707f, (o) => o.rd(o.loadReserved(o.rs1, 4))),
  row("lr.d", 0x1000302f, 0xf9f0707f, (o) => o.rd(o.loadReserved(o.rs1, 8))),
  row("sc.w", 0x1800202f, 0xf800707f, (o) => o.rd(o.storeConditional(o.rs1, 4, o.rs2))),
  row("sc.d", 0x1800302f, 0xf800707f, (o) => o.rd(o.storeConditional(o.rs1, 8, o.rs2))),
  ...amo("amoswap", 0x01, (_, __, operand) => operand),
  ...amo("amoadd", 0x00, (o, old, operand) => o.add(old, operand)),
  ...amo("amoxor", 0x04, (o, old, operand) => o.xor(old, operand)),
  ...amo("amoand", 0x0c, (o, old, operand) => o.and(old, operand)),
  ...amo("amoor", 0x08, (o, old, operand) => o.or(old, operand)),
  ...amo("amomin", 0x10, (o, old, operand) =>
    o.choose(
      o.lt(old, operand),
      () => old,
      () => operand,
    ),
  ),
  ...amo("amomax", 0x14, (o, old, operand) =>
    o.choose(
      o.lt(old, operand),
      () => operand,
      () => old,
    ),
  ),
  ...amo(
    "amominu",
    0x18,
    (o, old, operand) =>
      o.choose(
        o.ltu(old, operand),
        () => old,
        () => operand,
      ),
    true,
  ),
  ...amo(
    "amomaxu",
    0x1c,
    (o, old, operand) =>
      o.choose(
        o.ltu(old, operand),
        () => operand,
        () => old,
      ),
    true,
  ),
];
