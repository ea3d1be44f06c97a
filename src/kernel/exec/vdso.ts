// The vDSO: an ELF image that the kernel maps into every program, with the functions that need no crossing (the clocks)
// or that unwinders look for (the way back from signal handlers). Two pages: the kernel's data, then the image, which is
// assembled here. vdso(7)
import type { Errno } from "../../abi/errno.ts";
import { MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_READ } from "../../abi/flags.ts";
import { PAGE_SIZE, type Ram } from "../../machine/ram.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { map } from "../mm/map.ts";
import { PageCache } from "../vfs/page-cache.ts";
import { KEYS, probe } from "./hwprobe.ts";
import { type SharedObject, sharedObject } from "./shared-object.ts";

// Registers by their ABI names.
const ZERO = 0;
const RA = 1;
const T0 = 5;
const T1 = 6;
const T2 = 7;
const A0 = 10;
const A1 = 11;
const A2 = 12;
const A3 = 13;
const A4 = 14;
const A7 = 17;
const T3 = 28;

// Instructions (Unprivileged ISA 34: instruction listings).
const itype = (opcode: number, funct3: number, rd: number, rs1: number, immediate: number): number =>
  ((immediate & 0xfff) << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
const rtype = (funct7: number, funct3: number, rd: number, rs1: number, rs2: number): number =>
  (funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | 0x33;
const addi = (rd: number, rs1: number, immediate: number): number => itype(0x13, 0, rd, rs1, immediate);
const li = (rd: number, value: number): number => addi(rd, ZERO, value);
const ld = (rd: number, offset: number, base: number): number => itype(0x03, 3, rd, base, offset);
const sd = (rs2: number, offset: number, base: number): number =>
  ((offset >> 5) << 25) | (rs2 << 20) | (base << 15) | (3 << 12) | ((offset & 31) << 7) | 0x23;
const lui = (rd: number, value: number): number => (value << 12) | (rd << 7) | 0x37;
const auipc = (rd: number, pages: number): number => (pages << 12) | (rd << 7) | 0x17;
const add = (rd: number, rs1: number, rs2: number): number => rtype(0, 0, rd, rs1, rs2);
const slli3 = (rd: number, rs1: number): number => itype(0x13, 1, rd, rs1, 3);
const or = (rd: number, rs1: number, rs2: number): number => rtype(0, 6, rd, rs1, rs2);
const divu = (rd: number, rs1: number, rs2: number): number => rtype(1, 5, rd, rs1, rs2);
const remu = (rd: number, rs1: number, rs2: number): number => rtype(1, 7, rd, rs1, rs2);
const branch = (funct3: number, rs1: number, rs2: number, words: number): number => {
  const offset = words * 4;
  const high = (((offset >> 12) & 1) << 6) | ((offset >> 5) & 63);
  const low = (((offset >> 1) & 15) << 1) | ((offset >> 11) & 1);
  return (high << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (low << 7) | 0x63;
};
const bltu = (rs1: number, rs2: number, words: number): number => branch(6, rs1, rs2, words);
const beq = (rs1: number, rs2: number, words: number): number => branch(0, rs1, rs2, words);
const rdtime = (rd: number): number => itype(0x73, 2, rd, ZERO, 0xc01);
const ECALL = 0x73;
const RET = itype(0x67, 0, ZERO, RA, 0);

const NR_GETTIMEOFDAY = 169;
const NR_CLOCK_GETTIME = 113;
const NR_CLOCK_GETRES = 114;
const NR_GETCPU = 168;
const NR_RT_SIGRETURN = 139;
const NR_RISCV_HWPROBE = 258;
const NR_RISCV_FLUSH_ICACHE = 259;

const crossing = (number: number): number[] => [li(A7, number), ECALL, RET];

/** li rd, 1000000000. */
const billion = (rd: number): number[] => [lui(rd, 0x3b9ad), addi(rd, rd, -1536)];

/** Nanoseconds on the clock, from time and the kernel's data, into T0; T1 and T2 are used. `at`: place of the first
 *  instruction in the image. The offset of the clock is the first word of the data page. */
const now = (at: number): number[] => {
  // auipc gives this instruction's own address: the data page begins PAGE_SIZE + at below.
  const distance = -(PAGE_SIZE + at);
  const pages = Math.round(distance / PAGE_SIZE);
  return [auipc(T1, pages), ld(T1, distance - pages * PAGE_SIZE, T1), rdtime(T0), add(T0, T0, T1)];
};

/** clock_gettime: the two clocks and their coarse and raw kin here, others by a crossing. */
const clockGettime = (at: number): number[] => {
  const monotonic = [rdtime(T0)];
  const finish = [...billion(T2), divu(T3, T0, T2), remu(T0, T0, T2), sd(T3, 0, A1), sd(T0, 8, A1), li(A0, 0), RET];
  const tests = [1, 4, 6, 7];
  // Layout: tests for realtime clocks, tests for monotonic ones, the crossing, realtime, monotonic.
  const head = 3 + tests.length * 2;
  const other = crossing(NR_CLOCK_GETTIME);
  const realStart = head + other.length;
  const real = [...now(at + realStart * 4), ...finish];
  const monotonicStart = realStart + real.length;
  const code: number[] = [];
  code.push(beq(A0, ZERO, realStart - code.length));
  code.push(li(T0, 5));
  code.push(beq(A0, T0, realStart - code.length));
  for (const clock of tests) {
    code.push(li(T0, clock));
    code.push(beq(A0, T0, monotonicStart - code.length));
  }
  return [...code, ...other, ...real, ...monotonic, ...finish];
};

/** Where the data page has the values of riscv_hwprobe's keys. */
const PROBED = 64;

/** riscv_hwprobe: what is so of all harts is answered here, a question about some of them by a crossing. */
const hwprobe = (at: number): number[] => {
  const distance = PROBED - (PAGE_SIZE + at + 7 * 4);
  const pages = Math.round(distance / PAGE_SIZE);
  return [
    or(T0, A2, A3),
    or(T0, T0, A4),
    beq(T0, ZERO, 4),
    ...crossing(NR_RISCV_HWPROBE),
    li(T2, KEYS),
    auipc(T1, pages), // the eighth: `distance` is from here
    addi(T1, T1, distance - pages * PAGE_SIZE),
    beq(A1, ZERO, 14), // each pair
    ld(T0, 0, A0),
    bltu(T0, T2, 5),
    li(T3, -1), // a key that is not known
    sd(T3, 0, A0),
    sd(ZERO, 8, A0),
    beq(ZERO, ZERO, 5),
    slli3(T0, T0),
    add(T0, T0, T1),
    ld(T0, 0, T0),
    sd(T0, 8, A0),
    addi(A0, A0, 16),
    addi(A1, A1, -1),
    beq(ZERO, ZERO, -13),
    li(A0, 0),
    RET,
  ];
};

/** The functions, in the order in which they lie. */
const functions: readonly (readonly [name: string, code: (at: number) => number[]])[] = [
  ["__vdso_rt_sigreturn", () => [li(A7, NR_RT_SIGRETURN), ECALL]],
  ["__vdso_clock_gettime", clockGettime],
  ["__vdso_gettimeofday", () => crossing(NR_GETTIMEOFDAY)],
  ["__vdso_clock_getres", () => crossing(NR_CLOCK_GETRES)],
  ["__vdso_getcpu", () => crossing(NR_GETCPU)],
  ["__vdso_flush_icache", () => crossing(NR_RISCV_FLUSH_ICACHE)],
  ["__vdso_riscv_hwprobe", hwprobe],
];

/** In a time namespace the clocks take a crossing: the same functions at the same places, but for that. */
const shiftedFunctions = functions.map(([name, code]): (typeof functions)[number] => {
  if (code !== clockGettime) return [name, code];
  return [
    name,
    (at) => [
      ...crossing(NR_CLOCK_GETTIME),
      ...code(at)
        .slice(3)
        .map(() => RET),
    ],
  ];
});

/** The image and where its data is kept, made once for each kernel. */
export class Vdso {
  readonly pages: PageCache;
  /** What tasks in a time namespace see instead. */
  readonly shifted: PageCache;
  private readonly object: SharedObject;

  constructor(ram: Ram) {
    const object = sharedObject("linux-vdso.so.1", "LINUX_4.15", functions);
    this.object = object;
    const values = BigUint64Array.from({ length: KEYS }, (_, key) => probe(BigInt(key)) ?? 0n);
    const probed = new Uint8Array(values.buffer);
    const pagesOf = ({ bytes }: SharedObject): PageCache =>
      new PageCache(ram, (index, page) => {
        if (index > 0) page.set(bytes);
        else page.set(probed, PROBED);
        return 0;
      });
    this.pages = pagesOf(object);
    this.shifted = pagesOf(sharedObject("linux-vdso.so.1", "LINUX_4.15", shiftedFunctions));
  }
  /** `shifts`: for a task whose clocks count from elsewhere. */
  pagesFor(shifts: boolean): PageCache {
    return shifts ? this.shifted : this.pages;
  }
  /** The ELF file that programs see. */
  get image(): Uint8Array {
    return this.object.bytes;
  }
  /** Offsets of its functions in the image. */
  get symbols(): ReadonlyMap<string, number> {
    return this.object.symbols;
  }
  /** Offset of a function in the image. */
  offset(name: string): number {
    return this.object.symbols.get(name) ?? 0;
  }
  /** CLOCK_REALTIME minus CLOCK_MONOTONIC, for programs to read. */
  setOffset(nanoseconds: bigint): void {
    const frame = this.pages.get(0);
    if (typeof frame === "number" && frame > 0) this.pages.ram.view.setBigInt64(frame, nanoseconds, true);
  }
}

/** Maps it; `shifts` as in `pagesFor`. The result is the address of its ELF header. */
export function mapVdso(mm: AddressSpace, shifts: boolean): number | Errno {
  const { vdso } = mm.kernel;
  const pages = vdso.pagesFor(shifts);
  const common = { pages, flags: MAP_PRIVATE };
  const data = map(mm, { ...common, address: 0, length: 2 * PAGE_SIZE, prot: PROT_READ, name: "[vvar]" });
  if (data < 0) return data as Errno;
  const image = map(mm, {
    pages,
    address: data + PAGE_SIZE,
    length: PAGE_SIZE,
    offset: PAGE_SIZE,
    prot: PROT_READ | PROT_EXEC,
    flags: MAP_PRIVATE | MAP_FIXED,
    name: "[vdso]",
  });
  if (image > 0) mm.sigreturn = image + vdso.offset("__vdso_rt_sigreturn");
  return image;
}
