// Random bytes that are the same each time: for runs that are to be compared, instruction by instruction. Not for secrets.

/** A source for Host.random. xoshiro128** 1.1 (Blackman and Vigna), its state filled by splitmix32. */
export function seededRandom(seed: number): (into: Uint8Array) => void {
  let mixed = seed | 0;
  const state = Uint32Array.from({ length: 4 }, () => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  });
  const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
  const next = (): number => {
    const [a, b, c, d] = state as unknown as [number, number, number, number];
    state[2] = c ^ a;
    state[3] = d ^ b;
    state[1] = b ^ state[2]!;
    state[0] = a ^ state[3]!;
    state[2] = state[2]! ^ (b << 9);
    state[3] = rotate(state[3]!, 11);
    return Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
  };
  return (into) => {
    for (let i = 0; i < into.length; ) {
      for (let word = next(), k = 0; k < 4 && i < into.length; k++, word >>>= 8) into[i++] = word & 255;
    }
  };
}
