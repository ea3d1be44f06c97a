// A small WebAssembly encoder: code fragments are byte arrays made by the functions in `op`, bodies keep track of labels
// by name, and a module gathers functions. WebAssembly Core Specification 2.0, chapter 5 (binary format).

export type Code = readonly number[];
type Bytes = ArrayLike<number>;
export type ValueType = 0x7f | 0x7e | 0x7d | 0x7c | 0x7b;
export const I32: ValueType = 0x7f;
export const I64: ValueType = 0x7e;
export const F32: ValueType = 0x7d;
export const F64: ValueType = 0x7c;

export function unsigned(value: number): number[] {
  if (value < 128) return [value];
  const out: number[] = [];
  do {
    const byte = value & 0x7f;
    value = Math.floor(value / 128);
    out.push(value !== 0 ? byte | 0x80 : byte);
  } while (value !== 0);
  return out;
}

export function signed(value: number | bigint): number[] {
  if (typeof value === "number" && (value | 0) === value) return signed32(value);
  let rest = BigInt(value);
  const out: number[] = [];
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)) {
      out.push(byte);
      return out;
    }
    out.push(byte | 0x80);
  }
}

function signed32(value: number): number[] {
  const out: number[] = [];
  for (;;) {
    const byte = value & 0x7f;
    value >>= 7;
    if ((value === 0 && (byte & 0x40) === 0) || (value === -1 && (byte & 0x40) !== 0)) {
      out.push(byte);
      return out;
    }
    out.push(byte | 0x80);
  }
}

// concat, because a spread in an array literal runs element by element until the compiler has warmed up.
const memory = (opcode: number) => (address: Code, offset: number) => address.concat(opcode, 0, unsigned(offset));
const memoryStore = (opcode: number) => (address: Code, offset: number, value: Code) =>
  address.concat(value, opcode, 0, unsigned(offset));
const unary =
  (...opcode: number[]) =>
  (a: Code) =>
    a.concat(opcode);
const binary = (opcode: number) => (a: Code, b: Code) => a.concat(b, opcode);
const none: Code = [];

