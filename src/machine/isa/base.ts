// RV64I, with Zifencei. Unprivileged ISA chapters 2, 4 and 3.
import { type RowDraft, row } from "./row.ts";

export const base: RowDraft[] = [
  // 2.4.1, 4.2.1: integer and immediate
  row("addi", 0x13, 0x707f, (o) => o.rd(o.add(o.rs1, o.imm))),
  row("slti", 0x2013, 0x707f, (o) => o.rd(o.lt(o.rs1, o.imm))),
  row("sltiu", 0x3013, 0x707f, (o) => o.rd(o.ltu(o.rs1, o.imm))),
  row("xori", 0x4013, 0x707f, (o) => o.rd(o.xor(o.rs1, o.imm))),
  row("ori", 0x6013, 0x707f, (o) => o.rd(o.or(o.rs1, o.imm))),
  row("andi", 0x7013, 0x707f, (o) => o.rd(o.and(o.rs1, o.imm))),
  row("slli", 0x1013, 0xfc00707f, (o) => o.rd(o.shl(o.rs1, o.imm))),
  row("srli", 0x5013, 0xfc00707f, (o) => o.rd(o.shr(o.rs1, o.imm))),
  row("srai", 0x40005013, 0xfc00707f, (o) => o.rd(o.sar(o.rs1, o.imm))),
  row("addiw", 0x1b, 0x707f, (o) => o.rd(o.word(o.add(o.rs1, o.imm)))),
  row("slliw", 0x101b, 0xfe00707f, (o) => o.rd(o.word(o.shl(o.rs1, o.imm)))),
  row("srliw", 0x501b, 0xfe00707f, (o) => o.rd(o.word(o.shr(o.zext(o.rs1), o.imm)))),
  row("sraiw", 0x4000501b, 0xfe00707f, (o) => o.rd(o.sar(o.word(o.rs1), o.imm))),
  row("lui", 0x37, 0x7f, (o) => o.rd(o.imm)),
  row("auipc", 0x17, 0x7f, (o) => o.rd(o.add(o.pc, o.imm))),

  // 2.4.2, 4.2.2: integer and register; a shift takes six bits of the amount, a word shift five
  row("add", 0x33, 0xfe00707f, (o) => o.rd(o.add(o.rs1, o.rs2))),
  row("sub", 0x40000033, 0xfe00707f, (o) => o.rd(o.sub(o.rs1, o.rs2))),
  row("sll", 0x1033, 0xfe00707f, (o) => o.rd(o.shl(o.rs1, o.rs2))),
  row("slt", 0x2033, 0xfe00707f, (o) => o.rd(o.lt(o.rs1, o.rs2))),
  row("sltu", 0x3033, 0xfe00707f, (o) => o.rd(o.ltu(o.rs1, o.rs2))),
  row("xor", 0x4033, 0xfe00707f, (o) => o.rd(o.xor(o.rs1, o.rs2))),
  row("srl", 0x5033, 0xfe00707f, (o) => o.rd(o.shr(o.rs1, o.rs2))),
  row("sra", 0x40005033, 0xfe00707f, (o) => o.rd(o.sar(o.rs1, o.rs2))),
  row("or", 0x6033, 0xfe00707f, (o) => o.rd(o.or(o.rs1, o.rs2))),
  row("and", 0x7033, 0xfe00707f, (o) => o.rd(o.and(o.rs1, o.rs2))),
  row("addw", 0x3b, 0xfe00707f, (o) => o.rd(o.word(o.add(o.rs1, o.rs2)))),
  row("subw", 0x4000003b, 0xfe00707f, (o) => o.rd(o.word(o.sub(o.rs1, o.rs2)))),
  row("sllw", 0x103b, 0xfe00707f, (o) => o.rd(o.word(o.shl(o.rs1, o.and(o.rs2, o.constant(31)))))),
  row("srlw", 0x503b, 0xfe00707f, (o) => o.rd(o.word(o.shr(o.zext(o.rs1), o.and(o.rs2, o.constant(31)))))),
  row("sraw", 0x4000503b, 0xfe00707f, (o) => o.rd(o.sar(o.word(o.rs1), o.and(o.rs2, o.constant(31))))),

  // 2.5.1: jumps. The target is known before the link is written: rs1 may be rd.
  row("jal", 0x6f, 0x7f, (o) => {
    o.rd(o.next);
    o.jump(o.add(o.pc, o.imm));
  }),
  row("jalr", 0x67, 0x707f, (o) => {
    o.jump(o.and(o.add(o.rs1, o.imm), o.constant(-2)));
    o.rd(o.next);
  }),

  // 2.5.2: branches
  row("beq", 0x63, 0x707f, (o) => o.branch(o.eq(o.rs1, o.rs2), o.add(o.pc, o.imm))),
  row("bne", 0x1063, 0x707f, (o) => o.branch(o.ne(o.rs1, o.rs2), o.add(o.pc, o.imm))),
  row("blt", 0x4063, 0x707f, (o) => o.branch(o.lt(o.rs1, o.rs2), o.add(o.pc, o.imm))),
  row("bge", 0x5063, 0x707f, (o) => o.branch(o.ge(o.rs1, o.rs2), o.add(o.pc, o.imm))),
  row("bltu", 0x6063, 0x707f, (o) => o.branch(o.ltu(o.rs1, o.rs2), o.add(o.pc, o.imm))),
  row("bgeu", 0x7063, 0x707f, (o) => o.branch(o.geu(o.rs1, o.rs2), o.add(o.pc, o.imm))),

  // 2.6, 4.3: loads and stores
  row("lb", 0x3, 0x707f, (o) => o.rd(o.load(o.add(o.rs1, o.imm), 1, true))),
  row("lh", 0x1003, 0x707f, (o) => o.rd(o.load(o.add(o.rs1, o.imm), 2, true))),
  row("lw", 0x2003, 0x707f, (o) => o.rd(o.load(o.add(o.rs1, o.imm), 4, true))),
  row("ld", 0x3003, 0x707f, (o) => o.rd(o.load(o.add(o.rs1, o.imm), 8, true))),
  row("lbu", 0x4003, 0x707f, (o) => o.rd(o.load(o.add(o.rs1, o.imm), 1, false))),
  row("lhu", 0x5003, 0x707f, (o) => o.rd(o.load(o.add(o.rs1, o.imm), 2, false))),
  row("lwu", 0x6003, 0x707f, (o) => o.rd(o.load(o.add(o.rs1, o.imm), 4, false))),
  row("sb", 0x23, 0x707f, (o) => o.store(o.add(o.rs1, o.imm), 1, o.rs2)),
  row("sh", 0x1023, 0x707f, (o) => o.store(o.add(o.rs1, o.imm), 2, o.rs2)),
  row("sw", 0x2023, 0x707f, (o) => o.store(o.add(o.rs1, o.imm), 4, o.rs2)),
  row("sd", 0x3023, 0x707f, (o) => o.store(o.add(o.rs1, o.imm), 8, o.rs2)),

  // 2.7: one hart at a time runs, so a fence orders nothing; its reserved forms are fences too. Chapter 3: fence.i.
  row("fence", 0xf, 0x707f, () => undefined),
  row("fence.i", 0x100f, 0x707f, (o) => o.fenceI()),

  // 2.8
  row("ecall", 0x73, 0xffffffff, (o) => o.ecall()),
  row("ebreak", 0x100073, 0xffffffff, (o) => o.ebreak()),
];
