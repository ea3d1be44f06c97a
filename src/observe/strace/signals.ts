// Signal numbers, sets and siginfo as strace(1) writes them.
import {
  signalName as abiName,
  CLD_CONTINUED,
  NSIG,
  SI_KERNEL,
  SI_TIMER,
  SI_USER,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGIO,
  SIGRTMIN,
  SIGSEGV,
  SIGSYS,
  SIGTRAP,
} from "../../abi/signal.ts";
import type { SignalInfo } from "../../kernel/signal/pending.ts";

/** "SIGRTMIN" and "SIGRT_1" for the real-time ones; a number that is none stays one. */
export function signalName(signal: number): string {
  if (signal === SIGRTMIN) return "SIGRTMIN";
  return signal >= 1 && signal <= NSIG ? abiName(signal) : String(signal);
}

/** "SIGINT", "int" or "2"; undefined for what is no signal. */
export function signalNumber(name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name) <= NSIG ? Number(name) : undefined;
  const full = `SIG${name.toUpperCase().replace(/^SIG/, "")}`;
  for (let signal = 1; signal <= NSIG; signal++) if (signalName(signal) === full) return signal;
  return undefined;
}

/** "[INT CHLD]", or "~[…]" for what is missing of a set that is nearly full. */
export function signalSet(set: bigint): string {
  const has = (signal: number): boolean => (set & (1n << BigInt(signal - 1))) !== 0n;
  let count = 0;
  for (let i = 1; i <= NSIG; i++) if (has(i)) count++;
  const inverted = count >= (NSIG * 2) / 3;
  const names: string[] = [];
  for (let i = 1; i <= NSIG; i++) if (has(i) !== inverted) names.push(signalName(i).slice(3));
  return `${inverted ? "~" : ""}[${names.join(" ")}]`;
}

const SI_SIGIO = -5;
const common: Readonly<Record<number, string>> = {
  [SI_USER]: "SI_USER",
  [SI_KERNEL]: "SI_KERNEL",
  [-1]: "SI_QUEUE",
  [SI_TIMER]: "SI_TIMER",
  [-3]: "SI_MESGQ",
  [-4]: "SI_ASYNCIO",
  [-5]: "SI_SIGIO",
  [-6]: "SI_TKILL",
};
const codes: Readonly<Record<number, readonly string[]>> = {
  [SIGILL]: ["", "ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP", "ILL_PRVOPC", "ILL_PRVREG", "ILL_COPROC"],
  [SIGFPE]: ["", "FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV"],
  [SIGSEGV]: ["", "SEGV_MAPERR", "SEGV_ACCERR"],
  [SIGBUS]: ["", "BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR"],
  [SIGTRAP]: ["", "TRAP_BRKPT", "TRAP_TRACE"],
  [SIGCHLD]: ["", "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"],
  [SIGIO]: ["", "POLL_IN", "POLL_OUT", "POLL_MSG", "POLL_ERR", "POLL_PRI", "POLL_HUP"],
};

/** "{si_signo=SIGCHLD, si_code=CLD_EXITED, …}". */
export function siginfo(info: SignalInfo): string {
  const { signal, code } = info;
  if (signal === 0) return "{}";
  const name = common[code] ?? codes[signal]?.[code] ?? String(code);
  const fields = [`si_signo=${signalName(signal)}`, `si_code=${name}`];
  if ((info.errno ?? 0) !== 0) fields.push(`si_errno=${info.errno}`);
  const sender = [`si_pid=${info.pid ?? 0}`, `si_uid=${info.uid ?? 0}`];
  const value = (): void => {
    const bits = BigInt.asUintN(64, info.value ?? 0n);
    if (bits === 0n) return;
    const pointer = bits === 0n ? "NULL" : `0x${bits.toString(16)}`;
    fields.push(`si_int=${BigInt.asIntN(32, bits)}`, `si_ptr=${pointer}`);
  };
  if (code === SI_TIMER) {
    fields.push(`si_timerid=${hexadecimal(info.timer ?? 0)}`, `si_overrun=${info.overrun ?? 0}`);
    value();
  } else if (signal === SIGCHLD && code > 0 && code <= CLD_CONTINUED) {
    const status = code === 1 ? String(info.status ?? 0) : signalName(info.status ?? 0);
    const ticks = (count: number | undefined): string => {
      const whole = Math.floor(count ?? 0);
      return whole === 0 ? "0" : `${whole} /* ${(whole / 100).toFixed(2)} s */`;
    };
    fields.push(...sender, `si_status=${status}`, `si_utime=${ticks(info.utime)}`, `si_stime=${ticks(info.stime)}`);
  } else if (signal === SIGSYS && code > 0) {
    fields.push(`si_call_addr=${hexadecimal(info.address ?? 0)}`, `si_syscall=${info.syscall ?? 0}`);
  } else if (signal !== SIGIO && signal in codes && signal !== SIGCHLD && code > 0) {
    fields.push(`si_addr=${info.address ? `0x${info.address.toString(16)}` : "NULL"}`);
  } else if (code === SI_SIGIO || (signal === SIGIO && code > 0 && code !== SI_KERNEL)) {
    fields.push(`si_band=${info.band ?? 0}`, `si_fd=${info.fd ?? 0}`);
  } else if (code !== SI_KERNEL) {
    fields.push(...sender);
    if (code === -1) value();
  }
  return `{${fields.join(", ")}}`;
}

const hexadecimal = (value: number): string => (value === 0 ? "0" : `0x${value.toString(16)}`);

/** "{WIFEXITED(s) && WEXITSTATUS(s) == 3}". */
export function waitStatus(status: number): string {
  const low = status & 0x7f;
  if (status === 0xffff) return "{WIFCONTINUED(s)}";
  if (low === 0x7f) return `{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName((status >> 8) & 0xff)}}`;
  if (low === 0) return `{WIFEXITED(s) && WEXITSTATUS(s) == ${(status >> 8) & 0xff}}`;
  const core = (status & 0x80) !== 0 ? " && WCOREDUMP(s)" : "";
  return `{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(low)}${core}}`;
}
