import assert from "node:assert/strict";
import { test } from "node:test";
import { SymbolTable } from "./symbol-table.ts";

test("the function around an address; one without a size reaches to the next", () => {
  const table = new SymbolTable();
  table.add(0x100, 0x10, "first");
  table.add(0x200, 0, "open");
  table.add(0x300, 0x10, "last");
  assert.equal(table.find(0x10f)?.name, "first");
  assert.equal(table.find(0x110), undefined);
  assert.equal(table.find(0x2ff)?.name, "open");
  assert.equal(table.find(0xff), undefined);
  assert.equal(table.find(0x310), undefined);
});

test("of several names at one address the better one; around an inner function the outer goes on", () => {
  const table = new SymbolTable();
  table.add(0x100, 0x40, "outer");
  table.add(0x110, 0x10, "__inner", 1);
  table.add(0x110, 0x10, "inner", 2);
  assert.equal(table.find(0x118)?.name, "inner");
  assert.equal(table.find(0x125)?.name, "outer");
});

test("perf map: what was written later of the same place counts; what is no line is passed over", () => {
  const table = new SymbolTable();
  table.addPerfMap("7f00 40 py::old:job.py\n\nnot a line\n7f00 40 py::new with spaces:job.py\n");
  assert.equal(table.find(0x7f3f)?.name, "py::new with spaces:job.py");
  assert.equal(table.size, 1);
});
