// Which programs are let in: Linux's bpf_check_classic and seccomp_check_filter. What they accept ends (jumps go forward
// only), loads whole words of struct seccomp_data and never reads scratch memory that was not written.
import {
  BPF_A,
  BPF_ABS,
  BPF_ADD,
  BPF_ALU,
  BPF_AND,
  BPF_DIV,
  BPF_IMM,
  BPF_JA,
  BPF_JEQ,
  BPF_JGE,
  BPF_JGT,
  BPF_JMP,
  BPF_JSET,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_LEN,
  BPF_LSH,
  BPF_MAXINSNS,
  BPF_MEM,
  BPF_MEMWORDS,
  BPF_MISC,
  BPF_MUL,
  BPF_NEG,
  BPF_OR,
  BPF_RET,
  BPF_RSH,
  BPF_ST,
  BPF_STX,
  BPF_SUB,
  BPF_TAX,
  BPF_TXA,
  BPF_X,
  BPF_XOR,
} from "../../abi/bpf.ts";
import { EINVAL, type Errno } from "../../abi/errno.ts";
import { SECCOMP_DATA_SIZE } from "../../abi/seccomp.ts";
import type { Program } from "./program.ts";

const either = (codes: readonly number[]): number[] => codes.flatMap((code) => [code | BPF_K, code | BPF_X]);

const conditional = new Set(either([BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET].map((code) => BPF_JMP | code)));
/** What a seccomp filter may consist of: of classic BPF no loads but of whole words at fixed places, and no remainder. */
const known = new Set([
  ...conditional,
  BPF_JMP | BPF_JA,
  BPF_RET | BPF_K,
  BPF_RET | BPF_A,
  ...either(
    [BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_AND, BPF_OR, BPF_XOR, BPF_LSH, BPF_RSH].map((code) => BPF_ALU | code),
  ),
  BPF_ALU | BPF_NEG,
  BPF_LD | BPF_ABS,
  BPF_LD | BPF_LEN,
  BPF_LDX | BPF_LEN,
  BPF_LD | BPF_IMM,
  BPF_LDX | BPF_IMM,
  BPF_LD | BPF_MEM,
  BPF_LDX | BPF_MEM,
  BPF_ST,
  BPF_STX,
  BPF_MISC | BPF_TAX,
  BPF_MISC | BPF_TXA,
]);

/** Errors: EINVAL. */
export function check(program: Program): 0 | Errno {
  const { length, code, jt, jf, k: operands } = program;
  if (length === 0 || length > BPF_MAXINSNS) return EINVAL;
  for (let pc = 0; pc < length; pc++) {
    const each = code[pc]!;
    const k = operands[pc]!;
    if (!known.has(each)) return EINVAL;
    const left = length - pc - 1;
    if (conditional.has(each) && (jt[pc]! >= left || jf[pc]! >= left)) return EINVAL;
    switch (each) {
      case BPF_JMP | BPF_JA:
        if (k >= left) return EINVAL;
        break;
      case BPF_LD | BPF_ABS:
        if (k >= SECCOMP_DATA_SIZE || k % 4 !== 0) return EINVAL;
        break;
      case BPF_ALU | BPF_DIV | BPF_K:
        if (k === 0) return EINVAL;
        break;
      case BPF_ALU | BPF_LSH | BPF_K:
      case BPF_ALU | BPF_RSH | BPF_K:
        if (k >= 32) return EINVAL;
        break;
      case BPF_LD | BPF_MEM:
      case BPF_LDX | BPF_MEM:
      case BPF_ST:
      case BPF_STX:
        if (k >= BPF_MEMWORDS) return EINVAL;
        break;
    }
  }
  const last = code[length - 1]!;
  if (last !== (BPF_RET | BPF_K) && last !== (BPF_RET | BPF_A)) return EINVAL;
  return storesBeforeLoads(program) ? 0 : EINVAL;
}

/** Is each word of scratch memory stored on every way to where it is loaded? Code that nothing leads to counts as having
 *  everything stored. */
function storesBeforeLoads({ length, code, jt, jf, k: operands }: Program): boolean {
  const ALL = 0xffff;
  const stored = new Uint16Array(length).fill(ALL);
  let now = 0;
  for (let pc = 0; pc < length; pc++) {
    const each = code[pc]!;
    const k = operands[pc]!;
    now &= stored[pc]!;
    if (each === BPF_ST || each === BPF_STX) now |= 1 << k;
    else if (each === (BPF_LD | BPF_MEM) || each === (BPF_LDX | BPF_MEM)) {
      if ((now & (1 << k)) === 0) return false;
    } else if (each === (BPF_JMP | BPF_JA)) {
      stored[pc + 1 + k]! &= now;
      now = ALL;
    } else if (conditional.has(each)) {
      stored[pc + 1 + jt[pc]!]! &= now;
      stored[pc + 1 + jf[pc]!]! &= now;
      now = ALL;
    }
  }
  return true;
}
