// Output is bounded: a program that writes more than it may finds its streams closed (SIGPIPE, EPIPE), as with `head`.
import type { ByteSink } from "../host/host.ts";

/** Bytes that are left, for all streams of a process together. */
export interface OutputBudget {
  left: number;
}

export function limitOutput(sink: ByteSink, budget: OutputBudget): ByteSink {
  let ended = false;
  let onClose: (() => void) | undefined;
  return {
    write(bytes) {
      if (ended) return true;
      const part = bytes.subarray(0, budget.left);
      budget.left -= part.length;
      const more = part.length === 0 || sink.write(part);
      if (part.length === bytes.length) return more;
      ended = true;
      sink.end();
      onClose?.();
      return true;
    },
    get onDrain() {
      return sink.onDrain;
    },
    set onDrain(callback) {
      sink.onDrain = callback;
    },
    get onClose() {
      return onClose;
    },
    set onClose(callback) {
      onClose = callback;
      sink.onClose = callback;
    },
    end() {
      if (ended) return;
      ended = true;
      sink.end();
    },
  };
}
