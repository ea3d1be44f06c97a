// Why a run ended. Codes are small integers, shared by the reference, the interpreter's WebAssembly and the kernel.

/** Not an exit: the instruction is done, go on at pc. */
export const CONTINUE = 0;
export const EXIT_ECALL = 1;
export const EXIT_EBREAK = 2;
export const EXIT_ILLEGAL = 3;
/** A memory access was refused: see the hart's faultAddress, faultAccess and faultKind. */
export const EXIT_FAULT = 4;
/** The fuel is used up. */
export const EXIT_TIMER = 5;
/** The hart deals with fence.i itself; it never leaves run(). */
export const EXIT_FENCE_I = 6;

export const ACCESS_READ = 0;
export const ACCESS_WRITE = 1;
export const ACCESS_EXECUTE = 2;
export type Access = 0 | 1 | 2;

/** No entry, or one that does not permit the access. */
export const FAULT_PAGE = 0;
/** An atomic instruction's address is no multiple of its size. */
export const FAULT_MISALIGNED = 1;
/** The address lies outside the user half of the address space. */
export const FAULT_RANGE = 2;
