// A filter's program: what seccomp(2) takes, and running it. Which programs are good is in check.ts.
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
  type BpfInstruction,
  SOCK_FILTER_SIZE,
} from "../../abi/bpf.ts";
import { SECCOMP_DATA_ARCH, SECCOMP_DATA_NR, SECCOMP_DATA_SIZE, SECCOMP_RET_ALLOW } from "../../abi/seccomp.ts";

/** Instructions column by column. */
export class Program {
  readonly length: number;
  readonly code: Uint16Array;
  readonly jt: Uint8Array;
  readonly jf: Uint8Array;
  readonly k: Uint32Array;

  constructor(length: number) {
    this.length = length;
    this.code = new Uint16Array(length);
    this.jt = new Uint8Array(length);
    this.jf = new Uint8Array(length);
    this.k = new Uint32Array(length);
  }
  /** From struct sock_filter[]. */
  static decode(bytes: Uint8Array): Program {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const program = new Program(Math.floor(bytes.length / SOCK_FILTER_SIZE));
    for (let pc = 0, at = 0; pc < program.length; pc++, at += SOCK_FILTER_SIZE) {
      program.code[pc] = view.getUint16(at, true);
      program.jt[pc] = view.getUint8(at + 2);
      program.jf[pc] = view.getUint8(at + 3);
      program.k[pc] = view.getUint32(at + 4, true);
    }
    return program;
  }
  static of(instructions: readonly BpfInstruction[]): Program {
    const program = new Program(instructions.length);
    for (const [pc, { code, jt, jf, k }] of instructions.entries()) {
      program.code[pc] = code;
      program.jt[pc] = jt;
      program.jf[pc] = jf;
      program.k[pc] = k;
    }
    return program;
  }
  encode(): Uint8Array {
    const bytes = new Uint8Array(this.length * SOCK_FILTER_SIZE);
    const view = new DataView(bytes.buffer);
    for (let pc = 0, at = 0; pc < this.length; pc++, at += SOCK_FILTER_SIZE) {
      view.setUint16(at, this.code[pc]!, true);
      view.setUint8(at + 2, this.jt[pc]!);
      view.setUint8(at + 3, this.jf[pc]!);
      view.setUint32(at + 4, this.k[pc]!, true);
    }
    return bytes;
  }
}

const scratch = new Int32Array(BPF_MEMWORDS);

/** Runs a program that check.ts has let in over the words of a struct seccomp_data. Answers 32 bits, unsigned. */
export function run({ code, jt, jf, k: operands }: Program, data: Int32Array): number {
  let a = 0;
  let x = 0;
  for (let pc = 0; ; pc++) {
    const k = operands[pc]! | 0;
    switch (code[pc]!) {
      case BPF_LD | BPF_ABS:
        a = data[k >> 2]!;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        pc += a === k ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        pc += a >>> 0 > k >>> 0 ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        pc += a >>> 0 >= k >>> 0 ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        pc += (a & k) !== 0 ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JEQ | BPF_X:
        pc += a === x ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JGT | BPF_X:
        pc += a >>> 0 > x >>> 0 ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JGE | BPF_X:
        pc += a >>> 0 >= x >>> 0 ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JSET | BPF_X:
        pc += (a & x) !== 0 ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JA:
        pc += k;
        break;
      case BPF_RET | BPF_K:
        return k >>> 0;
      case BPF_RET | BPF_A:
        return a >>> 0;
      case BPF_ALU | BPF_ADD | BPF_K:
        a = (a + k) | 0;
        break;
      case BPF_ALU | BPF_ADD | BPF_X:
        a = (a + x) | 0;
        break;
      case BPF_ALU | BPF_SUB | BPF_K:
        a = (a - k) | 0;
        break;
      case BPF_ALU | BPF_SUB | BPF_X:
        a = (a - x) | 0;
        break;
      case BPF_ALU | BPF_MUL | BPF_K:
        a = Math.imul(a, k);
        break;
      case BPF_ALU | BPF_MUL | BPF_X:
        a = Math.imul(a, x);
        break;
      case BPF_ALU | BPF_DIV | BPF_K:
        a = ((a >>> 0) / (k >>> 0)) | 0;
        break;
      case BPF_ALU | BPF_DIV | BPF_X:
        // A division by zero ends the program with 0.
        if (x === 0) return 0;
        a = ((a >>> 0) / (x >>> 0)) | 0;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= k;
        break;
      case BPF_ALU | BPF_AND | BPF_X:
        a &= x;
        break;
      case BPF_ALU | BPF_OR | BPF_K:
        a |= k;
        break;
      case BPF_ALU | BPF_OR | BPF_X:
        a |= x;
        break;
      case BPF_ALU | BPF_XOR | BPF_K:
        a ^= k;
        break;
      case BPF_ALU | BPF_XOR | BPF_X:
        a ^= x;
        break;
      // Shifts count modulo 32, as JavaScript's.
      case BPF_ALU | BPF_LSH | BPF_K:
        a <<= k;
        break;
      case BPF_ALU | BPF_LSH | BPF_X:
        a <<= x;
        break;
      case BPF_ALU | BPF_RSH | BPF_K:
        a = (a >>> k) | 0;
        break;
      case BPF_ALU | BPF_RSH | BPF_X:
        a = (a >>> x) | 0;
        break;
      case BPF_ALU | BPF_NEG:
        a = -a | 0;
        break;
      case BPF_LD | BPF_IMM:
        a = k;
        break;
      case BPF_LDX | BPF_IMM:
        x = k;
        break;
      case BPF_LD | BPF_LEN:
        a = SECCOMP_DATA_SIZE;
        break;
      case BPF_LDX | BPF_LEN:
        x = SECCOMP_DATA_SIZE;
        break;
      // check.ts has seen that a word is stored on every way before it is loaded.
      case BPF_LD | BPF_MEM:
        a = scratch[k]!;
        break;
      case BPF_LDX | BPF_MEM:
        x = scratch[k]!;
        break;
      case BPF_ST:
        scratch[k] = a;
        break;
      case BPF_STX:
        scratch[k] = x;
        break;
      case BPF_MISC | BPF_TAX:
        x = a;
        break;
      case BPF_MISC | BPF_TXA:
        a = x;
        break;
    }
  }
}

/** Does the program allow call `number` whatever its arguments are? Followed as far as number, architecture and constants
 *  lead, which is how filters begin; anything else counts as no. */
export function allowsAlways({ code, jt, jf, k: operands }: Program, number: number, arch: number): boolean {
  let a = 0;
  for (let pc = 0; ; pc++) {
    const k = operands[pc]! | 0;
    switch (code[pc]!) {
      case BPF_LD | BPF_ABS:
        if (k === SECCOMP_DATA_NR) a = number;
        else if (k === SECCOMP_DATA_ARCH) a = arch | 0;
        else return false;
        break;
      case BPF_RET | BPF_K:
        return k >>> 0 === SECCOMP_RET_ALLOW;
      case BPF_JMP | BPF_JA:
        pc += k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        pc += a === k ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        pc += a >>> 0 > k >>> 0 ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        pc += a >>> 0 >= k >>> 0 ? jt[pc]! : jf[pc]!;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        pc += (a & k) !== 0 ? jt[pc]! : jf[pc]!;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= k;
        break;
      default:
        return false;
    }
  }
}
