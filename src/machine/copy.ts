// Copies within RAM as WebAssembly makes them: from JavaScript, a typed array's own methods cost a view and several
// times the call before the first byte moves.

/** Addresses and counts are bytes; both ranges must lie within the memory. */
export interface RamCopies {
  copy(to: number, from: number, count: number): void;
  fill(at: number, byte: number, count: number): void;
}

const text = (name: string): number[] => [name.length, ...[...name].map((letter) => letter.charCodeAt(0))];
const section = (id: number, body: readonly number[]): number[] => [id, body.length, ...body];
const local = (index: number): number[] => [0x20, index];
const END = 0x0b;
const I32 = 0x7f;

// WebAssembly Core 2.0, 5.4.6 and 5.5: memory.copy and memory.fill with the function's three parameters.
const body = (...operation: number[]): number[] => {
  const code = [0, ...local(0), ...local(1), ...local(2), 0xfc, ...operation, END];
  return [code.length, ...code];
};

const bytes = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
  // The memory: no least size, at most 65,536 pages.
  ...section(2, [1, ...text("m"), ...text("memory"), 2, 1, 0, 0x80, 0x80, 4]),
  ...section(3, [2, 0, 0]),
  ...section(7, [2, ...text("copy"), 0, 0, ...text("fill"), 0, 1]),
  ...section(10, [2, ...body(10, 0, 0), ...body(11, 0)]),
]);

export function makeCopies(memory: WebAssembly.Memory): RamCopies {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { memory } });
  return instance.exports as unknown as RamCopies;
}
