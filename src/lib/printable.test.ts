import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "./printable.ts";

test("what a terminal would act upon is shown instead", () => {
  assert.equal(printable("\x1b]0;mine\x07\tplain\r\nÄ\x9b2J\x7f"), "\\x1b]0;mine\\x07\tplain\\x0d\nÄ\\x9b2J\\x7f");
});
