// The worker: a machine, and the page's calls to it.

import { Machine } from "../../embed/machine.ts";
import { parseSize } from "../../embed/size.ts";
import { browserHost } from "../../hosts/browser/host.ts";
import { openWebImage, type WebImage } from "../../hosts/browser/image.ts";
import { bootKernel } from "../../kernel/boot.ts";
import { fromText } from "../../lib/byte-string.ts";
import type { Answer, BootMessage, BootReport, Call, CallError, CallName, Calls, Event, Note } from "../protocol.ts";
import { Processes } from "./processes.ts";
import { rootOf } from "./root.ts";

declare const self: DedicatedWorkerGlobalScope;

const send = (message: Event | Answer, transfer: Transferable[] = []): void => self.postMessage(message, transfer);

const processes = new Processes(send);
let machine: Machine | undefined;
let image: WebImage | undefined;
let milliseconds = 0;

function booted(): Machine {
  if (!machine) throw new Error("the machine has not been booted");
  return machine;
}

async function boot(message: BootMessage): Promise<BootReport> {
  if (machine) throw new Error("the machine has been booted already");
  const start = performance.now();
  const opened = await openWebImage(message.base, message.image);
  image = opened;
  const kernel = bootKernel({
    host: browserHost(),
    memory: parseSize(message.memory),
    hostname: fromText(message.hostname),
    root: (made) => rootOf(made, opened),
  });
  kernel.log.onConsole = (record) => send({ event: "log", text: `[${(record.time / 1e9).toFixed(6)}] ${record.text}` });
  machine = new Machine(kernel, { onShutdown: () => opened.source.close(), env: message.env });
  milliseconds = performance.now() - start;
  return report();
}

const report = (): BootReport => ({
  milliseconds,
  chunks: image ? { ...image.source.counts } : { fetched: 0, kept: 0, waited: 0 },
});

type Awaitable<T> = T | Promise<T>;

const calls: { [K in CallName]: (argument: Parameters<Calls[K]>[0]) => Awaitable<ReturnType<Calls[K]>> } = {
  boot,
  spawn: (message) => processes.spawn(booted(), message),
  readFile: (path) => booted().fs.read(path),
  writeFile: ({ path, data, mode }) => booted().fs.write(path, data, mode),
  list: (path) => booted().fs.list(path),
  stat: (path) => booted().fs.stat(path),
  mkdir: (path) => booted().fs.mkdir(path),
  remove: (path) => booted().fs.remove(path),
  report,
  shutdown: () => booted().shutdown(),
};

function errorOf(error: unknown): CallError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message } = error;
  const { errno, exitCode } = error as { errno?: unknown; exitCode?: unknown };
  return {
    name,
    message,
    ...(typeof errno === "string" ? { errno } : {}),
    ...(typeof exitCode === "number" ? { exitCode } : {}),
  };
}

async function answer({ call, id, argument }: Call): Promise<void> {
  try {
    const value = await (calls[call] as (argument: unknown) => unknown)(argument);
    send({ id, value });
  } catch (error) {
    send({ id, error: errorOf(error) });
  }
}

self.onmessage = ({ data }: MessageEvent<Call | Note>) => {
  if ("note" in data) processes.note(data);
  else void answer(data);
};
