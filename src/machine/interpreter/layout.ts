// What predecoded code looks like in RAM. Each code frame has a block of 8-byte records, one per halfword of the frame:
//   byte 0: operation · 1: rd × 8 · 2: rs1 × 8 · 3: rs2 × 8 · 4..7: immediate
// A branch's immediate is the distance to the target's record (4 × the distance in bytes). Behind the 2048 records:
// the end of the page, and a slot where an instruction that straddles two pages is put each time it is met.
export const RECORD = 8;
export const SLOTS = 2048;
export const BLOCK_BYTES = SLOTS * RECORD;
export const SLOT_STRADDLE = SLOTS + 2;
export const SLOT_HEADER = SLOTS + 8;
/** u32 in the header: the frame's physical address; then the word in the straddle slot. */
export const HEADER_FRAME = SLOT_HEADER * RECORD;
export const HEADER_WORD = HEADER_FRAME + 4;
/** u32: address of the operations that OP_TRANSLATED stands in front of, a byte for each slot; 0 for none. */
export const HEADER_ORIGINALS = HEADER_FRAME + 8;

// Operations that are no instruction of their own. An empty record is 0.
export const OP_DECODE = 0;
/** The page's end: go on in the next page. */
export const OP_PAGE_END = 1;
/** The first half of an instruction whose second half lies in the next page. */
export const OP_STRADDLE = 2;
/** The reference executes it. */
export const OP_REFERENCE = 3;
/** A function beside the loop executes it; the immediate names which. */
export const OP_RARE = 4;
export const OP_ECALL = 5;
export const OP_NOP2 = 6;
export const OP_NOP4 = 7;
/** As OP_RARE, for arithmetic in floating point: a module of its own, made when it is first needed. */
export const OP_FLOAT = 8;
/** A translation is entered here. The record's operands stay as they were. */
export const OP_TRANSLATED = 9;
export const OP_FIRST_ROW = 10;

/** An imported memory may have a lower maximum than the module names: the same module serves any machine. */
export const MEMORY_PAGES = 65536;
