import assert from "node:assert/strict";
import { test } from "node:test";
import { AUDIT_ARCH_RISCV64 } from "../../abi/ptrace.ts";
import { systemCallNames } from "../../abi/system-call-names.ts";
import { check } from "../../kernel/seccomp/check.ts";
import { run } from "../../kernel/seccomp/program.ts";
import { compileProfile } from "./compile.ts";
import { type ArgumentRule, type CallRule, type Operator, readProfile, type SeccompProfile } from "./profile.ts";
import { untrustedProfile } from "./untrusted-profile.ts";

const here = { capabilities: new Set(["CAP_CHOWN"]), kernel: [6, 12] as const };
const number = (name: string): number => Number(Object.entries(systemCallNames).find(([, each]) => each === name)![0]);

function words(nr: number, args: readonly bigint[], arch = AUDIT_ARCH_RISCV64): Int32Array {
  const data = new Int32Array(16);
  data[0] = nr;
  data[1] = arch;
  for (const [i, value] of args.entries()) {
    data[4 + i * 2] = Number(value & 0xffffffffn) | 0;
    data[5 + i * 2] = Number(value >> 32n) | 0;
  }
  return data;
}

/** What a profile means, read as it is written. */
function meaning({ defaultAnswer, rules }: SeccompProfile, name: string, args: readonly bigint[]): number {
  const holds = ({ index, op, value, valueTwo }: ArgumentRule): boolean => {
    const given = args[index]!;
    const results: Record<Operator, boolean> = {
      NE: given !== value,
      LT: given < value,
      LE: given <= value,
      EQ: given === value,
      GE: given >= value,
      GT: given > value,
      MASKED_EQ: (given & value) === valueTwo,
    };
    return results[op];
  };
  const rule = rules.find((each) => each.names.includes(name) && each.arguments.every(holds));
  return (rule?.answer ?? defaultAnswer) >>> 0;
}

test("a compiled profile answers what the profile says, for each comparison of each argument", () => {
  const values = [0n, 1n, 2n, 0xffffffffn, 0x100000000n, 0x100000001n, 0x8000000080000000n, 0xffffffffffffffffn];
  const operators: Operator[] = ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"];
  let seed = 1;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const names = ["read", "write", "personality", "socket"];
  for (let round = 0; round < 1500; round++) {
    const rules: CallRule[] = Array.from({ length: 1 + next(4) }, (_, i) => ({
      names: [names[next(4)]!, names[next(4)]!],
      answer: 0x50000 + i + 1,
      arguments: Array.from({ length: next(4) }, () => ({
        index: next(6),
        op: operators[next(7)]!,
        value: values[next(8)]!,
        valueTwo: values[next(8)]!,
      })),
    }));
    const profile: SeccompProfile = { defaultAnswer: 0x7fff0000, rules };
    const program = compileProfile(profile);
    assert.equal(check(program), 0);
    for (let tries = 0; tries < 8; tries++) {
      const args = Array.from({ length: 6 }, () => values[next(8)]!);
      const name = names[next(4)]!;
      assert.equal(run(program, words(number(name), args)), meaning(profile, name, args), `round ${round}`);
    }
  }
});

