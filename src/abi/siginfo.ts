// siginfo_t, 128 bytes. sigaction(2), asm-generic/siginfo.h
import {
  SI_KERNEL,
  SI_TIMER,
  SI_USER,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGIO,
  SIGSEGV,
  SIGSYS,
  SIGTRAP,
} from "./signal.ts";

/** What siginfo_t carries; which fields count depends on the signal and the code. */
export interface SiginfoFields {
  signal: number;
  code: number;
  errno?: number;
  pid?: number;
  uid?: number;
  /** SIGCHLD. */
  status?: number;
  utime?: number;
  stime?: number;
  /** SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP. */
  address?: number;
  /** sigval: an int or a pointer. */
  value?: bigint;
  /** SI_TIMER. */
  timer?: number;
  overrun?: number;
  /** SIGIO. */
  band?: number;
  fd?: number;
  /** SIGSYS. */
  syscall?: number;
  /** SIGTRAP of ptrace(2): pid and uid count, whatever the code. */
  trap?: boolean;
  /** As a program gave it, byte for byte: what the fields do not hold is there. */
  raw?: Uint8Array;
}

export const SIGINFO_SIZE = 128;
/** Behind these bytes no signal has anything to say. */
export const SIGINFO_USED = 48;

const FAULTS: readonly number[] = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP];

/** Writes the siginfo at the view's start; what it leaves out must be zero already, SIGINFO_USED bytes at least. */
export function encodeSiginfo(info: SiginfoFields, view: DataView): void {
  const { signal, code } = info;
  if (info.raw) {
    new Uint8Array(view.buffer, view.byteOffset).set(info.raw);
    return;
  }
  view.setInt32(0, signal, true);
  view.setInt32(4, info.errno ?? 0, true);
  view.setInt32(8, code, true);
  if (code === SI_TIMER) {
    view.setInt32(16, info.timer ?? 0, true);
    view.setInt32(20, info.overrun ?? 0, true);
    view.setBigUint64(24, BigInt.asUintN(64, info.value ?? 0n), true);
  } else if (info.trap) sender(info, view);
  else if (code <= SI_USER || code === SI_KERNEL) {
    sender(info, view);
    if (info.value !== undefined) view.setBigUint64(24, BigInt.asUintN(64, info.value), true);
  } else if (signal === SIGCHLD || info.status !== undefined) {
    // A child may have another exit signal than SIGCHLD.
    sender(info, view);
    view.setInt32(24, info.status ?? 0, true);
    setLong(view, 32, Math.floor(info.utime ?? 0));
    setLong(view, 40, Math.floor(info.stime ?? 0));
  } else if (signal === SIGSYS) {
    setLong(view, 16, info.address ?? 0);
    view.setInt32(24, info.syscall ?? 0, true);
    view.setUint32(28, 0xc00000f3, true);
  } else if (signal === SIGIO || info.band !== undefined) {
    view.setBigInt64(16, BigInt(info.band ?? 0), true);
    view.setInt32(24, info.fd ?? 0, true);
  } else if (FAULTS.includes(signal)) {
    setLong(view, 16, info.address ?? 0);
  } else sender(info, view);
}

function sender(info: SiginfoFields, view: DataView): void {
  view.setInt32(16, info.pid ?? 0, true);
  view.setUint32(20, info.uid ?? 0, true);
}

function setLong(view: DataView, at: number, value: number): void {
  view.setInt32(at, value, true);
  view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

/** Reads what a program passes to rt_sigqueueinfo(2). */
export function decodeSiginfo(view: DataView): SiginfoFields {
  return {
    signal: view.getInt32(0, true),
    errno: view.getInt32(4, true),
    code: view.getInt32(8, true),
    pid: view.getInt32(16, true),
    uid: view.getUint32(20, true),
    value: view.getBigUint64(24, true),
  };
}
