// A program that was just put in place: its name, arguments and environment, where its stack has them.
import type { Task } from "../../kernel/task/task.ts";
import { peek } from "./call.ts";

const AT_EXECFN = 31n;

export function executedName(task: Task): { name: bigint; argv: bigint; envp: bigint } {
  const word = (at: bigint): bigint => peek(task, at, 8)?.getBigUint64(0, true) ?? 0n;
  const sp = BigInt(task.context.xn(2));
  const argv = sp + 8n;
  const envp = argv + (word(sp) + 1n) * 8n;
  let at = envp;
  while (word(at) !== 0n) at += 8n;
  for (at += 8n; ; at += 16n) {
    const type = word(at);
    if (type === AT_EXECFN) return { name: word(at + 8n), argv, envp };
    if (type === 0n) return { name: word(argv), argv, envp };
  }
}
