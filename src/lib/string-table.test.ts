import assert from "node:assert/strict";
import { test } from "node:test";
import { toBytes } from "./byte-string.ts";
import { StringTable } from "./string-table.ts";

test("string table: what it gives is what is there, whatever was remembered before", () => {
  const table = new StringTable();
  const names = Array.from({ length: 5000 }, (_, i) => "/\xff".repeat(i % 70) + i.toString(36));
  for (const name of [...names, ...names.toReversed(), "", "/"]) {
    const bytes = toBytes(`..${name}\0..`);
    assert.equal(table.read(bytes, 2, bytes.length), name);
    assert.equal(table.read(bytes, 2, 2 + name.length), undefined);
  }
});
