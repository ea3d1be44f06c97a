// -e read= and -e write=: the bytes that went through a descriptor, in hexadecimal and as text.
import { type Call, isError, peek, peekSome } from "./call.ts";
import type { Line } from "./line.ts";
import type { StraceOptions } from "./options.ts";

const WRITES = new Set(["write", "pwrite64", "sendto", "mq_timedsend"]);
const READS = new Set(["read", "pread64", "recvfrom", "mq_timedreceive"]);
const WRITE_VECTORS = new Set(["writev", "pwritev", "pwritev2", "vmsplice"]);
const READ_VECTORS = new Set(["readv", "preadv", "preadv2"]);

export function dump(line: Line, call: Call, options: StraceOptions): void {
  const fd = call.low(0);
  const name = call.row?.name ?? "";
  if (fd < 0) return;
  if (options.dumpWrite?.(fd)) {
    if (WRITES.has(name)) bytes(line, call, call.args[1]!, call.unsigned(2));
    else if (WRITE_VECTORS.has(name)) vector(line, call, Number.POSITIVE_INFINITY);
  }
  if (isError(call) || !options.dumpRead?.(fd)) return;
  if (READS.has(name)) bytes(line, call, call.args[1]!, Number(call.result));
  else if (READ_VECTORS.has(name)) vector(line, call, Number(call.result));
}

function vector(line: Line, call: Call, limit: number): void {
  const count = Math.min(call.unsigned(2), 1024);
  let left = limit;
  for (let i = 0; i < count; i++) {
    const view = peek(call.task, call.args[1]! + BigInt(i * 16), 16);
    if (!view) return;
    const length = Math.min(Number(view.getBigUint64(8, true)), left);
    if (length === 0) break;
    left -= length;
    line.text(` * ${length} bytes in buffer ${i}\n`);
    bytes(line, call, view.getBigUint64(0, true), length);
  }
}

function bytes(line: Line, call: Call, at: bigint, length: number): void {
  const wanted = new Uint8Array(length);
  const data = wanted.subarray(0, peekSome(call.task, at, wanted));
  const width = length > 0x100000 ? 8 : 5;
  for (let offset = 0; offset < data.length; offset += 16) {
    const row = data.subarray(offset, offset + 16);
    const hex = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, i) => {
        const byte = row[from + i];
        return byte === undefined ? "  " : byte.toString(16).padStart(2, "0");
      }).join(" ");
    const text = Array.from(row, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."));
    const place = offset.toString(16).padStart(width, "0");
    line.text(` | ${place}  ${hex(0, 8)}  ${hex(8, 16)}  ${text.join("").padEnd(16)} |\n`);
  }
}
