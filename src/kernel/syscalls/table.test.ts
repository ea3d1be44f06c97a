import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../../machine/hart.ts";
import type { Task } from "../task/task.ts";
import { systemCalls } from "./index.ts";
import { type Row, syscall } from "./table.ts";

const absent = new Proxy({} as Task, {
  get: () => {
    throw new Error("no task");
  },
});

/** How a row reads which registers, whatever its handler makes of them. */
function readsOf({ call }: Row): Set<string> {
  const reads = new Set<string>();
  const context = new Proxy({} as Context, {
    get: (_target, accessor: string) => (register: number) => {
      reads.add(`${accessor} ${register}`);
      return accessor === "x" ? BigInt(register) : register;
    },
  });
  try {
    call(absent, context);
  } catch (error) {
    assert.equal((error as Error).message, "no task");
  }
  return reads;
}

test("a row that takes its arguments itself takes those that it declares", () => {
  for (const row of systemCalls()) {
    if (!row) continue;
    const declared = syscall(row.number, row.name, row.arguments, () => 0);
    assert.deepEqual(readsOf(row), readsOf(declared), row.name);
  }
});
