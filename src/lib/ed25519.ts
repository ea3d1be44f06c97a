// Ed25519 signatures (RFC 8032, section 5.1), only to be verified: nothing here is secret, so nothing need take the same
// time whatever its input.
import { sha512 } from "./sha512.ts";

const P = 2n ** 255n - 19n;
/** The order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

const modulo = (a: bigint): bigint => {
  const r = a % P;
  return r < 0n ? r + P : r;
};

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = modulo(result * b);
    b = modulo(b * b);
  }
  return result;
}

const invert = (a: bigint): bigint => power(a, P - 2n);
const D = modulo(-121665n * invert(121666n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

/** Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint];

const NEUTRAL: Point = [0n, 1n, 1n, 0n];

function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = modulo((y1 - x1) * (y2 - x2));
  const b = modulo((y1 + x1) * (y2 + x2));
  const c = modulo(2n * t1 * t2 * D);
  const d = modulo(2n * z1 * z2);
  const e = b - a;
  const f = d - c;
  const g = d + c;
  const h = b + a;
  return [modulo(e * f), modulo(g * h), modulo(f * g), modulo(e * h)];
}

function multiply(point: Point, scalar: bigint): Point {
  let result = NEUTRAL;
  for (let p = point, s = scalar; s > 0n; s >>= 1n) {
    if (s & 1n) result = add(result, p);
    p = add(p, p);
  }
  return result;
}

const equal = ([x1, y1, z1]: Point, [x2, y2, z2]: Point): boolean =>
  modulo(x1 * z2 - x2 * z1) === 0n && modulo(y1 * z2 - y2 * z1) === 0n;

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

/** 5.1.3: a point from its 32 bytes; undefined when they are none. */
function decode(bytes: Uint8Array): Point | undefined {
  const bits = littleEndian(bytes);
  const y = bits & ((1n << 255n) - 1n);
  const sign = bits >> 255n;
  if (y >= P) return undefined;
  const u = modulo(y * y - 1n);
  const v = modulo(D * y * y + 1n);
  let x = modulo(u * v ** 3n * power(modulo(u * v ** 7n), (P - 5n) / 8n));
  const check = modulo(v * x * x);
  if (check === modulo(-u)) x = modulo(x * ROOT_OF_MINUS_ONE);
  else if (check !== u) return undefined;
  if (x === 0n && sign === 1n) return undefined;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, modulo(x * y)];
}

const BASE_Y = modulo(4n * invert(5n));
let base: Point | undefined;

function basePoint(): Point {
  if (!base) {
    const bytes = new Uint8Array(32);
    for (let i = 0, y = BASE_Y; i < 32; i++, y >>= 8n) bytes[i] = Number(y & 0xffn);
    base = decode(bytes)!;
  }
  return base;
}

/** Is `signature` (64 bytes) what the owner of `key` (32 bytes) made of the message? */
export function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  const a = decode(key);
  const r = decode(signature.subarray(0, 32));
  const s = littleEndian(signature.subarray(32));
  if (!a || !r || s >= L) return false;
  const k = littleEndian(sha512(signature.subarray(0, 32), key, message)) % L;
  return equal(multiply(basePoint(), s), add(r, multiply(a, k)));
}
