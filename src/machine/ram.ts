// Physical memory: one growable WebAssembly.Memory, handed out in 4 KiB frames that carry reference counts, so that
// copy-on-write, shared mappings and the page cache are the same frames in several page tables.
// Page tables live in page-table.ts; predecoded code (a cache beside each code frame) is described in interpreter/.

import { makeCopies } from "./copy.ts";

export const PAGE_SIZE = 4096;

const WASM_PAGE = 65536;
const GROW_STEP = 16 << 20;
/** The first bytes hold harts' register files and TLBs (context.ts); no frame is ever at physical address 0. */
const FIRST_FREE = 16 * WASM_PAGE;

/** A frame's 2048 halfword slots of 8 bytes, then the page-end records, a slot for a straddling instruction, a header. */
export const CODE_BLOCK_SIZE = 2064 * 8;
/** In a frame's word of the code table: a writable mapping of it has been used since the last fence.i. */
export const CODE_WRITTEN = 1;
const CODE_BLOCK_MASK = ~15;

export class Ram {
  readonly memory: WebAssembly.Memory;
  /** Views of the memory; replaced when it grows, so never kept across an allocation. */
  u8!: Uint8Array<ArrayBuffer>;
  u16!: Uint16Array<ArrayBuffer>;
  u32!: Uint32Array<ArrayBuffer>;
  i32!: Int32Array<ArrayBuffer>;
  u64!: BigUint64Array<ArrayBuffer>;
  view!: DataView<ArrayBuffer>;

  /** Moves bytes within RAM; the ranges must lie in it and may overlap. */
  readonly copy: (to: number, from: number, count: number) => void;
  readonly fill: (at: number, byte: number, count: number) => void;

  readonly totalFrames: number;
  freeFrames: number;

  /** Physical address of a u32 per frame: its block of predecoded code, or 0, with CODE_WRITTEN. */
  readonly codeTable: number;
  /** Asked when no frame is free: frees some that can be done without, true if it did. Set by the owner of such frames;
   *  a frame that is in use must hold a reference across allocations. */
  reclaim: (() => boolean) | undefined;

  /** Who pays for each frame, by number, for an owner that counts; undefined while nobody does. */
  owners: Uint16Array<ArrayBuffer> | undefined;
  /** Told when a frame that somebody pays for is free. */
  onFree: ((owner: number) => void) | undefined;

  /** Counts the times when writable translations everywhere must be looked up again. */
  writeEpoch = 0;
  /** Counts the times when all predecoded code was dropped. */
  codeEpoch = 0;

  /** Counts the times when translations were dropped: tables of jumps are stale then. */
  translationEpoch = 0;

  /** Told when a block of predecoded code is cleared or given back. */
  readonly onCodeCleared = new Set<(block: number) => void>();

  /** Free save areas of contexts (context.ts). */
  readonly contextPool: number[] = [];
  /** Harts made so far: each has its register file in the first MiB. */
  harts = 0;

  #top = FIRST_FREE;
  #length = 0;
  readonly maximumPages: number;
  readonly #maximumBytes: number;
  readonly #free: number[] = [];
  readonly #references: Int32Array<ArrayBuffer>;
  readonly #rawFree = new Map<number, number[]>();
  readonly #codeFree: number[] = [];
  #codeBlocks = 0;
  /** Blocks that have not been used yet: how many, and the first. */
  #freshBlocks = 0;
  #nextBlock = 0;
  readonly #codeBlockLimit: number;
  /** Frames that hold predecoded code and may have been written since the last fence.i. */
  #suspects: number[] = [];