test("docker's JSON: actions, errnos, conditions on capabilities, architectures and kernels", () => {
  const profile = readProfile(
    JSON.stringify({
      defaultAction: "SCMP_ACT_ERRNO",
      defaultErrnoRet: 38,
      archMap: [],
      syscalls: [
        { names: ["read", "no_such_call"], action: "SCMP_ACT_ALLOW" },
        { name: "write", action: "SCMP_ACT_ERRNO", errno: "ENOTDIR" },
        { names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 8, op: "SCMP_CMP_EQ" }] },
        { names: ["chown", "fchownat"], action: "SCMP_ACT_ALLOW", includes: { caps: ["CAP_CHOWN"] } },
        { names: ["mount"], action: "SCMP_ACT_ALLOW", includes: { caps: ["CAP_SYS_ADMIN"] } },
        { names: ["clone3"], action: "SCMP_ACT_TRAP", excludes: { caps: ["CAP_SYS_ADMIN"] } },
        { names: ["kill"], action: "SCMP_ACT_ALLOW", excludes: { caps: ["CAP_SYS_ADMIN", "CAP_CHOWN"] } },
        { names: ["ptrace"], action: "SCMP_ACT_ALLOW", includes: { minKernel: "4.8" } },
        { names: ["bpf"], action: "SCMP_ACT_ALLOW", includes: { minKernel: "9.0" } },
        { names: ["sync"], action: "SCMP_ACT_ALLOW", includes: { arches: ["amd64"] } },
        { names: ["getpid"], action: "SCMP_ACT_KILL_PROCESS", args: [], comment: "", includes: {}, excludes: {} },
      ],
    }),
    here,
  );
  const program = compileProfile(profile);
  const ask = (name: string, ...args: bigint[]): number => run(program, words(number(name), args));
  assert.equal(ask("read"), 0x7fff0000);
  assert.equal(ask("write"), 0x50000 + 20);
  assert.equal(ask("personality", 8n), 0x7fff0000);
  assert.equal(ask("personality", 9n), 0x50000 + 38);
  assert.equal(ask("fchownat"), 0x7fff0000);
  assert.equal(ask("mount"), 0x50000 + 38);
  assert.equal(ask("clone3"), 0x30000);
  assert.equal(ask("kill"), 0x50000 + 38);
  assert.equal(ask("ptrace"), 0x7fff0000);
  assert.equal(ask("bpf"), 0x50000 + 38);
  assert.equal(ask("sync"), 0x50000 + 38);
  assert.equal(ask("getpid"), 0x80000000);
  assert.equal(run(program, words(63, [], 0xc000003e)), 0x80000000);
});

test("a profile that is none is refused with one plain line", () => {
  const cases: readonly [string, RegExp][] = [
    ["{", /: not a seccomp profile: /],
    ["[]", /no object/],
    ['{"defaultAction":"NO"}', /no such action: NO/],
    ['{"defaultAction":"SCMP_ACT_ALLOW","syscalls":{}}', /no list/],
    ['{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_ALLOW"}]}', /without names/],
    [
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":6,"op":"SCMP_CMP_EQ"}]}]}',
      /argument 6/,
    ],
    [
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"op":"?"}]}]}',
      /no such comparison/,
    ],
    ['{"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"ENOPE"}', /errno ENOPE/],
  ];
  for (const [text, message] of cases) assert.throws(() => readProfile(text, here), message, text);
});

test("the profile for untrusted code lets ordinary programs run, and nothing that changes the machine", () => {
  const program = compileProfile(untrustedProfile);
  assert.equal(check(program), 0);
  const ask = (name: string, ...args: bigint[]): number => run(program, words(number(name), args));
  const allowed = 0x7fff0000;
  for (const name of ["read", "execve", "futex", "mmap", "openat", "clone", "wait4", "epoll_pwait", "seccomp"]) {
    assert.equal(ask(name), allowed, name);
  }
  for (const name of ["mount", "ptrace", "bpf", "init_module", "setns", "unshare", "reboot", "keyctl", "swapon"]) {
    assert.notEqual(ask(name), allowed, name);
  }
  assert.equal(ask("clone3"), 0x50000 + 38, "clone3's flags can't be seen: programs go on with clone");
  assert.notEqual(ask("clone", 0x10000000n), allowed, "a user namespace");
  assert.equal(ask("clone", 0x003d0f00n), allowed, "a thread");
  assert.equal(ask("socket", 1n), allowed, "AF_UNIX");
  assert.notEqual(ask("socket", 40n), allowed, "AF_VSOCK");
  assert.equal(ask("personality", 0xffffffffn), allowed);
  assert.notEqual(ask("personality", 0x0400000n), allowed, "READ_IMPLIES_EXEC");
});
