// What was done when, as a band of bounded length: when the buckets are used up, two and two become one.

export type Kind = "user" | "kernel" | "waiting";

/** Nanoseconds of each kind within one bucket. */
export type Bucket = Record<Kind, number>;

const MOST = 240;

export class Timeline {
  /** Nanoseconds that a bucket spans. */
  width = 50_000;
  readonly buckets: Bucket[] = [];
  private at = 0;

  /** `spent` nanoseconds more, of one kind, behind what was told before. */
  add(kind: Kind, spent: number): void {
    let left = spent;
    while (left > 0) {
      let index = Math.floor(this.at / this.width);
      while (index >= MOST) {
        this.halve();
        index = Math.floor(this.at / this.width);
      }
      while (this.buckets.length <= index) this.buckets.push({ user: 0, kernel: 0, waiting: 0 });
      // What can't be told apart from the bucket's end counts as the whole of it: rounding must not stop the loop.
      const room = (index + 1) * this.width - this.at;
      const part = Math.min(left, room < 1e-3 ? this.width : room);
      this.buckets[index]![kind] += part;
      this.at += part;
      left -= part;
      // A long wait makes wide buckets at once.
      while (left > this.width * MOST) this.halve();
    }
  }

  private halve(): void {
    const { buckets } = this;
    const half = Math.ceil(buckets.length / 2);
    for (let i = 0; i < half; i++) {
      const [a, b] = [buckets[2 * i]!, buckets[2 * i + 1]];
      buckets[i] = {
        user: a.user + (b?.user ?? 0),
        kernel: a.kernel + (b?.kernel ?? 0),
        waiting: a.waiting + (b?.waiting ?? 0),
      };
    }
    buckets.length = half;
    this.width *= 2;
  }
}
