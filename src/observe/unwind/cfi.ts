// Call frame information: how to get from a function's registers to its caller's, as .eh_frame says. DWARF 5, 6.4.

/** Bytes of a program's image, by address; undefined where it can't be read whole. */
export type Memory = (address: number, length: number) => DataView | undefined;

/** Registers that matter: x0 to x31; undefined where a value is not known. Of a caller's, those but the return address and
 *  the stack pointer may be where they are saved, as −1 − address: most are never asked for. */
export type Registers = (number | undefined)[];

const RA = 1;
const SP = 2;

/** Reads numbers one after another. */
class Reader {
  readonly view: DataView;
  at: number;
  constructor(view: DataView, at = 0) {
    this.view = view;
    this.at = at;
  }
  get done(): boolean {
    return this.at >= this.view.byteLength;
  }
  u8(): number {
    return this.view.getUint8(this.at++);
  }
  u16(): number {
    this.at += 2;
    return this.view.getUint16(this.at - 2, true);
  }
  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
  s32(): number {
    this.at += 4;
    return this.view.getInt32(this.at - 4, true);
  }
  uleb(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.u8();
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  }
  sleb(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.u8();
      value += (byte & 127) * shift;
      if (byte < 128) return byte & 64 ? value - shift * 128 : value;
    }
  }
}

/** How a function's caller is found from one of its instructions. */
export interface Rules {
  /** The frame's address is this register's value plus an offset. */
  cfaRegister: number;
  cfaOffset: number;
  /** Where a register is saved, from that address on; undefined values end the stack. */
  saved: Map<number, number | "undefined">;
}

/** All descriptions of a file that has no .eh_frame_hdr, in the order of their functions. */
export interface FrameIndex {
  readonly starts: readonly number[];
  readonly at: readonly number[];
}

/** Reads through .eh_frame. */
export function frameIndex(memory: Memory, address: number, size: number): FrameIndex {
  const found: { start: number; at: number }[] = [];
  for (let at = address; at + 12 <= address + size; ) {
    const head = memory(at, 12);
    const length = head?.getUint32(0, true) ?? 0;
    if (!head || length === 0 || length >= 0xffff_fff0) break;
    // A CIE has 0 in the place of the way back to it; a function's start is pcrel sdata4.
    if (head.getUint32(4, true) !== 0) found.push({ start: at + 8 + head.getInt32(8, true), at });
    at += length + 4;
  }
  found.sort((a, b) => a.start - b.start);
  return { starts: found.map(({ start }) => start), at: found.map(({ at }) => at) };
}

/** The frame description of `pc`: its address, found in the sorted table of .eh_frame_hdr, or in an index. */
function find(memory: Memory, header: number | FrameIndex, pc: number): number | undefined {
  if (typeof header !== "number") {
    let low = 0;
    let high = header.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (header.starts[middle]! <= pc) low = middle;
      else high = middle;
    }
    return header.at[low];
  }
  const head = memory(header, 12);
  // eh_frame_ptr: pcrel sdata4; count: udata4; table: datarel sdata4
  if (head?.getUint8(0) !== 1 || head.getUint8(2) !== 3 || head.getUint8(3) !== 0x3b) return undefined;
  let low = 0;
  let high = head.getUint32(8, true);
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const entry = memory(header + 12 + middle * 8, 4);
    if (!entry) return undefined;
    if (header + entry.getInt32(0, true) <= pc) low = middle;
    else high = middle;
  }
  const entry = memory(header + 12 + low * 8, 8);
  return entry && header + entry.getInt32(4, true);
}

function record(memory: Memory, at: number): Reader | undefined {
  const length = memory(at, 4)?.getUint32(0, true) ?? 0;
  const view = length > 0 && length < 0x10000 ? memory(at, length + 4) : undefined;
  return view && new Reader(view, 4);
}

/** A function's description: what its instructions do to the frame, and what all functions of its kind begin with. */
interface Description {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly codeAlign: number;
  readonly dataAlign: number;
  readonly cie: Reader;
  readonly fde: Reader;
}

