// Why this kernel is not to be trusted as it was: one bit for each thing that has happened to it. Shown as a number by
// /proc/sys/kernel/tainted and as letters wherever a crash is. Linux: Documentation/admin-guide/tainted-kernels.rst

export const TAINT_PROPRIETARY_MODULE = 0;
export const TAINT_FORCED_MODULE = 1;
export const TAINT_USER = 6;
export const TAINT_DIE = 7;
export const TAINT_WARN = 9;
export const TAINT_OOT_MODULE = 12;
export const TAINT_UNSIGNED_MODULE = 13;
export const TAINT_SOFTLOCKUP = 14;

/** By bit: the letter when it is set, the letter when it is not, and what it means. */
const flags: readonly (readonly [letter: string, otherwise: string, meaning: string])[] = [
  ["P", "G", "a proprietary module was loaded"],
  ["F", " ", "a module was loaded by force"],
  ["S", " ", "the processor is out of specification"],
  ["R", " ", "a module was removed by force"],
  ["M", " ", "the processor reported a machine check"],
  ["B", " ", "a bad page was found"],
  ["U", " ", "user space asked for it"],
  ["D", " ", "the kernel died recently: there was an oops"],
  ["A", " ", "an ACPI table was overridden"],
  ["W", " ", "the kernel warned"],
  ["C", " ", "a staging driver was loaded"],
  ["I", " ", "a firmware bug is worked around"],
  ["O", " ", "a module from outside the kernel's own tree was loaded"],
  ["E", " ", "an unsigned module was loaded"],
  ["L", " ", "a soft lockup was seen"],
  ["K", " ", "the kernel was patched while it ran"],
  ["X", " ", "a distribution's own"],
  ["T", " ", "the layout of structures is randomized"],
  ["N", " ", "a test of the kernel was run"],
];
const ALL = 2 ** flags.length - 1;

/** "P" for bit 0 and so on. */
export const taintLetter = (bit: number): string => flags[bit]![0];

/** Every reason in a mask, with its letter. */
export const taintReasons = (mask: number): { letter: string; meaning: string }[] =>
  flags.flatMap(([letter, , meaning], bit) => (mask & (1 << bit) ? [{ letter, meaning }] : []));

/** A module's own: "(OE)", or nothing. */
export function moduleTaints(mask: number): string {
  const letters = taintReasons(mask).map(({ letter }) => letter);
  return letters.length === 0 ? "" : `(${letters.join("")})`;
}

export class Taints {
  mask = 0;

  add(bit: number): void {
    this.mask |= 1 << bit;
  }
  /** What root writes to /proc/sys/kernel/tainted: bits are added, none goes away. */
  addMask(mask: number): void {
    this.mask |= mask & ALL;
  }
  /** "Tainted: G      D     O  " or "Not tainted", as crashes show it. */
  toString(): string {
    if (this.mask === 0) return "Not tainted";
    return `Tainted: ${flags.map(([letter, otherwise], bit) => (this.mask & (1 << bit) ? letter : otherwise)).join("")}`;
  }
}
