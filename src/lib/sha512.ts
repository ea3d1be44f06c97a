// SHA-512 (FIPS 180-4), for where no host's cryptography can be asked at once. Words of 64 bits are two of 32.

/** Whole part of 2^64 times the fractional part of the cube root (square root) of each of the first primes. */
function fraction(prime: bigint, power: 2n | 3n): bigint {
  // floor(root(prime << 64 * power)) has the root's whole part above its 64 fractional bits.
  const radicand = prime << (64n * power);
  let low = 0n;
  let high = 1n << 70n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** power <= radicand) low = middle;
    else high = middle - 1n;
  }
  return low & 0xffffffffffffffffn;
}

function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) if (found.every((prime) => n % prime !== 0n)) found.push(n);
  return found;
}

function words(values: readonly bigint[]): Int32Array {
  const halves = new Int32Array(values.length * 2);
  values.forEach((value, i) => {
    halves[2 * i] = Number(value >> 32n) | 0;
    halves[2 * i + 1] = Number(value & 0xffffffffn) | 0;
  });
  return halves;
}

let constants: { round: Int32Array; initial: Int32Array } | undefined;

/** Made when first asked for: nothing else needs them. */
function tables(): { round: Int32Array; initial: Int32Array } {
  if (!constants) {
    const first = primes(80);
    const round = words(first.map((prime) => fraction(prime, 3n)));
    const initial = words(first.slice(0, 8).map((prime) => fraction(prime, 2n)));
    constants = { round, initial };
  }
  return constants;
}

/** The hash of some pieces, one after the other: 64 bytes. */
export function sha512(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const padded = new Uint8Array(Math.ceil((length + 17) / 128) * 128);
  let at = 0;
  for (const piece of pieces) {
    padded.set(piece, at);
    at += piece.length;
  }
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(length) * 8n);
  const state = tables().initial.slice();
  const schedule = new Int32Array(160);
  for (let block = 0; block < padded.length; block += 128) compress(state, schedule, view, block);
  const out = new Uint8Array(64);
  const result = new DataView(out.buffer);
  state.forEach((half, i) => {
    result.setInt32(4 * i, half);
  });
  return out;
}

function compress(state: Int32Array, w: Int32Array, view: DataView, block: number): void {
  const { round } = tables();
  for (let i = 0; i < 32; i++) w[i] = view.getInt32(block + 4 * i);
  for (let i = 32; i < 160; i += 2) {
    const h15 = w[i - 30]!;
    const l15 = w[i - 29]!;
    const h2 = w[i - 4]!;
    const l2 = w[i - 3]!;
    const s0h = ((h15 >>> 1) | (l15 << 31)) ^ ((h15 >>> 8) | (l15 << 24)) ^ (h15 >>> 7);
    const s0l = ((l15 >>> 1) | (h15 << 31)) ^ ((l15 >>> 8) | (h15 << 24)) ^ ((l15 >>> 7) | (h15 << 25));
    const s1h = ((h2 >>> 19) | (l2 << 13)) ^ ((l2 >>> 29) | (h2 << 3)) ^ (h2 >>> 6);
    const s1l = ((l2 >>> 19) | (h2 << 13)) ^ ((h2 >>> 29) | (l2 << 3)) ^ ((l2 >>> 6) | (h2 << 26));
    const low = (s0l >>> 0) + (s1l >>> 0) + (w[i - 13]! >>> 0) + (w[i - 31]! >>> 0);
    w[i] = s0h + s1h + w[i - 14]! + w[i - 32]! + Math.floor(low / 0x100000000);
    w[i + 1] = low;
  }
  const v = state.slice();
  for (let i = 0; i < 160; i += 2) {
    const eh = v[8]!;
    const el = v[9]!;
    const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23));
    const s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
    const chh = (eh & v[10]!) ^ (~eh & v[12]!);
    const chl = (el & v[11]!) ^ (~el & v[13]!);
    const low1 = (v[15]! >>> 0) + (s1l >>> 0) + (chl >>> 0) + (round[i + 1]! >>> 0) + (w[i + 1]! >>> 0);
    const high1 = (v[14]! + s1h + chh + round[i]! + w[i]! + Math.floor(low1 / 0x100000000)) | 0;
    const ah = v[0]!;
    const al = v[1]!;
    const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25));
    const s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
    const majh = (ah & v[2]!) ^ (ah & v[4]!) ^ (v[2]! & v[4]!);
    const majl = (al & v[3]!) ^ (al & v[5]!) ^ (v[3]! & v[5]!);
    const low2 = (s0l >>> 0) + (majl >>> 0);
    const high2 = s0h + majh + Math.floor(low2 / 0x100000000);
    v.copyWithin(2, 0, 14);
    const e = (v[9]! >>> 0) + (low1 >>> 0);
    v[8] = v[8]! + high1 + Math.floor(e / 0x100000000);
    v[9] = e;
    const a = (low1 >>> 0) + (low2 >>> 0);
    v[0] = high1 + high2 + Math.floor(a / 0x100000000);
    v[1] = a;
  }
  for (let i = 0; i < 16; i += 2) {
    const low = (state[i + 1]! >>> 0) + (v[i + 1]! >>> 0);
    state[i] = state[i]! + v[i]! + Math.floor(low / 0x100000000);
    state[i + 1] = low;
  }
}
