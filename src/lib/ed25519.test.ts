// Node's own cryptography is the judge.
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { test } from "node:test";
import { verifyEd25519 } from "./ed25519.ts";
import { sha512 } from "./sha512.ts";

const raw = (key: import("node:crypto").KeyObject): Uint8Array =>
  Uint8Array.from(key.export({ type: "spki", format: "der" }).subarray(-32));

test("SHA-512 of every length around a block's border, and of pieces", () => {
  for (let length = 0; length < 300; length++) {
    const bytes = randomBytes(length);
    assert.deepEqual(Buffer.from(sha512(bytes)), createHash("sha512").update(bytes).digest(), String(length));
  }
  const [a, b] = [randomBytes(77), randomBytes(100)];
  assert.deepEqual(sha512(a, b), sha512(Buffer.concat([a, b])));
});

test("Ed25519: what Node signs is good; with any bit changed of message, signature or key it is not", () => {
  for (let i = 0; i < 8; i++) {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const key = raw(publicKey);
    const message = new Uint8Array(randomBytes(i * 37 + 1));
    const signature = Uint8Array.from(sign(undefined, message, privateKey));
    assert.ok(verifyEd25519(key, message, signature));
    for (const part of [message, signature, key]) {
      const at = Math.floor(Math.random() * part.length);
      part[at]! ^= 1 << (i % 8);
      assert.ok(!verifyEd25519(key, message, signature), `${i} ${at}`);
      part[at]! ^= 1 << (i % 8);
    }
  }
});

test("Ed25519: a scalar that is not reduced, and what is no point, are refused", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const message = new Uint8Array([1, 2, 3]);
  const signature = Uint8Array.from(sign(undefined, message, privateKey));
  const L = 2n ** 252n + 27742317777372353535851937790883648493n;
  let s = 0n;
  for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(signature[i]!);
  s += L;
  for (let i = 32; i < 64; i++, s >>= 8n) signature[i] = Number(s & 0xffn);
  assert.ok(!verifyEd25519(raw(publicKey), message, signature));
  assert.ok(!verifyEd25519(new Uint8Array(32).fill(255), message, signature));
  assert.ok(!verifyEd25519(new Uint8Array(31), message, signature));
});
