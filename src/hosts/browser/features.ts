// What the machine can't do without, asked before anything is fetched. What it can do without is found out where it is
// used: relaxed SIMD (machine/interpreter/probe.ts), the file system (pack.ts, storage.ts), isolation (host.ts).

/** A function that calls itself by `return_call`. */
const TAIL_CALL = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00], // type: () → ()
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x06, 0x01, 0x04, 0x00, 0x12, 0x00, 0x0b], // return_call 0
);

/** What this browser lacks, as one plain line; undefined when it has all. */
export function missingFeature(): string | undefined {
  if (WebAssembly.validate(TAIL_CALL)) return undefined;
  return "this browser lacks WebAssembly's tail calls: Chrome 112, Firefox 121 and Safari 18.2 have them";
}
