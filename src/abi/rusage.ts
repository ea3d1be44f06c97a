// struct rusage, 144 bytes. getrusage(2)
export interface RusageFields {
  /** Nanoseconds. */
  utime: number;
  stime: number;
  minorFaults: number;
  majorFaults: number;
  voluntarySwitches: number;
  involuntarySwitches: number;
  /** Pages. */
  maxRss: number;
}

export function encodeRusage(usage: RusageFields): Uint8Array {
  const bytes = new Uint8Array(144);
  const view = new DataView(bytes.buffer);
  const put = (index: number, value: number) => view.setBigInt64(index * 8, BigInt(Math.floor(value)), true);
  put(0, usage.utime / 1e9);
  put(1, (usage.utime % 1e9) / 1000);
  put(2, usage.stime / 1e9);
  put(3, (usage.stime % 1e9) / 1000);
  put(4, usage.maxRss * 4);
  put(8, usage.minorFaults);
  put(9, usage.majorFaults);
  put(16, usage.voluntarySwitches);
  put(17, usage.involuntarySwitches);
  return bytes;
}
