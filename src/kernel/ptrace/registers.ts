// Register sets as debuggers and core files have them. The only place beside signal/frame.ts that knows riscv64's
// layout: struct user_regs_struct is pc and x1 to x31, the floating-point set f0 to f31 and fcsr. asm/ptrace.h
import { NT_PRFPREG, NT_PRSTATUS } from "../../abi/ptrace.ts";
import type { Context } from "../../machine/hart.ts";

export interface RegisterSet {
  /** Bytes of the whole, and of each register: transfers are of whole registers. */
  readonly size: number;
  readonly unit: number;
  read(context: Context): Uint8Array;
  /** Takes as many registers as there are bytes. */
  write(context: Context, bytes: Uint8Array): void;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

const general: RegisterSet = {
  size: 256,
  unit: 8,
  read(context) {
    const bytes = new Uint8Array(256);
    const view = viewOf(bytes);
    view.setBigUint64(0, context.pcBits, true);
    for (let i = 1; i < 32; i++) view.setBigUint64(i * 8, context.x(i), true);
    return bytes;
  },
  write(context, bytes) {
    const view = viewOf(bytes);
    for (let i = 0; i * 8 + 8 <= bytes.length; i++) {
      const value = view.getBigUint64(i * 8, true);
      if (i === 0) context.pcBits = value;
      else context.setX(i, value);
    }
  },
};

/** struct __riscv_d_ext_state, padded to whole 8 bytes. */
const floating: RegisterSet = {
  size: 264,
  unit: 8,
  read(context) {
    const bytes = new Uint8Array(264);
    const view = viewOf(bytes);
    for (let i = 0; i < 32; i++) view.setBigUint64(i * 8, context.f(i), true);
    view.setUint32(256, context.fcsr, true);
    return bytes;
  },
  write(context, bytes) {
    const view = viewOf(bytes);
    for (let i = 0; i < 32 && i * 8 + 8 <= bytes.length; i++) context.setF(i, view.getBigUint64(i * 8, true));
    if (bytes.length >= 260) context.fcsr = view.getUint32(256, true);
  },
};

/** By the note type that core files give it. */
export const registerSets: ReadonlyMap<number, RegisterSet> = new Map([
  [NT_PRSTATUS, general],
  [NT_PRFPREG, floating],
]);
