// From a profile to a filter's program. Rules are tried in order; calls of another architecture are killed.
import {
  BPF_ABS,
  BPF_ALU,
  BPF_AND,
  BPF_JEQ,
  BPF_JGE,
  BPF_JGT,
  BPF_JMP,
  BPF_K,
  BPF_LD,
  BPF_MAXINSNS,
  BPF_RET,
  type BpfInstruction,
} from "../../abi/bpf.ts";
import { AUDIT_ARCH_RISCV64 } from "../../abi/ptrace.ts";
import { SECCOMP_DATA_ARCH, SECCOMP_DATA_NR, SECCOMP_RET_KILL_PROCESS } from "../../abi/seccomp.ts";
import { systemCallNames } from "../../abi/system-call-names.ts";
import { Program } from "../../kernel/seccomp/program.ts";
import type { ArgumentRule, SeccompProfile } from "./profile.ts";

/** By name, also where asm-generic/unistd.h and libseccomp call it differently. */
const numbers = new Map([
  ...Object.entries(systemCallNames).map(([number, name]): [string, number] => [name, Number(number)]),
  ["newfstatat", 79],
  ["sync_file_range", 84],
]);

const load = (k: number): BpfInstruction => ({ code: BPF_LD | BPF_ABS, jt: 0, jf: 0, k });
const answer = (k: number): BpfInstruction => ({ code: BPF_RET | BPF_K, jt: 0, jf: 0, k: k >>> 0 });
const jump = (code: number, k: number, jt: number, jf: number): BpfInstruction => ({
  code: BPF_JMP | code | BPF_K,
  jt,
  jf,
  k: k >>> 0,
});

/** A jump's target while a rule is put together: the next instruction, what comes behind this comparison, or the next rule. */
type Target = "next" | "holds" | "fails";
interface Step {
  readonly instruction: BpfInstruction;
  readonly jt?: Target;
  readonly jf?: Target;
}

/** Compares an argument's 64 bits, the upper half first. */
function comparison({ index, op, value, valueTwo }: ArgumentRule): Step[] {
  const low = 16 + index * 8;
  const high = low + 4;
  const wanted = op === "MASKED_EQ" ? valueTwo : value;
  const [wantedLow, wantedHigh] = [Number(wanted & 0xffffffffn), Number((wanted >> 32n) & 0xffffffffn)];
  const step = (instruction: BpfInstruction, jt?: Target, jf?: Target): Step => ({
    instruction,
    ...(jt ? { jt } : {}),
    ...(jf ? { jf } : {}),
  });
  const test = (code: number, k: number, jt: Target, jf: Target): Step => step(jump(code, k, 0, 0), jt, jf);
  const mask = (bits: bigint): Step[] => [
    step({ code: BPF_ALU | BPF_AND | BPF_K, jt: 0, jf: 0, k: Number(bits & 0xffffffffn) }),
  ];
  const upper = [step(load(high))];
  const lower = [step(load(low))];
  switch (op) {
    case "EQ":
      return [
        ...upper,
        test(BPF_JEQ, wantedHigh, "next", "fails"),
        ...lower,
        test(BPF_JEQ, wantedLow, "holds", "fails"),
      ];
    case "NE":
      return [
        ...upper,
        test(BPF_JEQ, wantedHigh, "next", "holds"),
        ...lower,
        test(BPF_JEQ, wantedLow, "fails", "holds"),
      ];
    case "MASKED_EQ":
      return [
        ...upper,
        ...mask(value >> 32n),
        test(BPF_JEQ, wantedHigh, "next", "fails"),
        ...lower,
        ...mask(value),
        test(BPF_JEQ, wantedLow, "holds", "fails"),
      ];
    case "GT":
    case "GE":
      return [
        ...upper,
        test(BPF_JGT, wantedHigh, "holds", "next"),
        test(BPF_JEQ, wantedHigh, "next", "fails"),
        ...lower,
        test(op === "GT" ? BPF_JGT : BPF_JGE, wantedLow, "holds", "fails"),
      ];
    case "LT":
    case "LE":
      return [
        ...upper,
        test(BPF_JGT, wantedHigh, "fails", "next"),
        test(BPF_JEQ, wantedHigh, "next", "holds"),
        ...lower,
        test(op === "LT" ? BPF_JGE : BPF_JGT, wantedLow, "fails", "holds"),
      ];
  }
}

/** A rule for one number: its conditions one after the other, its answer; whatever does not hold leads behind it. */
function ruleFor(number: number, conditions: readonly ArgumentRule[], reply: number): BpfInstruction[] {
  if (conditions.length === 0) return [jump(BPF_JEQ, number, 0, 1), answer(reply)];
  const parts = conditions.map(comparison);
  const length = 1 + parts.reduce((sum, part) => sum + part.length, 0) + 1;
  const out: BpfInstruction[] = [jump(BPF_JEQ, number, 0, length)];
  for (const part of parts) {
    const end = out.length + part.length;
    for (const { instruction, jt, jf } of part) {
      const distance = (target: Target | undefined): number => {
        if (target === "holds") return end - out.length - 1;
        // The conditions have loaded over the number: the next rule begins by loading it again.
        return target === "fails" ? length - out.length - 1 : 0;
      };
      out.push({ ...instruction, jt: distance(jt), jf: distance(jf) });
    }
  }
  out.push(answer(reply), load(SECCOMP_DATA_NR));
  return out;
}

/** Throws a RangeError for a profile that is too long for a filter. Names of calls that riscv64 does not have are passed
 *  over: profiles are written for many architectures. */
export function compileProfile({ defaultAnswer, rules }: SeccompProfile): Program {
  const out: BpfInstruction[] = [
    load(SECCOMP_DATA_ARCH),
    jump(BPF_JEQ, AUDIT_ARCH_RISCV64, 1, 0),
    answer(SECCOMP_RET_KILL_PROCESS),
    load(SECCOMP_DATA_NR),
  ];
  for (const rule of rules) {
    for (const name of rule.names) {
      const number = numbers.get(name);
      if (number !== undefined) out.push(...ruleFor(number, rule.arguments, rule.answer));
    }
  }
  out.push(answer(defaultAnswer));
  if (out.length > BPF_MAXINSNS) throw new RangeError(`a seccomp profile of ${out.length} instructions is too long`);
  return Program.of(out);
}
