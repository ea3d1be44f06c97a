// The line to a terminal outside: a Console of the host (host/host.ts).
import type { Console } from "../../../host/host.ts";
import type { Terminal, TtyDriver } from "./terminal.ts";

/** Output goes out in parts, between which the console may say that it has enough. */
const PART = 4096;

/** Connects a terminal with the host's console. */
export function hostLine(terminal: Terminal, console: Console): TtyDriver {
  let full = false;
  const size = (columns: number, rows: number) => ({ columns, rows, xpixel: 0, ypixel: 0 });
  terminal.window = size(console.columns, console.rows);
  const { kernel } = terminal;
  console.onInput = (bytes) =>
    kernel.interrupt(() => {
      if (bytes.length === 0) terminal.endInput();
      else terminal.receive(bytes);
    });
  console.onResize = (columns, rows) => kernel.interrupt(() => terminal.resize(size(columns, rows)));
  console.onDrain = () => {
    full = false;
    kernel.interrupt(() => terminal.outputDrained());
  };
  return {
    write(bytes) {
      let done = 0;
      while (done < bytes.length && !full) {
        const part = bytes.subarray(done, done + PART);
        // The caller goes on to use its memory.
        full = !console.write(part.slice());
        done += part.length;
      }
      return done;
    },
    room: () => (full ? 0 : PART),
  };
}

/** The terminal is no more: the console may be given to another. */
export function disconnect(console: Console): void {
  console.onInput = console.onResize = console.onDrain = undefined;
}