/** Instructions, by their names in the specification. */
export const op = {
  get: (local: number): number[] => [0x20].concat(unsigned(local)),
  set: (local: number, value: Code) => value.concat(0x21, unsigned(local)),
  tee: (local: number, value: Code) => value.concat(0x22, unsigned(local)),
  call: (index: number, ...operands: Code[]) => none.concat(...operands, 0x10, unsigned(index)),
  /** Calls table[index], a function of the type. */
  callIndirect: (type: number, index: Code, ...operands: Code[]) =>
    none.concat(...operands, index, 0x11, unsigned(type), 0),
  drop: [0x1a],
  unreachable: [0x00],
  return: [0x0f],
  select: (a: Code, b: Code, condition: Code) => a.concat(b, condition, 0x1b),
  /** An if that leaves a value. */
  choose: (type: ValueType, condition: Code, a: Code, b: Code) => condition.concat(0x04, type, a, 0x05, b, 0x0b),
  i32: {
    const: (value: number): number[] => [0x41].concat(signed32(value | 0)),
    load: memory(0x28),
    load8_u: memory(0x2d),
    load16_u: memory(0x2f),
    store: memoryStore(0x36),
    eqz: unary(0x45),
    eq: binary(0x46),
    ne: binary(0x47),
    lt_s: binary(0x48),
    lt_u: binary(0x49),
    gt_u: binary(0x4b),
    ge_u: binary(0x4f),
    add: binary(0x6a),
    sub: binary(0x6b),
    mul: binary(0x6c),
    and: binary(0x71),
    or: binary(0x72),
    xor: binary(0x73),
    shl: binary(0x74),
    shr_s: binary(0x75),
    shr_u: binary(0x76),
    wrap: unary(0xa7),
    trunc_f64_s: unary(0xfc, 2),
  },
  i64: {
    const: (value: number | bigint): number[] =>
      [0x42].concat(
        typeof value === "number" && (value | 0) === value ? signed32(value) : signed(BigInt.asIntN(64, BigInt(value))),
      ),
    load: memory(0x29),
    load8_s: memory(0x30),
    load8_u: memory(0x31),
    load16_s: memory(0x32),
    load16_u: memory(0x33),
    load32_s: memory(0x34),
    load32_u: memory(0x35),
    store: memoryStore(0x37),
    store8: memoryStore(0x3c),
    store16: memoryStore(0x3d),
    store32: memoryStore(0x3e),
    eqz: unary(0x50),
    eq: binary(0x51),
    ne: binary(0x52),
    lt_s: binary(0x53),
    lt_u: binary(0x54),
    gt_s: binary(0x55),
    gt_u: binary(0x56),
    le_s: binary(0x57),
    le_u: binary(0x58),
    ge_s: binary(0x59),
    ge_u: binary(0x5a),
    clz: unary(0x79),
    ctz: unary(0x7a),
    popcnt: unary(0x7b),
    add: binary(0x7c),
    sub: binary(0x7d),
    mul: binary(0x7e),
    div_s: binary(0x7f),
    div_u: binary(0x80),
    rem_s: binary(0x81),
    rem_u: binary(0x82),
    and: binary(0x83),
    or: binary(0x84),
    xor: binary(0x85),
    shl: binary(0x86),
    shr_s: binary(0x87),
    shr_u: binary(0x88),
    extend32_s: unary(0xc4),
    extend_i32_s: unary(0xac),
    extend_i32_u: unary(0xad),
    trunc_sat_f64_s: unary(0xfc, 6),
    trunc_sat_f64_u: unary(0xfc, 7),
    reinterpret: unary(0xbd),
  },
  f32: {
    convert_i64_s: unary(0xb4),
    convert_i64_u: unary(0xb5),
    abs: unary(0x8b),
    lt: binary(0x5d),
    add: binary(0x92),
    sub: binary(0x93),
    mul: binary(0x94),
    div: binary(0x95),
    sqrt: unary(0x91),
    demote: unary(0xb6),
    reinterpret: unary(0xbe),
    bits: unary(0xbc),
  },
  f64: {
    const: (value: number) => [0x44, ...new Uint8Array(new Float64Array([value]).buffer)],
    eq: binary(0x61),
    ne: binary(0x62),
    lt: binary(0x63),
    gt: binary(0x64),
    le: binary(0x65),
    ge: binary(0x66),
    abs: unary(0x99),
    neg: unary(0x9a),
    ceil: unary(0x9b),
    floor: unary(0x9c),
    trunc: unary(0x9d),
    nearest: unary(0x9e),
    sqrt: unary(0x9f),
    add: binary(0xa0),
    sub: binary(0xa1),
    mul: binary(0xa2),
    div: binary(0xa3),
    copysign: binary(0xa6),
    promote: unary(0xbb),
    convert_i32_s: unary(0xb7),
    convert_i32_u: unary(0xb8),
    convert_i64_s: unary(0xb9),
    convert_i64_u: unary(0xba),
    reinterpret: unary(0xbf),
  },
} as const;

/** A function's body. Branches name their labels: by text, or by number where there are many. */
export class Body {
  #bytes = new Uint8Array(512);
  #length = 0;
  readonly #labels: (string | number)[] = [];
  readonly #locals: ValueType[] = [];
  readonly #parameters: number;
  /** Where the ifs are that are seldom taken. */
  readonly #hints: number[] = [];

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  local(type: ValueType): number {
    this.#locals.push(type);
    return this.#parameters + this.#locals.length - 1;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  emit(...codes: Code[]): void {
    for (const code of codes) {
      this.#reserve(code.length);
      for (let i = 0; i < code.length; i++) this.#bytes[this.#length++] = code[i]!;
    }
  }

  // ---- without arrays: what the translator emits -----------------------------------------------------------------

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** An unsigned LEB128, below 2^32. */
  unsigned(value: number): void {
    while (value > 127) {
      this.byte((value & 0x7f) | 0x80);
      value >>>= 7;
    }
    this.byte(value);
  }

