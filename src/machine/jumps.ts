// An address space's table of jumps: where the translation of a pc begins, if it has been looked up and the pages it was
// made from are where it expects them. Direct-mapped entries of 16 bytes: tag i64 (the pc, or −1), u32 the function's index
// in the hart's table.
export const JUMP_ENTRIES = 2048;
export const JUMPS_SIZE = JUMP_ENTRIES * 16;
/** An entry's offset is (pc ^ pc >>> JUMP_FOLD) << JUMP_SHIFT under this mask: many functions begin at like places of
 *  their pages. */
export const JUMP_MASK = (JUMP_ENTRIES - 1) << 4;
export const JUMP_SHIFT = 3;
export const JUMP_FOLD = 11;
/** What was there before is kept in the entry beside it: offsets differ by this bit. */
export const JUMP_BESIDE = 16;
