import assert from "node:assert/strict";
import { test } from "node:test";
import { RLIM_INFINITY, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_NOFILE } from "../abi/flags.ts";
import { parseUlimitOption, rlimitsOf } from "./limits.ts";

test("ulimit: one number is both limits, two are soft and hard, -1 is none", () => {
  const limits = rlimitsOf({ cpu: "2s", ulimits: { nofile: "64:128", core: -1 } });
  assert.deepEqual(limits.get(RLIMIT_NOFILE), { soft: 64n, hard: 128n });
  assert.deepEqual(limits.get(RLIMIT_CORE), { soft: RLIM_INFINITY, hard: RLIM_INFINITY });
  assert.deepEqual(limits.get(RLIMIT_CPU), { soft: 2n, hard: 3n });
  assert.deepEqual(parseUlimitOption("nproc=7"), ["nproc", "7"]);
});

test("ulimit: what is no limit is refused in one line", () => {
  for (const text of ["nofile", "nofile=", "nofile=x", "nofile=5:4", "nofile=1:2:3", "files=3", "toString=1"]) {
    assert.throws(() => parseUlimitOption(text), RangeError, text);
  }
});
