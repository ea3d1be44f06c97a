// struct signalfd_siginfo. signalfd(2), linux/signalfd.h

export const SIGNALFD_SIGINFO = 128;

/** What a signal says of itself; fields that don't apply to its code stay 0. */
export interface SignalfdSource {
  signal: number;
  code: number;
  errno?: number;
  pid?: number;
  uid?: number;
  fd?: number;
  timer?: number;
  band?: number;
  overrun?: number;
  status?: number;
  value?: bigint;
  utime?: number;
  stime?: number;
  address?: number;
  syscall?: number;
}

export function encodeSignalfdSiginfo(info: SignalfdSource): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIGNALFD_SIGINFO);
  const view = new DataView(bytes.buffer);
  const word = (offset: number, value: number | undefined): void => view.setInt32(offset, value ?? 0, true);
  word(0, info.signal);
  word(4, info.errno);
  word(8, info.code);
  word(12, info.pid);
  word(16, info.uid);
  word(20, info.fd);
  word(24, info.timer);
  word(28, info.band);
  word(32, info.overrun);
  word(40, info.status);
  const value = info.value ?? 0n;
  view.setInt32(44, Number(BigInt.asIntN(32, value)), true);
  view.setBigUint64(48, BigInt.asUintN(64, value), true);
  view.setBigUint64(56, BigInt(Math.floor(info.utime ?? 0)), true);
  view.setBigUint64(64, BigInt(Math.floor(info.stime ?? 0)), true);
  view.setBigUint64(72, BigInt(info.address ?? 0), true);
  word(84, info.syscall);
  return bytes;
}