  /** A signed LEB128 of 32 bits. */
  signed(value: number): void {
    for (;;) {
      const byte = value & 0x7f;
      value >>= 7;
      if ((value === 0 && (byte & 0x40) === 0) || (value === -1 && (byte & 0x40) !== 0)) {
        this.byte(byte);
        return;
      }
      this.byte(byte | 0x80);
    }
  }

  i32(value: number): void {
    this.byte(0x41);
    this.signed(value | 0);
  }

  i64(value: number | bigint): void {
    this.byte(0x42);
    if (typeof value === "number" && (value | 0) === value) this.signed(value);
    else this.emit(signed(BigInt.asIntN(64, BigInt(value))));
  }

  get(local: number): void {
    this.byte(0x20);
    this.unsigned(local);
  }

  set(local: number): void {
    this.byte(0x21);
    this.unsigned(local);
  }

  tee(local: number): void {
    this.byte(0x22);
    this.unsigned(local);
  }

  call(index: number): void {
    this.byte(0x10);
    this.unsigned(index);
  }

  /** A load or store by its opcode; the address, and for a store the value, are on the stack. */
  access(opcode: number, offset: number): void {
    this.byte(opcode);
    this.byte(0);
    this.unsigned(offset);
  }

  // ----------------------------------------------------------------------------------------------------------------

  block(label: string | number, inside: () => void): void {
    this.open(label, 0x02);
    inside();
    this.close();
  }

  loop(label: string | number, inside: () => void): void {
    this.open(label, 0x03);
    inside();
    this.close();
  }

  /** An if that is seldom taken: the host may place it apart. */
  unlikely(): void {
    this.#hints.push(this.#length);
    this.open("", 0x04);
  }

  /** block 0x02, loop 0x03, if 0x04: no results. */
  open(label: string | number, opcode: number): void {
    this.byte(opcode);
    this.byte(0x40);
    this.#labels.push(label);
  }

  close(): void {
    this.#labels.pop();
    this.byte(0x0b);
  }

  when(condition: Code, then: () => void, otherwise?: () => void): void {
    this.emit(condition);
    this.open("", 0x04);
    then();
    if (otherwise) {
      this.byte(0x05);
      otherwise();
    }
    this.close();
  }

