// The machine's memory: one growable WebAssembly memory, handed out in frames.
export const PAGE_SIZE = 4096;
export declare class Ram {
  constructor(options: { maximum: number });
  readonly memory: WebAssembly.Memory;
  u8: Uint8Array<ArrayBuffer>;
  u16: Uint16Array<ArrayBuffer>;
  u32: Uint32Array<ArrayBuffer>;
  i32: Int32Array<ArrayBuffer>;
  u64: BigUint64Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  allocFrame(): number;
  ref(pa: number): void;
  unref(pa: number): void;
  refs(pa: number): number;
  codeWritten(pa: number): void;
  readonly totalFrames: number;
  readonly freeFrames: number;
}
