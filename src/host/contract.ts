// What every host must do alike. Runs in Node (hosts/node/host.test.ts) and in browsers (tests/web/host.test.ts), so it
// needs neither's test runner: each check rejects with what is wrong.
import type { Console, Host } from "./host.ts";

export interface Check {
  /** A claim. */
  readonly name: string;
  run(): Promise<void>;
}

function must(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

export function hostContract(host: Host): Check[] {
  const after = (milliseconds: number): Promise<void> =>
    new Promise((over) => {
      host.after(milliseconds * 1e6, over);
    });
  const soon = (): Promise<void> => new Promise((over) => host.soon(over));
  return [
    {
      name: "monotonic time is in nanoseconds and never goes back",
      async run() {
        let last = host.monotonic();
        for (let i = 0; i < 10_000; i++) {
          const now = host.monotonic();
          must(now >= last, `${now} after ${last}`);
          last = now;
        }
        const start = host.monotonic();
        await after(50);
        const spent = host.monotonic() - start;
        must(spent > 45e6 && spent < 5e9, `50 ms took ${spent} ns`);
      },
    },
    {
      name: "real time is nanoseconds since 1970 and goes on as monotonic time does",
      async run() {
        const real = host.realtime();
        const start = host.monotonic();
        must(real > 1_700_000_000_000_000_000n && real < 10_000_000_000_000_000_000n, String(real));
        await after(50);
        const difference = Number(host.realtime() - real) - (host.monotonic() - start);
        must(Math.abs(difference) < 20e6, `apart by ${difference} ns`);
      },
    },
    {
      name: "entropy fills all of any length, within an array and no further, and differs",
      async run() {
        for (const length of [0, 1, 7, 256, 257, 4096, 65_536, 65_537, 200_000]) {
          const whole = new Uint8Array(length + 2);
          host.random(whole.subarray(1, length + 1));
          must(whole[0] === 0 && whole[length + 1] === 0, `${length} bytes went too far`);
          // An eighth of zeros in 256 random bytes is out of the question.
          for (let at = 1; at + 256 <= length; at += 256) {
            const zeros = whole.subarray(at, at + 256).filter((byte) => byte === 0).length;
            must(zeros < 32, `${length} bytes are not all filled`);
          }
        }
        const seen = new Set<string>();
        for (let i = 0; i < 1000; i++) {
          const bytes = new Uint8Array(8);
          host.random(bytes);
          seen.add(bytes.join());
        }
        must(seen.size === 1000, "the same bytes came twice");
      },
    },
    {
      name: "soon() calls back once, in order, never at once, and lets timers have their turn",
      async run() {
        const order: number[] = [];
        host.soon(() => order.push(1));
        host.soon(() => order.push(2));
        must(order.length === 0, "called at once");
        await soon();
        must(order.join() === "1,2", order.join());
        let due = false;
        host.after(1e6, () => {
          due = true;
        });
        const until = host.monotonic() + 5e9;
        while (!due && host.monotonic() < until) await soon();
        must(due, "soon() alone was called");
      },
    },
    {
      name: "soon() is soon: a thousand turns take no second",
      async run() {
        const start = host.monotonic();
        for (let i = 0; i < 1000; i++) await soon();
        must(host.monotonic() - start < 1e9, `${host.monotonic() - start} ns`);
      },
    },
    {
      name: "after() calls back once, never early, the sooner first; cancelled, it does not; a year is not now",
      async run() {
        const order: string[] = [];
        const start = host.monotonic();
        let early = false;
        host.after(60e6, () => {
          early = host.monotonic() - start < 58e6;
          order.push("late");
        });
        host.after(10e6, () => order.push("soon"));
        const cancel = host.after(20e6, () => order.push("cancelled"));
        const cancelYear = host.after(3.2e16, () => order.push("a year"));
        cancel();
        await after(150);
        cancelYear();
        must(order.join() === "soon,late", order.join());
        must(!early, "it came early");
        cancel();
      },
    },
  ];
}

/** A console that a page or a terminal shows. `shown` resolves when all that was written has been taken outside. */
export function consoleContract(
  made: () => { console: Console; received(): Uint8Array; take(): Promise<void>; type(bytes: Uint8Array): void },
): Check[] {
  return [
    {
      name: "what is written arrives, in order, though the writer uses its memory again",
      async run() {
        const { console, received, take } = made();
        const bytes = new Uint8Array(100);
        for (let i = 0; i < 100; i++) {
          bytes.fill(i);
          console.write(bytes);
        }
        await take();
        const all = received();
        must(all.length === 10_000 && all.every((byte, at) => byte === Math.floor(at / 100)), `${all.length} bytes`);
      },
    },
    {
      name: "a console that is full says so, and says when it is not",
      async run() {
        const { console, take } = made();
        let drained = false;
        console.onDrain = () => {
          drained = true;
        };
        let written = 0;
        while (console.write(new Uint8Array(4096))) {
          written += 4096;
          must(written < 64 << 20, "it takes everything");
        }
        must(!drained, "drained while full");
        await take();
        must(drained, "never drained");
        must(console.write(new Uint8Array(1)), "still full");
      },
    },
    {
      name: "input reaches the kernel as it was typed",
      async run() {
        const { console, type } = made();
        const got: number[] = [];
        console.onInput = (bytes) => got.push(...bytes);
        type(Uint8Array.of(3, 255, 0));
        must(got.join() === "3,255,0", got.join());
        must(console.columns > 0 && console.rows > 0, "no size");
      },
    },
  ];
}
