// Classic BPF: the instructions of socket and seccomp filters. linux/bpf_common.h, linux/filter.h

/** struct sock_filter: 8 bytes. */
export interface BpfInstruction {
  readonly code: number;
  /** Jumps: how many instructions to skip when true, when false. */
  readonly jt: number;
  readonly jf: number;
  /** Unsigned 32 bits. */
  readonly k: number;
}

export const SOCK_FILTER_SIZE = 8;
/** struct sock_fprog: a 16-bit length and, at 8, the address of the instructions. */
export const SOCK_FPROG_SIZE = 16;
export const BPF_MAXINSNS = 4096;
/** Words of scratch memory. */
export const BPF_MEMWORDS = 16;

// Classes
export const BPF_LD = 0x00;
export const BPF_LDX = 0x01;
export const BPF_ST = 0x02;
export const BPF_STX = 0x03;
export const BPF_ALU = 0x04;
export const BPF_JMP = 0x05;
export const BPF_RET = 0x06;
export const BPF_MISC = 0x07;

// Loads: sizes and modes
export const BPF_W = 0x00;
export const BPF_H = 0x08;
export const BPF_B = 0x10;
export const BPF_IMM = 0x00;
export const BPF_ABS = 0x20;
export const BPF_IND = 0x40;
export const BPF_MEM = 0x60;
export const BPF_LEN = 0x80;
export const BPF_MSH = 0xa0;

// Arithmetic
export const BPF_ADD = 0x00;
export const BPF_SUB = 0x10;
export const BPF_MUL = 0x20;
export const BPF_DIV = 0x30;
export const BPF_OR = 0x40;
export const BPF_AND = 0x50;
export const BPF_LSH = 0x60;
export const BPF_RSH = 0x70;
export const BPF_NEG = 0x80;
export const BPF_MOD = 0x90;
export const BPF_XOR = 0xa0;

// Jumps
export const BPF_JA = 0x00;
export const BPF_JEQ = 0x10;
export const BPF_JGT = 0x20;
export const BPF_JGE = 0x30;
export const BPF_JSET = 0x40;

// Operands of arithmetic and jumps; what a return returns
export const BPF_K = 0x00;
export const BPF_X = 0x08;
export const BPF_A = 0x10;

// Moves between A and X
export const BPF_TAX = 0x00;
export const BPF_TXA = 0x80;