  br(label: string | number): void {
    this.byte(0x0c);
    this.unsigned(this.#depth(label));
  }

  brIf(label: string | number, condition: Code): void {
    this.emit(condition);
    this.brWhen(label);
  }

  /** br_if on the condition that is on the stack. */
  brWhen(label: string | number): void {
    this.byte(0x0d);
    this.unsigned(this.#depth(label));
  }

  /** Branches to labels[index]; beyond them to the last. */
  brTable(index: Code, labels: readonly string[]): void {
    const depths = new Map([...new Set(labels)].map((label) => [label, unsigned(this.#depth(label))]));
    this.emit(index, [0x0e], unsigned(labels.length - 1));
    for (const label of labels) this.emit(depths.get(label)!);
  }

  /** Runs cases[index], which all end in a branch; beyond them, branches to `otherwise`. */
  dispatch(index: Code, cases: readonly (() => void)[], otherwise: string): void {
    const labels = cases.map((_, i) => `case ${i}`);
    const nest = (i: number): void => {
      if (i < 0) {
        this.brTable(index, [...labels, otherwise]);
        return;
      }
      this.block(labels[i]!, () => nest(i - 1));
      cases[i]!();
    };
    nest(cases.length - 1);
  }

  /** The hints of the finished body: the section metadata.code.branch_hint has one such entry a function. */
  hints(index: number, locals: number): number[] | undefined {
    if (this.#hints.length === 0) return undefined;
    const each = this.#hints.flatMap((at) => [...unsigned(at + locals), 1, 0]);
    return [...unsigned(index), ...unsigned(this.#hints.length), ...each];
  }

  /** The body's bytes, in pieces: locals, code, end. */
  finish(): Bytes[] {
    const locals: number[] = [];
    let runs = 0;
    for (let i = 0; i < this.#locals.length; ) {
      let end = i;
      while (end < this.#locals.length && this.#locals[end] === this.#locals[i]) end++;
      locals.push(...unsigned(end - i), this.#locals[i]!);
      runs++;
      i = end;
    }
    return [[...unsigned(runs), ...locals], this.#bytes.subarray(0, this.#length), [0x0b]];
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  #depth(label: string | number): number {
    const at = this.#labels.lastIndexOf(label);
    if (at < 0) throw new Error(`no label ${label} here`);
    return this.#labels.length - 1 - at;
  }
}

/** A module whose memory is imported as m.memory; imports come before any function is declared. */
export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #typeBytes: Code[] = [];
  readonly #imports: Code[] = [];
  readonly #functions: Code[] = [];
  readonly #bodies: (Bytes[] | undefined)[] = [];
  readonly #exports: Code[] = [];
  /** By function, in the order of their definition, which is that of their indexes. */
  readonly #hints: Code[] = [];
  #table = false;

  import(name: string, parameters: ValueType[], results: ValueType[]): number {
    this.#imports.push([...text("m"), ...text(name), 0, ...unsigned(this.type(parameters, results))]);
    return this.#imports.length - 1;
  }

  /** The one table, imported as m.table. */
  importTable(): void {
    this.#table = true;
  }

  /** Reserves a function's index; its body comes with define(). */
  declare(parameters: ValueType[], results: ValueType[], exported?: string): number {
    this.#functions.push(unsigned(this.type(parameters, results)));
    this.#bodies.push(undefined);
    const index = this.#imports.length + this.#functions.length - 1;
    if (exported) this.#exports.push([...text(exported), 0, ...unsigned(index)]);
    return index;
  }

  define(index: number, body: Body): void {
    const pieces = body.finish();
    this.#bodies[index - this.#imports.length] = pieces;
    const hints = body.hints(index, pieces[0]!.length);
    if (hints) this.#hints.push(hints);
  }

  finish(maximumPages: number): Uint8Array<ArrayBuffer> {
    const memoryImport = [...text("m"), ...text("memory"), 2, 1, 1, ...unsigned(maximumPages)];
    const tableImport = this.#table ? [[...text("m"), ...text("table"), 1, 0x70, 0, 1]] : [];
    const bodies = this.#bodies.map((body) => {
      if (!body) throw new Error("a declared function has no body");
      return [unsigned(size(body)), ...body];
    });
    const pieces: Bytes[] = [[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]];
    section(pieces, 1, this.#typeBytes.length, this.#typeBytes);
    section(pieces, 2, this.#imports.length + 1 + tableImport.length, [...this.#imports, memoryImport, ...tableImport]);
    section(pieces, 3, this.#functions.length, this.#functions);
    section(pieces, 7, this.#exports.length, this.#exports);
    if (this.#hints.length > 0) {
      const named = [...text("metadata.code.branch_hint"), ...unsigned(this.#hints.length)];
      const length = named.length + size(this.#hints);
      pieces.push([0, ...unsigned(length), ...named], ...this.#hints);
    }
    section(pieces, 10, bodies.length, bodies.flat());
    const out = new Uint8Array(size(pieces));
    let at = 0;
    for (const piece of pieces) {
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }

  type(parameters: ValueType[], results: ValueType[]): number {
    const bytes = [0x60, ...unsigned(parameters.length), ...parameters, ...unsigned(results.length), ...results];
    const key = bytes.join();
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#typeBytes.push(bytes);
    return this.#types.push(key) - 1;
  }
}

function text(s: string): number[] {
  return [...unsigned(s.length), ...[...s].map((c) => c.charCodeAt(0))];
}

function size(pieces: readonly Bytes[]): number {
  return pieces.reduce((n, piece) => n + piece.length, 0);
}

function section(out: Bytes[], id: number, count: number, pieces: readonly Bytes[]): void {
  if (count === 0) return;
  const counted = unsigned(count);
  out.push([id, ...unsigned(counted.length + size(pieces)), ...counted], ...pieces);
}
