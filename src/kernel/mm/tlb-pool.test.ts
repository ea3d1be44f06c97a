import assert from "node:assert/strict";
import { test } from "node:test";
import { PageTable } from "../../machine/page-table.ts";
import { Ram } from "../../machine/ram.ts";
import { TlbPool } from "./tlb-pool.ts";

test("a TLB goes back when others have been handed out after it, and comes again", () => {
  const ram = new Ram({ maximum: 1 << 22 });
  const pool = new TlbPool(ram, 2);
  const tables = [0, 1, 2].map(() => PageTable.create(ram)!);
  const run = (table: PageTable): void => {
    if (table.tlb === 0) pool.admit(table);
    assert.notEqual(table.activate(), 0);
  };
  const holders = (): boolean[] => tables.map((table) => table.tlb !== 0);
  run(tables[0]!);
  run(tables[1]!);
  run(tables[0]!);
  assert.deepEqual(holders(), [true, true, false]);
  const first = tables[0]!.tlb;
  run(tables[2]!);
  assert.deepEqual(holders(), [false, true, true]);
  assert.equal(tables[2]!.tlb, first);
  run(tables[0]!);
  assert.deepEqual(holders(), [true, false, true]);
  for (const table of tables) table.destroy();
});

test("a table that has ended leaves nothing to give back", () => {
  const ram = new Ram({ maximum: 1 << 22 });
  const pool = new TlbPool(ram, 1);
  const [ended, next] = [PageTable.create(ram)!, PageTable.create(ram)!];
  pool.admit(ended);
  ended.activate();
  ended.destroy();
  pool.admit(next);
  assert.notEqual(next.activate(), 0);
});
