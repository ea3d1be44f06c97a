import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { hex, sha256 } from "./sha256.ts";

test("SHA-256 is Node's, at every length around a block and for a large input", () => {
  const lengths = [...Array(200).keys(), 65_535, 262_144];
  for (const length of lengths) {
    const bytes = randomBytes(length);
    assert.equal(hex(sha256(bytes)), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
  }
});
