// Seccomp profiles in docker's JSON: which system calls a process may make. What is compiled from one is in compile.ts.
// docs.docker.com/engine/security/seccomp
import { errnoName } from "../../abi/errno.ts";

/** A condition on an argument: `op` compares the 64 bits of it with `value`; SCMP_CMP_MASKED_EQ masks them with `value`
 *  and compares with `valueTwo`. */
export interface ArgumentRule {
  readonly index: number;
  readonly value: bigint;
  readonly valueTwo: bigint;
  readonly op: Operator;
}
export type Operator = "NE" | "LT" | "LE" | "EQ" | "GE" | "GT" | "MASKED_EQ";

export interface CallRule {
  readonly names: readonly string[];
  /** SECCOMP_RET_, with its data. */
  readonly answer: number;
  /** All of them must hold. */
  readonly arguments: readonly ArgumentRule[];
}

export interface SeccompProfile {
  /** For calls that no rule is about. */
  readonly defaultAnswer: number;
  /** The first that fits decides. */
  readonly rules: readonly CallRule[];
}

const KILL_PROCESS = 0x80000000;
const answers: Readonly<Record<string, number>> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: KILL_PROCESS,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};
const operators: readonly string[] = ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"];
const EPERM = 1;

type Json = Readonly<Record<string, unknown>>;

function bad(what: string): never {
  throw new RangeError(`not a seccomp profile: ${what}`);
}
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function answerOf(action: unknown, given: unknown, fallback: number): number {
  const answer = typeof action === "string" ? answers[action] : undefined;
  if (answer === undefined) bad(`no such action: ${String(action)}`);
  if (action !== "SCMP_ACT_ERRNO" && action !== "SCMP_ACT_TRACE") return answer;
  const data = given === undefined ? fallback : typeof given === "string" ? errnoNumber(given) : given;
  if (typeof data !== "number" || !Number.isInteger(data) || data < 0 || data > 0xffff) bad(`errno ${String(given)}`);
  return answer + data;
}

function argumentOf(value: unknown): ArgumentRule {
  if (!isObject(value)) bad("an argument that is no object");
  const { index, op } = value;
  if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index > 5) bad(`argument ${String(index)}`);
  const name = String(op).replace(/^SCMP_CMP_/, "");
  if (!operators.includes(name)) bad(`no such comparison: ${String(op)}`);
  const number = (given: unknown): bigint => {
    if (given === undefined) return 0n;
    if (typeof given !== "number" || !Number.isInteger(given) || given < 0) bad(`value ${String(given)}`);
    return BigInt(given);
  };
  return { index, value: number(value.value), valueTwo: number(value.valueTwo), op: name as Operator };
}

/** What docker's "includes" and "excludes" ask about, each point by itself. */
function points(condition: unknown, { capabilities, kernel }: Surroundings): boolean[] {
  if (condition === undefined) return [];
  if (!isObject(condition)) bad("a condition that is no object");
  const { caps, arches, minKernel } = condition;
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const found = list(caps).map((name) => capabilities.has(String(name)));
  if (list(arches).length > 0) found.push(list(arches).includes("riscv64"));
  if (minKernel !== undefined) {
    const [major = 0, minor = 0] = String(minKernel).split(".").map(Number);
    found.push(major < kernel[0] || (major === kernel[0] && minor <= kernel[1]));
  }
  return found;
}

function errnoNumber(name: string): number | undefined {
  for (let errno = 1; errno < 134; errno++) if (errnoName(-errno) === name) return errno;
  return undefined;
}

/** What some rules are about. */
export interface Surroundings {
  /** Of the process: "CAP_CHOWN". */
  readonly capabilities: ReadonlySet<string>;
  /** Major and minor version. */
  readonly kernel: readonly [number, number];
}

/** Reads docker's JSON. Throws a RangeError with one plain line. */
export function readProfile(text: string, surroundings: Surroundings): SeccompProfile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return bad(error instanceof Error ? error.message : String(error));
  }
  if (!isObject(json)) return bad("no object");
  const rules: CallRule[] = [];
  const calls = json.syscalls ?? [];
  if (!Array.isArray(calls)) bad("syscalls is no list");
  for (const each of calls as unknown[]) {
    if (!isObject(each)) bad("a rule that is no object");
    const names = Array.isArray(each.names) ? each.names : each.name === undefined ? [] : [each.name];
    if (names.length === 0 || names.some((name) => typeof name !== "string")) bad("a rule without names");
    if (points(each.includes, surroundings).includes(false)) continue;
    if (points(each.excludes, surroundings).includes(true)) continue;
    const given = Array.isArray(each.args) ? each.args : [];
    rules.push({
      names: names as string[],
      answer: answerOf(each.action, each.errno ?? each.errnoRet, EPERM),
      arguments: given.map(argumentOf),
    });
  }
  return { defaultAnswer: answerOf(json.defaultAction, json.defaultErrno ?? json.defaultErrnoRet, EPERM), rules };
}
