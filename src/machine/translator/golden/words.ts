// For tests: instructions as words. Unprivileged ISA, chapter 34 (instruction set listings).
const I = (imm: number, rs1: number, f3: number, rd: number, opcode: number): number =>
  ((imm << 20) | (rs1 << 15) | (f3 << 12) | (rd << 7) | opcode) >>> 0;
const S = (imm: number, rs2: number, rs1: number, f3: number, opcode: number): number =>
  (((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (f3 << 12) | ((imm & 31) << 7) | opcode) >>> 0;
const R = (f7: number, rs2: number, rs1: number, f3: number, rd: number, opcode: number): number =>
  ((f7 << 25) | (rs2 << 20) | (rs1 << 15) | (f3 << 12) | (rd << 7) | opcode) >>> 0;
const branch =
  (f3: number) =>
  (rs1: number, rs2: number, to: number): number =>
    (((to & 0x1000) << 19) |
      ((to & 0x7e0) << 20) |
      (rs2 << 20) |
      (rs1 << 15) |
      (f3 << 12) |
      ((to & 0x1e) << 7) |
      ((to & 0x800) >> 4) |
      0x63) >>>
    0;

export const addi = (rd: number, rs1: number, imm: number): number => I(imm, rs1, 0, rd, 0x13);
export const slli = (rd: number, rs1: number, by: number): number => I(by, rs1, 1, rd, 0x13);
export const add = (rd: number, rs1: number, rs2: number): number => R(0, rs2, rs1, 0, rd, 0x33);
export const lw = (rd: number, rs1: number, imm: number): number => I(imm, rs1, 2, rd, 0x03);
export const ld = (rd: number, rs1: number, imm: number): number => I(imm, rs1, 3, rd, 0x03);
export const fld = (rd: number, rs1: number, imm: number): number => I(imm, rs1, 3, rd, 0x07);
export const sw = (rs2: number, rs1: number, imm: number): number => S(imm, rs2, rs1, 2, 0x23);
export const sd = (rs2: number, rs1: number, imm: number): number => S(imm, rs2, rs1, 3, 0x23);
export const fsd = (rs2: number, rs1: number, imm: number): number => S(imm, rs2, rs1, 3, 0x27);
export const faddD = (rd: number, rs1: number, rs2: number): number => R(1, rs2, rs1, 7, rd, 0x53);
export const fmulD = (rd: number, rs1: number, rs2: number): number => R(9, rs2, rs1, 7, rd, 0x53);
export const beq = branch(0);
export const bne = branch(1);
export const blt = branch(4);
export const bgeu = branch(7);
export const jal = (rd: number, to: number): number =>
  (((to & 0x100000) << 11) | ((to & 0x7fe) << 20) | ((to & 0x800) << 9) | (to & 0xff000) | (rd << 7) | 0x6f) >>> 0;
export const j = (to: number): number => jal(0, to);
export const jalr = (rd: number, rs1: number): number => I(0, rs1, 0, rd, 0x67);
export const RET = jalr(0, 1);
export const EBREAK = 0x100073;
export const FENCE_I = 0x100f;
