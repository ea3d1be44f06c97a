// The last crossings of the gate, for a crash to show: a ring that is always on. A record is four stores.

const SIZE = 64;
const FIELDS = 4;

export interface Crossing {
  readonly tid: number;
  /** A system call's number; the negative of an EXIT_ (machine/trap.ts) for what else led to the gate. */
  readonly what: number;
  /** The call's first argument, or the address of a fault. */
  readonly argument: number;
  /** What the call answered, or the pc of a fault. */
  readonly result: number;
}

export class Crossings {
  private readonly fields = new Float64Array(SIZE * FIELDS);
  private next = 0;

  record(tid: number, what: number, argument: number, result: number): void {
    const { fields, next } = this;
    fields[next] = tid;
    fields[next + 1] = what;
    fields[next + 2] = argument;
    fields[next + 3] = result;
    this.next = (next + FIELDS) & (SIZE * FIELDS - 1);
  }
  /** At most `count`, the oldest first. */
  last(count = SIZE): Crossing[] {
    const all: Crossing[] = [];
    for (let i = 0; i < SIZE; i++) {
      const at = (this.next + i * FIELDS) & (SIZE * FIELDS - 1);
      const [tid = 0, what = 0, argument = 0, result = 0] = this.fields.subarray(at, at + FIELDS);
      if (tid !== 0) all.push({ tid, what, argument, result });
    }
    return all.slice(-count);
  }
}
