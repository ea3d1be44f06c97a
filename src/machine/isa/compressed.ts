// C: each 16-bit instruction is another spelling of a 32-bit one, and is expanded to it. Unprivileged ISA chapter 26.

const I = (imm: number, rs1: number, funct3: number, rd: number, opcode: number) =>
  ((imm << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0;
const R = (funct7: number, rs2: number, rs1: number, funct3: number, rd: number, opcode: number) =>
  ((funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0;
const Store = (imm: number, rs2: number, rs1: number, funct3: number, opcode: number) =>
  (((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | ((imm & 31) << 7) | opcode) >>> 0;
const B = (imm: number, rs1: number, funct3: number) =>
  (((imm & 0x1000) << 19) |
    ((imm & 0x7e0) << 20) |
    (rs1 << 15) |
    (funct3 << 12) |
    ((imm & 0x1e) << 7) |
    ((imm & 0x800) >> 4) |
    0x63) >>>
  0;
const J = (imm: number, rd: number) =>
  (((imm & 0x100000) << 11) | ((imm & 0x7fe) << 20) | ((imm & 0x800) << 9) | (imm & 0xff000) | (rd << 7) | 0x6f) >>> 0;

/** Bits `high`..`low` of c, moved to start at bit `to`. */
const bits = (c: number, high: number, low: number, to: number) => ((c >>> low) & ((1 << (high - low + 1)) - 1)) << to;

const LOAD = 0x03;
const LOAD_FP = 0x07;
const OP_IMM = 0x13;
const OP_IMM_32 = 0x1b;
const STORE = 0x23;
const STORE_FP = 0x27;
const OP = 0x33;
const LUI = 0x37;
const OP_32 = 0x3b;
const JALR = 0x67;
const SP = 2;

/** The 32-bit word that a 16-bit one (low bits not 11) stands for, or 0 (itself illegal) when it is reserved. */
export function expand(c: number): number {
  switch (c & 3) {
    case 0:
      return quadrant0(c);
    case 1:
      return quadrant1(c);
    default:
      return quadrant2(c);
  }
}

function quadrant0(c: number): number {
  const rd = 8 + bits(c, 4, 2, 0);
  const rs1 = 8 + bits(c, 9, 7, 0);
  const word = bits(c, 12, 10, 3) | bits(c, 6, 6, 2) | bits(c, 5, 5, 6);
  const double = bits(c, 12, 10, 3) | bits(c, 6, 5, 6);
  switch (c >>> 13) {
    case 0: {
      const imm = bits(c, 12, 11, 4) | bits(c, 10, 7, 6) | bits(c, 6, 6, 2) | bits(c, 5, 5, 3);
      return imm === 0 ? 0 : I(imm, SP, 0, rd, OP_IMM); // c.addi4spn
    }
    case 1:
      return I(double, rs1, 3, rd, LOAD_FP); // c.fld
    case 2:
      return I(word, rs1, 2, rd, LOAD); // c.lw
    case 3:
      return I(double, rs1, 3, rd, LOAD); // c.ld
    case 5:
      return Store(double, rd, rs1, 3, STORE_FP); // c.fsd
    case 6:
      return Store(word, rd, rs1, 2, STORE); // c.sw
    case 7:
      return Store(double, rd, rs1, 3, STORE); // c.sd
    default:
      return 0;
  }
}

function quadrant1(c: number): number {
  const rd = bits(c, 11, 7, 0);
  const imm = (bits(c, 12, 12, 31) >> 26) | bits(c, 6, 2, 0);
  switch (c >>> 13) {
    case 0:
      return I(imm, rd, 0, rd, OP_IMM); // c.addi, c.nop
    case 1:
      return rd === 0 ? 0 : I(imm, rd, 0, rd, OP_IMM_32); // c.addiw
    case 2:
      return I(imm, 0, 0, rd, OP_IMM); // c.li
    case 3:
      if (imm === 0) return 0;
      if (rd === SP) {
        const by =
          (bits(c, 12, 12, 31) >> 22) | bits(c, 6, 6, 4) | bits(c, 5, 5, 6) | bits(c, 4, 3, 7) | bits(c, 2, 2, 5);
        return I(by, SP, 0, SP, OP_IMM); // c.addi16sp
      }
      return ((imm << 12) | (rd << 7) | LUI) >>> 0; // c.lui
    case 4:
      return arithmetic(c, imm);
    case 5: {
      const offset =
        (bits(c, 12, 12, 31) >> 20) |
        bits(c, 11, 11, 4) |
        bits(c, 10, 9, 8) |
        bits(c, 8, 8, 10) |
        bits(c, 7, 7, 6) |
        bits(c, 6, 6, 7) |
        bits(c, 5, 3, 1) |
        bits(c, 2, 2, 5);
      return J(offset, 0); // c.j
    }
    default: {
      const offset =
        (bits(c, 12, 12, 31) >> 23) | bits(c, 11, 10, 3) | bits(c, 6, 5, 6) | bits(c, 4, 3, 1) | bits(c, 2, 2, 5);
      return B(offset, 8 + bits(c, 9, 7, 0), (c >>> 13) & 1); // c.beqz, c.bnez
    }
  }
}

function arithmetic(c: number, imm: number): number {
  const rd = 8 + bits(c, 9, 7, 0);
  const rs2 = 8 + bits(c, 4, 2, 0);
  const shift = imm & 63;
  switch (bits(c, 11, 10, 0)) {
    case 0:
      return I(shift, rd, 5, rd, OP_IMM); // c.srli
    case 1:
      return I(shift | 0x400, rd, 5, rd, OP_IMM); // c.srai
    case 2:
      return I(imm, rd, 7, rd, OP_IMM); // c.andi
    default:
      switch (bits(c, 12, 12, 2) | bits(c, 6, 5, 0)) {
        case 0:
          return R(0x20, rs2, rd, 0, rd, OP); // c.sub
        case 1:
          return R(0, rs2, rd, 4, rd, OP); // c.xor
        case 2:
          return R(0, rs2, rd, 6, rd, OP); // c.or
        case 3:
          return R(0, rs2, rd, 7, rd, OP); // c.and
        case 4:
          return R(0x20, rs2, rd, 0, rd, OP_32); // c.subw
        case 5:
          return R(0, rs2, rd, 0, rd, OP_32); // c.addw
        default:
          return 0;
      }
  }
}

function quadrant2(c: number): number {
  const rd = bits(c, 11, 7, 0);
  const rs2 = bits(c, 6, 2, 0);
  const loadDouble = bits(c, 12, 12, 5) | bits(c, 6, 5, 3) | bits(c, 4, 2, 6);
  const storeDouble = bits(c, 12, 10, 3) | bits(c, 9, 7, 6);
  switch (c >>> 13) {
    case 0:
      return I(bits(c, 12, 12, 5) | rs2, rd, 1, rd, OP_IMM); // c.slli
    case 1:
      return I(loadDouble, SP, 3, rd, LOAD_FP); // c.fldsp
    case 2:
      return rd === 0 ? 0 : I(bits(c, 12, 12, 5) | bits(c, 6, 4, 2) | bits(c, 3, 2, 6), SP, 2, rd, LOAD); // c.lwsp
    case 3:
      return rd === 0 ? 0 : I(loadDouble, SP, 3, rd, LOAD); // c.ldsp
    case 4:
      if (bits(c, 12, 12, 0) === 0) {
        if (rs2 !== 0) return R(0, rs2, 0, 0, rd, OP); // c.mv
        return rd === 0 ? 0 : I(0, rd, 0, 0, JALR); // c.jr
      }
      if (rs2 !== 0) return R(0, rs2, rd, 0, rd, OP); // c.add
      return rd === 0 ? 0x100073 : I(0, rd, 0, 1, JALR); // c.ebreak, c.jalr
    case 5:
      return Store(storeDouble, rs2, SP, 3, STORE_FP); // c.fsdsp
    case 6:
      return Store(bits(c, 12, 9, 2) | bits(c, 8, 7, 6), rs2, SP, 2, STORE); // c.swsp
    default:
      return Store(storeDouble, rs2, SP, 3, STORE); // c.sdsp
  }
}
