// What this processor is to programs that ask: riscv_hwprobe(2) and its copy in the vDSO.
// Linux: Documentation/arch/riscv/hwprobe.rst
import { extensions } from "../../machine/isa/index.ts";

const has = (name: string): boolean => (extensions as readonly string[]).includes(name);

/** Extensions that RISCV_HWPROBE_KEY_IMA_EXT_0 has a bit for, by bit. F and D share bit 0. */
const EXTENSION_BITS: readonly (readonly [string, number])[] = [
  ["c", 1],
  ["v", 2],
  ["zba", 3],
  ["zbb", 4],
  ["zbs", 5],
  ["zicboz", 6],
  ["zbc", 7],
  ["zfh", 27],
  ["zfhmin", 28],
  ["zihintntl", 29],
  ["zfa", 32],
  ["zacas", 34],
  ["zicond", 35],
  ["zihintpause", 36],
];

const HIGHEST_ADDRESS = 0x3f_ffff_efffn;
const TIME_FREQUENCY = 10_000_000n;
const MISALIGNED_FAST = 3n;

/** Keys are numbered from 0 to below this. */
export const KEYS = 11;

/** The value of a key, undefined for one that is not known. The IDs are 0: no vendor made this processor. */
export function probe(key: bigint): bigint | undefined {
  switch (key) {
    case 0n: // MVENDORID
    case 1n: // MARCHID
    case 2n: // MIMPID
      return 0n;
    case 3n: // BASE_BEHAVIOR: IMA
      return 1n;
    case 4n: {
      let bits = has("f") && has("d") ? 1n : 0n;
      for (const [name, bit] of EXTENSION_BITS) if (has(name)) bits |= 1n << BigInt(bit);
      return bits;
    }
    case 5n: // CPUPERF_0
    case 9n: // MISALIGNED_SCALAR_PERF
      return MISALIGNED_FAST;
    case 6n: // ZICBOZ_BLOCK_SIZE
      return 0n;
    case 7n:
      return HIGHEST_ADDRESS;
    case 8n:
      return TIME_FREQUENCY;
    case 10n: // MISALIGNED_VECTOR_PERF: unsupported
      return 4n;
    default:
      return undefined;
  }
}