  /** `maximum`: bytes of frames; the machine's own tables come on top. */
  constructor(options: { maximum: number }) {
    const wanted = Math.ceil(options.maximum / PAGE_SIZE);
    this.#codeBlockLimit = Math.max(512, Math.min(16384, wanted >>> 3));
    const overhead = this.#codeBlockLimit * CODE_BLOCK_SIZE + wanted * 8 + (16 << 20);
    this.#maximumBytes = Math.min(
      65536 * WASM_PAGE,
      Math.ceil((wanted * PAGE_SIZE + overhead) / WASM_PAGE) * WASM_PAGE,
    );
    this.maximumPages = this.#maximumBytes / WASM_PAGE;
    this.totalFrames = Math.min(wanted, Math.floor((this.#maximumBytes - overhead) / PAGE_SIZE));
    this.freeFrames = this.totalFrames;
    const initial = Math.min(GROW_STEP, this.#maximumBytes);
    this.memory = new WebAssembly.Memory({ initial: initial / WASM_PAGE, maximum: this.maximumPages });
    this.#refreshViews();
    ({ copy: this.copy, fill: this.fill } = makeCopies(this.memory));
    const frames = this.#maximumBytes / PAGE_SIZE;
    this.#references = new Int32Array(frames);
    this.codeTable = this.allocRaw(frames * 4);
    if (this.codeTable === 0) throw new Error("no memory for the code table");
  }

  /** The physical address of a zeroed frame with one reference, or 0 when memory is used up. */
  allocFrame(): number {
    if (this.freeFrames === 0 && !this.reclaim?.()) return 0;
    const freed = this.#free.pop();
    if (freed !== undefined) {
      this.freeFrames--;
      this.#references[freed] = 1;
      const address = freed * PAGE_SIZE;
      this.fill(address, 0, PAGE_SIZE);
      return address;
    }
    const address = this.#bump(PAGE_SIZE);
    if (address === 0) return 0;
    this.freeFrames--;
    this.#references[address / PAGE_SIZE] = 1;
    return address;
  }

  /** Zeroed, page-aligned memory for the machine's own tables, outside the count of frames; 0 when there is none. */
  allocRaw(bytes: number): number {
    const size = Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
    const freed = this.#rawFree.get(size)?.pop();
    if (freed !== undefined) {
      this.u8.fill(0, freed, freed + size);
      return freed;
    }
    return this.#bump(size);
  }

  freeRaw(address: number, bytes: number): void {
    const size = Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
    const list = this.#rawFree.get(size);
    if (list) list.push(address);
    else this.#rawFree.set(size, [address]);
  }

  ref(address: number): void {
    this.#references[address >>> 12]!++;
  }

  /** Drops a reference; the last one frees the frame. */
  unref(address: number): void {
    const frame = address >>> 12;
    const left = --this.#references[frame]!;
    if (left > 0) return;
    if (left < 0) throw new Error(`frame ${(frame * PAGE_SIZE).toString(16)} released too often`);
    const entry = (this.codeTable >>> 2) + frame;
    if (this.u32[entry] !== 0) {
      const block = (this.u32[entry]! & CODE_BLOCK_MASK) >>> 0;
      if (block !== 0) {
        this.#cleared(block);
        this.#codeFree.push(block);
      }
      this.u32[entry] = 0;
    }
    this.#free.push(frame);
    this.freeFrames++;
    if (this.owners !== undefined && this.owners[frame] !== 0) this.#uncharge(frame, this.owners);
  }
  #uncharge(frame: number, owners: Uint16Array): void {
    const owner = owners[frame]!;
    owners[frame] = 0;
    this.onFree?.(owner);
  }

  /** Who pays for a frame, 0 for nobody. */
  ownerOf(address: number): number {
    return this.owners === undefined ? 0 : this.owners[address >>> 12]!;
  }
  setOwner(address: number, owner: number): void {
    this.owners ??= new Uint16Array(this.#references.length);
    this.owners[address >>> 12] = owner;
  }

  refs(address: number): number {
    return this.#references[address >>> 12]!;
  }

  // ---- predecoded code -------------------------------------------------------------------------------------------

  /** The kernel wrote to a frame: its predecoded code, if any, is decoded again. Cheap when there is none. */
  codeWritten(address: number): void {
    const block = (this.u32[(this.codeTable >>> 2) + (address >>> 12)]! & CODE_BLOCK_MASK) >>> 0;
    if (block !== 0) this.#clearSlots(block);
  }

  /** What fence.i means: code that may have been written through a mapping is decoded again. */
  fenceCode(): void {
    if (this.#suspects.length === 0) return;
    for (const frame of this.#suspects) {
      const entry = (this.codeTable >>> 2) + frame;
      const block = (this.u32[entry]! & CODE_BLOCK_MASK) >>> 0;
      if (block !== 0) this.#clearSlots(block);
      this.u32[entry] = block;
    }
    this.#suspects = [];
    this.writeEpoch++; // the next store through a kept translation must mark its frame again
  }

  /** A store through a mapping: what the TLB's refill does for a writable translation. */
  markWritten(address: number): void {
    const entry = (this.codeTable >>> 2) + (address >>> 12);
    const word = this.u32[entry]!;
    if (word & CODE_WRITTEN) return;
    this.u32[entry] = word | CODE_WRITTEN;
    if (word !== 0) this.#suspects.push(address >>> 12);
  }

  /** A frame with code got a writable translation. */
  suspect(address: number): void {
    this.#suspects.push(address >>> 12);
  }

  /** The frame's block of predecoded code, made when there is none; 0 when there is no memory at all. */
  codeBlock(address: number, prepare: (block: number, address: number) => void): number {
    const frame = address >>> 12;
    const entry = (this.codeTable >>> 2) + frame;
    const word = this.u32[entry]!;
    const present = (word & CODE_BLOCK_MASK) >>> 0;
    if (present !== 0) return present;
    const block = this.#freshCodeBlock() || this.#usedCodeBlock();
    if (block === 0) return 0;
    this.u32[entry] = block | (word & CODE_WRITTEN);
    if (word & CODE_WRITTEN) this.#suspects.push(frame);
    prepare(block, (frame * PAGE_SIZE) >>> 0);
    return block;
  }

  /** A block never used before, which is zero as it is; 0 when there may be no more. They come by 32: whole pages. */
  #freshCodeBlock(): number {
    if (this.#codeFree.length > 0) return 0;
    if (this.#freshBlocks === 0) {
      if (this.#codeBlocks >= this.#codeBlockLimit) return 0;
      this.#nextBlock = this.#bump(32 * CODE_BLOCK_SIZE);
      if (this.#nextBlock === 0) return 0;
      this.#codeBlocks += 32;
      this.#freshBlocks = 32;
    }
    const block = this.#nextBlock;
    this.#nextBlock += CODE_BLOCK_SIZE;
    this.#freshBlocks--;
    return block;
  }

  /** A block that served another frame; when none is free, all code is dropped. */
  #usedCodeBlock(): number {
    if (this.#codeFree.length === 0) this.#dropAllCode();
    const block = this.#codeFree.pop() ?? 0;
    if (block !== 0) this.u8.fill(0, block, block + CODE_BLOCK_SIZE);
    return block;
  }

  #dropAllCode(): void {
    const first = this.codeTable >>> 2;
    const frames = this.#references.length;
    for (let frame = 0; frame < frames; frame++) {
      const word = this.u32[first + frame]!;
      const block = (word & CODE_BLOCK_MASK) >>> 0;
      if (block === 0) continue;
      this.#cleared(block);
      this.#codeFree.push(block);
      this.u32[first + frame] = word & CODE_WRITTEN;
    }
    this.codeEpoch++;
  }

  /** The frame's block of predecoded code, 0 if it has none. */
  codeBlockOf(address: number): number {
    return (this.u32[(this.codeTable >>> 2) + (address >>> 12)]! & CODE_BLOCK_MASK) >>> 0;
  }

  #cleared(block: number): void {
    for (const listener of this.onCodeCleared) listener(block);
  }

  #clearSlots(block: number): void {
    this.#cleared(block);
    this.u8.fill(0, block, block + 2048 * 8);
  }

  // ---- growth ----------------------------------------------------------------------------------------------------

  /** `size` is a multiple of PAGE_SIZE. */
  #bump(size: number): number {
    const address = this.#top;
    const end = address + size;
    if (end > this.#length && !this.#grow(end)) return 0;
    this.#top = end;
    return address;
  }

  #grow(end: number): boolean {
    if (end > this.#maximumBytes) return false;
    const target = Math.min(
      this.#maximumBytes,
      Math.max(Math.ceil(end / WASM_PAGE) * WASM_PAGE, this.#length + GROW_STEP),
    );
    try {
      this.memory.grow((target - this.#length) / WASM_PAGE);
    } catch (error) {
      // The host refuses: for the guest that is memory used up, as on a smaller machine.
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#refreshViews();
    return true;
  }

  #refreshViews(): void {
    const buffer = this.memory.buffer;
    this.#length = buffer.byteLength;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.view = new DataView(buffer);
  }
}
