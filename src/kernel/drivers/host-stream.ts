// Standard streams without a terminal: pipes whose other end is outside, with back-pressure both ways. The host's ends
// are ByteSource and ByteSink (host/host.ts).
import type { ByteSink, ByteSource } from "../../host/host.ts";
import type { Kernel } from "../kernel.ts";
import { KernelBuffer } from "../mm/user.ts";
import { makePipe, pipeOf } from "../pipe/file.ts";
import type { Waiter } from "../sched/wait-queue.ts";
import type { File } from "../vfs/file.ts";

const CHUNK = 65536;

/** The reading end of what a host sends. */
export function hostInput(kernel: Kernel, source: ByteSource): File {
  const [reading, writing] = makePipe(kernel);
  const pipe = pipeOf(writing)!;
  /** What the pipe had no room for. */
  const waiting: KernelBuffer[] = [];
  let ended = false;
  let paused = true;
  let closed = false;

  const close = () => {
    closed = true;
    pipe.writable.remove(room);
    source.onData = undefined;
    source.close();
    writing.unref();
  };
  /** Moves what has come into the pipe; asks for more when all is in. */
  const feed = () => {
    if (closed) return;
    while (waiting.length > 0 && pipe.readers > 0 && !pipe.full) {
      pipe.write(waiting[0]!, true, false);
      if (waiting[0]!.length === 0) waiting.shift();
    }
    if (pipe.readers === 0 || (ended && waiting.length === 0)) {
      close();
    } else if (paused && !ended && waiting.length === 0) {
      paused = false;
      source.resume();
    }
  };
  const room: Waiter = {
    wake() {
      feed();
      return true;
    },
  };
  source.onData = (bytes) => {
    if (bytes.length === 0) ended = true;
    else waiting.push(new KernelBuffer(bytes.slice()));
    paused = true;
    kernel.interrupt(feed);
    return !paused;
  };
  pipe.writable.add(room);
  feed();
  return reading;
}

/** The writing end of what a host receives. */
export function hostOutput(kernel: Kernel, sink: ByteSink): File {
  const [reading, writing] = makePipe(kernel);
  const pipe = pipeOf(reading)!;
  let full = false;
  let closed = false;

  const close = () => {
    closed = true;
    kernel.onEnded.delete(ended);
    pipe.readable.remove(data);
    sink.onDrain = sink.onClose = undefined;
    reading.unref();
  };
  /** What is in the pipe has gone out with each write: a machine that ends leaves nothing behind. */
  const ended = () => sink.end();
  /** Carries out what is in the pipe, as far as the sink wants it. */
  const drain = () => {
    while (!closed && !full && !pipe.empty) {
      const chunk = new Uint8Array(Math.min(CHUNK, pipe.bytes));
      const into = new KernelBuffer(chunk);
      pipe.read(into, true);
      full = !sink.write(chunk);
    }
    if (closed || pipe.writers > 0 || !pipe.empty) return;
    close();
    sink.end();
  };
  const data: Waiter = {
    wake() {
      drain();
      return true;
    },
  };
  sink.onDrain = () => {
    full = false;
    kernel.interrupt(drain);
  };
  sink.onClose = () => {
    if (!closed) kernel.interrupt(close);
  };
  pipe.readable.add(data);
  kernel.onEnded.add(ended);
  return writing;
}
