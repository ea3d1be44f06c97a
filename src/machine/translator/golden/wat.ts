// For tests: a module that translate() made, as text: one instruction a line, with the register file's fields, the
// imports and the parameters by their names. WebAssembly Core Specification 2.0, chapter 5 (binary format).
import * as layout from "../../context.ts";
import { TLB_READ, TLB_WRITE } from "../../page-table.ts";

const TYPES: Record<number, string> = { 127: "i32", 126: "i64", 125: "f32", 124: "f64", 123: "v128", 64: "" };
const PARAMETERS = ["pc", "fuel", "depth"];
/** The first locals, which translate.ts and emitter.ts declare in this order. */
const LOCALS = ["base", "place", "maskX", "maskF", "plain", "va", "entry", "within", "physical"];

/** Without immediates, from an opcode on. */
const PLAIN: Record<number, string> = {};
const plain = (first: number, names: string): void => {
  names.split(" ").forEach((name, i) => {
    PLAIN[first + i] = name;
  });
};
const COMPARE = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const ARITHMETIC = "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr";
const FLOAT = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign";
const typed = (type: string, names: string): string => names.replace(/\S+/g, (name) => `${type}.${name}`);
plain(0x45, `i32.eqz ${typed("i32", COMPARE)} i64.eqz ${typed("i64", COMPARE)}`);
plain(0x5b, `${typed("f32", "eq ne lt gt le ge")} ${typed("f64", "eq ne lt gt le ge")}`);
plain(0x67, `${typed("i32", ARITHMETIC)} ${typed("i64", ARITHMETIC)}`);
plain(0x8b, `${typed("f32", FLOAT)} ${typed("f64", FLOAT)}`);
plain(0xa7, "i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u");
plain(0xac, "i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u");
plain(0xb2, typed("f32", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64"));
plain(0xb7, typed("f64", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32"));
plain(0xbc, "i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64");
plain(0xc0, "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s");
plain(0x00, "unreachable nop");
plain(0x0f, "return");
plain(0x1a, "drop select");
const LOADS = "8_s 8_u 16_s 16_u";
const ACCESSES = [
  ...["i32.load", "i64.load", "f32.load", "f64.load"],
  ...LOADS.split(" ").map((name) => `i32.load${name}`),
  ...[...LOADS.split(" "), "32_s", "32_u"].map((name) => `i64.load${name}`),
  ...["i32.store", "i64.store", "f32.store", "f64.store", "i32.store8", "i32.store16"],
  ...["i64.store8", "i64.store16", "i64.store32"],
];

/** Functions of the module, one after the other. `file`: where the register file lies. */
export function printModule(bytes: Uint8Array, file: number): string {
  return new Printer(bytes, file).module();
}

class Printer {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly file: number;
  private at = 8;
  private readonly functions: string[] = [];
  private readonly lines: string[] = [];
  private locals: string[] = [];

  constructor(bytes: Uint8Array, file: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
  }

  module(): string {
    while (this.at < this.bytes.length) {
      const id = this.byte();
      const size = this.unsigned();
      const end = this.at + size;
      if (id === 2) this.imports();
      else if (id === 10) for (let n = this.unsigned(), i = 0; i < n; i++) this.function(i);
      this.at = end;
    }
    return `${this.lines.join("\n")}\n`;
  }

  private byte(): number {
    return this.bytes[this.at++]!;
  }
  private unsigned(): number {
    return Number(this.leb(false));
  }
  private leb(signed: boolean): bigint {
    let value = 0n;
    for (let shift = 0n; ; ) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      shift += 7n;
      if (byte >= 128) continue;
      return signed ? BigInt.asIntN(Number(shift), value) : value;
    }
  }
  private name(): string {
    const length = this.unsigned();
    this.at += length;
    return String.fromCharCode(...this.bytes.subarray(this.at - length, this.at));
  }

  private imports(): void {
    for (let n = this.unsigned(); n > 0; n--) {
      this.name();
      const name = this.name();
      const kind = this.byte();
      if (kind === 0) {
        this.functions.push(name);
        this.unsigned();
        continue;
      }
      if (kind === 1) this.byte();
      const limits = this.byte();
      this.unsigned();
      if (limits & 1) this.unsigned();
    }
  }

  private function(index: number): void {
    const size = this.unsigned();
    const end = this.at + size;
    this.locals = [...PARAMETERS];
    for (let runs = this.unsigned(); runs > 0; runs--) {
      const count = this.unsigned();
      const type = TYPES[this.byte()]!;
      for (let i = 0; i < count; i++) {
        const known = LOCALS[this.locals.length - PARAMETERS.length];
        this.locals.push(known ?? `${type}_${this.locals.length}`);
      }
    }
    this.lines.push(`(func e${index} (param ${PARAMETERS.join(" ")}) (result pc fuel)`);
    // The first pass finds which local is which register: those that are loaded from it or stored to it.
    const start = this.at;
    this.nameRegisters(end);
    this.at = start;
    let depth = 1;
    while (this.at < end - 1) {
      const text = this.instruction();
      if (text === "end" || text === "else") depth--;
      this.lines.push("  ".repeat(depth) + text);
      if (/^(block|loop|if|else)/.test(text)) depth++;
    }
    this.at = end;
    this.lines.push(")");
  }

  private nameRegisters(end: number): void {
    const texts: string[] = [];
    while (this.at < end - 1) texts.push(this.instruction());
    texts.forEach((text, i) => {
      const loaded = /^(?:i64|f64)\.load ([xf]\d+)$/.exec(text);
      const stored = /^(?:i64|f64)\.store ([xf]\d+)$/.exec(text);
      const other = loaded ? texts[i + 1] : stored ? texts[i - 1] : undefined;
      const local = /^local\.[gs]et [if]64_(\d+)$/.exec(other ?? "");
      if (local) this.locals[Number(local[1])] = (loaded ?? stored)![1]!;
    });
  }

  private instruction(): string {
    const opcode = this.byte();
    const known = PLAIN[opcode];
    if (known !== undefined) return known;
    if (opcode >= 0x28 && opcode <= 0x3e) {
      this.unsigned();
      const place = this.place(this.unsigned());
      return `${ACCESSES[opcode - 0x28]}${place === "" ? "" : ` ${place}`}`;
    }
    const local = (name: string): string => `local.${name} ${this.locals[this.unsigned()]}`;
    switch (opcode) {
      case 0x02:
      case 0x03:
      case 0x04:
        return `${["block", "loop", "if"][opcode - 2]} ${TYPES[this.byte()]}`.trimEnd();
      case 0x05:
        return "else";
      case 0x0b:
        return "end";
      case 0x0c:
        return `br ${this.unsigned()}`;
      case 0x0d:
        return `br_if ${this.unsigned()}`;
      case 0x10: {
        const index = this.unsigned();
        return `call ${this.functions[index] ?? index}`;
      }
      case 0x11:
      case 0x13:
        this.at += 2;
        return opcode === 0x11 ? "call_indirect" : "return_call_indirect";
      case 0x20:
        return local("get");
      case 0x21:
        return local("set");
      case 0x22:
        return local("tee");
      case 0x41:
        return `i32.const ${this.leb(true)}`;
      case 0x42:
        return `i64.const ${this.leb(true)}`;
      case 0x43:
        this.at += 4;
        return `f32.const ${this.view.getFloat32(this.at - 4, true)}`;
      case 0x44:
        this.at += 8;
        return `f64.const ${this.view.getFloat64(this.at - 8, true)}`;
      case 0xfc:
        return `i64.trunc_sat ${this.unsigned()}`;
      case 0xfd:
        return this.vector(this.unsigned());
    }
    throw new Error(`opcode ${opcode.toString(16)} has no text`);
  }

  private vector(code: number): string {
    const name = { 19: "f32x4.splat", 20: "f64x2.splat", 261: "f32x4.relaxed_madd", 263: "f64x2.relaxed_madd" }[code];
    if (name !== undefined) return name;
    this.byte();
    return code === 31 ? "f32x4.extract_lane 0" : "f64x2.extract_lane 0";
  }

  /** An access's constant offset. */
  private place(offset: number): string {
    const within = offset - this.file;
    if (within < 0 || within >= layout.FILE_SIZE) return offset === 0 ? "" : `+${offset}`;
    if (within < layout.OFFSET_F) return `x${within >>> 3}`;
    if (within < layout.OFFSET_PC) return `f${(within - layout.OFFSET_F) >>> 3}`;
    const tlb = within - layout.FILE_TLB;
    if (tlb >= TLB_WRITE.at) return tlb === TLB_WRITE.at ? "TLB_WRITE" : `TLB_WRITE+${tlb - TLB_WRITE.at}`;
    if (tlb >= TLB_READ.at) return tlb === TLB_READ.at ? "TLB_READ" : `TLB_READ+${tlb - TLB_READ.at}`;
    const known = Object.entries(layout).find(([name, at]) => /^(FILE|OFFSET)_/.test(name) && at === within);
    return known ? known[0] : `file+${within}`;
  }
}
