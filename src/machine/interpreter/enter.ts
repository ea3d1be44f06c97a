// How the interpreter enters translated code, and what that answers.
// enter(tlb, page, entry, fuel): page is the address of the code page, entry which of the region's entries. It leaves the
// registers, pc and the fuel in the hart's file.
import { I32, I64, type ValueType } from "../wasm/encoder.ts";

export const ENTER_PARAMETERS: ValueType[] = [I32, I64, I32, I32];

/** Go on at pc. */
export const LEFT = 0;
/** The reference executes the instruction at pc first: it faults, is misaligned, or the fuel does not last. */
export const STEP = 1;
