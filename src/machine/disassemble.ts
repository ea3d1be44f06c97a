// The disassembler: a backend of the rows that runs no meaning but notes which operands it asks for, so that an
// instruction's operand list needs no table of its own. Spelling is objdump's with -M no-aliases,numeric.
import { expand } from "./isa/compressed.ts";
import { immediateOf, rowOf, rows } from "./isa/index.ts";
import type { Operations, Row } from "./isa/row.ts";

type Operand = "rd" | "fd" | "rs1" | "rs2" | "fs1" | "fs2" | "fs3" | "zimm" | "csr" | "memory" | "rounding";

/** Notes operands; every value is the same. */
class Notes implements Operations<0> {
  readonly used = new Set<Operand>();
  readonly rs1IsZero = false;

  #note(operand: Operand): 0 {
    this.used.add(operand);
    return 0;
  }

  get rs1(): 0 {
    return this.#note("rs1");
  }
  get rs2(): 0 {
    return this.#note("rs2");
  }
  get fs1(): 0 {
    return this.#note("fs1");
  }
  get fs2(): 0 {
    return this.#note("fs2");
  }
  get fs3(): 0 {
    return this.#note("fs3");
  }
  get zimm(): 0 {
    return this.#note("zimm");
  }
  readonly imm = 0;
  readonly pc = 0;
  readonly next = 0;
  rd = (): void => void this.#note("rd");
  fd = (): void => void this.#note("fd");

  #value = (): 0 => 0;
  constant = this.#value;
  add = this.#value;
  sub = this.#value;
  mul = this.#value;
  and = this.#value;
  or = this.#value;
  xor = this.#value;
  not = this.#value;
  shl = this.#value;
  shr = this.#value;
  sar = this.#value;
  eq = this.#value;
  ne = this.#value;
  lt = this.#value;
  ltu = this.#value;
  ge = this.#value;
  geu = this.#value;
  word = this.#value;
  zext = this.#value;
  mulh = this.#value;
  mulhu = this.#value;
  mulhsu = this.#value;
  div = this.#value;
  divu = this.#value;
  rem = this.#value;
  remu = this.#value;
  unbox = this.#value;
  box = this.#value;
  jump = (): void => undefined;
  branch = (): void => undefined;
  ecall = (): void => undefined;
  ebreak = (): void => undefined;
  fenceI = (): void => undefined;

  choose(_condition: 0, a: () => 0, b: () => 0): 0 {
    a();
    return b();
  }
  load = (): 0 => this.#note("memory");
  store = (): void => void this.#note("memory");
  amo(_address: 0, _size: 4 | 8, change: (old: 0) => 0): 0 {
    change(0);
    return this.#note("memory");
  }
  loadReserved = (): 0 => this.#note("memory");
  storeConditional = (): 0 => this.#note("memory");
  csr(change: ((old: 0) => 0) | undefined): 0 {
    change?.(0);
    return this.#note("csr");
  }
  float = (): 0 => this.#note("rounding");
}

const operandsOf: readonly ReadonlySet<Operand>[] = rows.map((row) => {
  const notes = new Notes();
  row.meaning(notes);
  return notes.used;
});

const CSRS: Record<number, string> = { 1: "fflags", 2: "frm", 3: "fcsr", 3072: "cycle", 3073: "time", 3074: "instret" };
const ROUNDINGS = ["rne", "rtz", "rdn", "rup", "rmm", "", "", ""];

/** One instruction, 16 or 32 bits, at the address `pc`; undefined when it is illegal. */
export function disassemble(instruction: number, pc = 0): string | undefined {
  const word = (instruction & 3) === 3 ? instruction >>> 0 : expand(instruction);
  const row = rowOf(word);
  if (!row) return undefined;
  const operands = operandList(row, word, pc).join(",");
  return operands === "" ? row.name : `${row.name}${row.shape === "amo" ? order(word) : ""} ${operands}`;
}

function operandList(row: Row, word: number, pc: number): string[] {
  const used = operandsOf[row.index]!;
  const field = (shift: number) => (word >>> shift) & 31;
  const out: string[] = [];
  if (used.has("rd")) out.push(`x${field(7)}`);
  if (used.has("fd")) out.push(`f${field(7)}`);
  const rs1 = used.has("fs1") ? `f${field(15)}` : `x${field(15)}`;
  const rs2 = used.has("fs2") ? `f${field(20)}` : `x${field(20)}`;
  const immediate = immediateOf(row, word);
  switch (row.shape) {
    case "none":
      return [];
    case "csr":
      return [...out, CSRS[immediate] ?? `0x${immediate.toString(16)}`, used.has("zimm") ? `${field(15)}` : rs1];
    case "amo":
      return [...out, ...(used.has("rs2") ? [rs2] : []), `(${rs1})`];
    case "S":
      return [rs2, `${immediate}(${rs1})`];
    case "B":
      return [rs1, rs2, target(pc + immediate)];
    case "J":
      return [...out, target(pc + immediate)];
    case "U":
      return [...out, `0x${((immediate >>> 12) & 0xfffff).toString(16)}`];
    case "I":
      if (used.has("memory") || row.name === "jalr") return [...out, `${immediate}(${rs1})`];
      return [...out, rs1, `${immediate}`];
    case "shift":
    case "shiftw":
      return [...out, rs1, `0x${immediate.toString(16)}`];
    default: {
      if (used.has("rs1") || used.has("fs1")) out.push(rs1);
      if (used.has("rs2") || used.has("fs2")) out.push(rs2);
      if (used.has("fs3")) out.push(`f${word >>> 27}`);
      const rounding = (row.mask & 0x7000) === 0 ? ROUNDINGS[(word >>> 12) & 7] : "";
      return rounding ? [...out, rounding] : out;
    }
  }
}

/** As objdump has it: hexadecimal, 64 bits, and no 0x. */
const target = (address: number): string => BigInt.asUintN(64, BigInt(address)).toString(16);

/** 13.1: the aq and rl bits. */
const order = (word: number): string => ["", ".rl", ".aq", ".aqrl"][(word >>> 25) & 3]!;
