import assert from "node:assert/strict";
import { test } from "node:test";
import type { File } from "../vfs/file.ts";
import { FdTable } from "./fd-table.ts";

const file = { ref: () => file, unref: () => undefined } as unknown as File;

test("fs.nr_open: a table with a higher descriptor can't be copied, but the first 64 always can", () => {
  const table = new FdTable();
  assert.ok(table.fits(0));
  table.replace(63, file, false);
  assert.ok(table.fits(0));
  table.replace(64, file, false);
  assert.ok(!table.fits(64));
  assert.ok(table.fits(65));
  assert.ok(table.fits(128));
  table.remove(64);
  assert.ok(table.fits(64));
});