function describe(memory: Memory, header: number | FrameIndex, pc: number): Description | undefined {
  const at = find(memory, header, pc);
  const fde = at === undefined ? undefined : record(memory, at);
  if (at === undefined || !fde) return undefined;
  const cie = record(memory, at + 4 - fde.u32());
  if (!cie) return undefined;
  cie.at += 4;
  cie.u8();
  let augmentation = "";
  for (let byte = cie.u8(); byte !== 0; byte = cie.u8()) augmentation += String.fromCharCode(byte);
  const codeAlign = cie.uleb();
  const dataAlign = cie.sleb();
  cie.uleb();
  let encoding = 0;
  if (augmentation.startsWith("z")) {
    const end = cie.uleb() + cie.at;
    for (const letter of augmentation.slice(1)) {
      if (letter === "R") encoding = cie.u8();
      else if (letter === "L") cie.u8();
      else if (letter !== "S") return undefined;
    }
    cie.at = end;
  }
  // pcrel sdata4
  if (encoding !== 0x1b) return undefined;
  const start = at + fde.at + fde.s32();
  const end = start + fde.u32();
  if (pc < start || pc >= end) return undefined;
  if (augmentation.startsWith("z")) fde.at = fde.uleb() + fde.at;
  return { start, end, codeAlign, dataAlign, cie, fde };
}

/** First address of the function that `pc` lies in, and the one behind it; undefined where nothing describes it. */
export function rangeAt(
  memory: Memory,
  header: number | FrameIndex,
  pc: number,
): { start: number; end: number } | undefined {
  return describe(memory, header, pc);
}

/** The rules at `pc`; undefined where nothing describes the function. `header`: .eh_frame_hdr, or what stands
 *  for it. */
export function rulesAt(memory: Memory, header: number | FrameIndex, pc: number): Rules | undefined {
  const found = describe(memory, header, pc);
  if (!found) return undefined;
  const { start, codeAlign, dataAlign, cie, fde } = found;
  const rules: Rules = { cfaRegister: SP, cfaOffset: 0, saved: new Map() };
  execute(cie, rules, new Map(), start, Number.POSITIVE_INFINITY, codeAlign, dataAlign);
  execute(fde, rules, new Map(rules.saved), start, pc, codeAlign, dataAlign);
  return rules;
}

/** The caller's registers. `word`: the 64 bits at an address of the program's memory. */
export function callerOf(
  rules: Rules,
  registers: Registers,
  word: (address: number) => number | undefined,
): Registers | undefined {
  let base = registers[rules.cfaRegister];
  if (base !== undefined && base < 0) base = word(-1 - base);
  if (base === undefined) return undefined;
  const cfa = base + rules.cfaOffset;
  const caller = registers.slice();
  for (const [register, offset] of rules.saved) {
    if (offset === "undefined") caller[register] = undefined;
    else caller[register] = register === RA ? word(cfa + offset) : -1 - (cfa + offset);
  }
  caller[SP] = cfa;
  // A function that has not saved its return address must be the innermost one.
  if (!rules.saved.has(RA) && caller[RA] === undefined) return undefined;
  return caller;
}

function execute(
  code: Reader,
  rules: Rules,
  initial: ReadonlyMap<number, number | "undefined">,
  start: number,
  pc: number,
  codeAlign: number,
  dataAlign: number,
): void {
  const stack: Rules[] = [];
  let at = start;
  const restore = (register: number): void => {
    const before = initial.get(register);
    if (before === undefined) rules.saved.delete(register);
    else rules.saved.set(register, before);
  };
  while (!code.done && at <= pc) {
    const op = code.u8();
    const low = op & 63;
    if (op >> 6 === 1) at += low * codeAlign;
    else if (op >> 6 === 2) rules.saved.set(low, code.uleb() * dataAlign);
    else if (op >> 6 === 3) restore(low);
    else if (op === 0x02) at += code.u8() * codeAlign;
    else if (op === 0x03) at += code.u16() * codeAlign;
    else if (op === 0x04) at += code.u32() * codeAlign;
    else if (op === 0x05) {
      const register = code.uleb();
      rules.saved.set(register, code.uleb() * dataAlign);
    } else if (op === 0x06) restore(code.uleb());
    else if (op === 0x07) rules.saved.set(code.uleb(), "undefined");
    else if (op === 0x08) rules.saved.delete(code.uleb());
    else if (op === 0x0a) stack.push({ ...rules, saved: new Map(rules.saved) });
    else if (op === 0x0b) Object.assign(rules, stack.pop());
    else if (op === 0x0c) {
      rules.cfaRegister = code.uleb();
      rules.cfaOffset = code.uleb();
    } else if (op === 0x0d) rules.cfaRegister = code.uleb();
    else if (op === 0x0e) rules.cfaOffset = code.uleb();
    // DW_CFA_nop and what no compiler for riscv64 writes: what follows can't be read then.
    else if (op !== 0) return;
  }
}
