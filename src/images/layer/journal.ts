// A journal in two files: transactions one after the other in one of them, until it is mostly history; then all that
// still counts goes into the other, and only when that is whole does it become the one that is read. What was cut off by
// a crash, or scribbled over, ends the journal before it: a reader sees whole transactions in the order in which they
// were written, and never half of one.
//   file         header, then transactions
//   header       "AIRSLAYR", generation u32, 0 u32
//   transaction  magic u32, length of the text u32, of the bytes u32, crc32 of all that follows u32; text (JSON); bytes

/** A file that is read and written at once: an access handle of a browser, a file of Node, memory. May throw when there
 *  is no room. */
export interface JournalFile {
  size(): number;
  /** Fills from `at`; the count of bytes that there were. */
  read(at: number, into: Uint8Array<ArrayBuffer>): number;
  write(at: number, bytes: Uint8Array<ArrayBuffer>): void;
  truncate(size: number): void;
  /** What was written is on disk. */
  flush(): void;
}

export interface Transaction {
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const MAGIC = Uint8Array.of(0x41, 0x49, 0x52, 0x53, 0x4c, 0x41, 0x59, 0x52);
const HEADER = 16;
const TRANSACTION = 0x31585441;
const PREFIX = 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Journal {
  private readonly files: readonly [JournalFile, JournalFile];
  private current: 0 | 1 = 0;
  private generation = 0;
  /** Where the next transaction goes. */
  private end = 0;

  constructor(files: readonly [JournalFile, JournalFile]) {
    this.files = files;
    const generations = files.map(generationOf);
    // A newer file that holds no whole transaction was being begun when things stopped.
    const order = ([0, 1] as const).toSorted((a, b) => generations[b]! - generations[a]!);
    for (const file of order) {
      if (generations[file] === 0) continue;
      const end = endOf(files[file]);
      if (end === HEADER && file !== order[1]) continue;
      this.current = file;
      this.generation = generations[file]!;
      this.end = end;
      return;
    }
  }

  /** Bytes that it takes on disk. */
  get size(): number {
    return this.end;
  }

  /** All transactions, in order. */
  *read(): Generator<Transaction> {
    const file = this.files[this.current];
    for (let at = HEADER; at < this.end; ) {
      const transaction = readAt(file, at);
      if (!transaction) return;
      yield transaction;
      at = transaction.end;
    }
  }

  /** Forgets everything: the first transaction that is added stands for all. */
  reset(): void {
    for (const file of this.files) {
      file.truncate(0);
      file.flush();
    }
    this.current = 0;
    this.generation = 0;
    this.end = 0;
  }

  /** Adds a transaction. When there is no room for it, the journal stays as it was, and the error passes. */
  append(transaction: Transaction): void {
    if (this.generation === 0) {
      this.replace(transaction);
      return;
    }
    const file = this.files[this.current];
    const bytes = encode(transaction);
    try {
      file.write(this.end, bytes);
      file.flush();
    } catch (error) {
      file.truncate(this.end);
      throw error;
    }
    this.end += bytes.length;
  }

  /** Begins anew with one transaction that stands for all. When there is no room for it, the journal stays as it was. */
  replace(transaction: Transaction): void {
    const next = this.current === 0 && this.generation > 0 ? 1 : 0;
    const file = this.files[next];
    const bytes = encode(transaction);
    const header = new Uint8Array(HEADER);
    header.set(MAGIC);
    new DataView(header.buffer).setUint32(8, this.generation + 1, true);
    try {
      file.truncate(0);
      file.write(HEADER, bytes);
      file.flush();
      file.write(0, header);
      file.flush();
    } catch (error) {
      file.truncate(0);
      throw error;
    }
    const old = this.files[next === 0 ? 1 : 0];
    this.current = next;
    this.generation++;
    this.end = HEADER + bytes.length;
    old.truncate(0);
    old.flush();
  }
}

function generationOf(file: JournalFile): number {
  const header = new Uint8Array(HEADER);
  if (file.read(0, header) < HEADER || MAGIC.some((byte, at) => header[at] !== byte)) return 0;
  return new DataView(header.buffer).getUint32(8, true);
}

/** Where the last whole transaction ends. */
function endOf(file: JournalFile): number {
  let at = HEADER;
  for (let next = readAt(file, at); next; next = readAt(file, at)) at = next.end;
  return at;
}

function readAt(file: JournalFile, at: number): (Transaction & { end: number }) | undefined {
  const prefix = new Uint8Array(PREFIX);
  if (file.read(at, prefix) < PREFIX) return undefined;
  const view = new DataView(prefix.buffer);
  const text = view.getUint32(4, true);
  const length = text + view.getUint32(8, true);
  if (view.getUint32(0, true) !== TRANSACTION || at + PREFIX + length > file.size()) return undefined;
  const body = new Uint8Array(length);
  if (file.read(at + PREFIX, body) < length || crc32(body) !== view.getUint32(12, true)) return undefined;
  return { text: decoder.decode(body.subarray(0, text)), bytes: body.subarray(text), end: at + PREFIX + length };
}

function encode({ text, bytes }: Transaction): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(text);
  const whole = new Uint8Array(PREFIX + head.length + bytes.length);
  whole.set(head, PREFIX);
  whole.set(bytes, PREFIX + head.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, TRANSACTION, true);
  view.setUint32(4, head.length, true);
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, crc32(whole.subarray(PREFIX)), true);
  return whole;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let remainder = n;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  return remainder;
});

/** IEEE 802.3's, as in gzip. */
function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[i]!) & 255]!;
  return (remainder ^ 0xffffffff) >>> 0;
}
