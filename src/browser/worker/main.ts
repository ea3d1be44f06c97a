// The worker: a machine, and the page's calls to it.

import { Machine } from "../../embed/machine.ts";
import { parseSize } from "../../embed/size.ts";
import { missingFeature } from "../../hosts/browser/features.ts";
import { browserHost } from "../../hosts/browser/host.ts";
import { openWebImage, type WebImage } from "../../hosts/browser/image.ts";
import { openLayer } from "../../hosts/browser/storage.ts";
import { keepTranslations, keptTranslations } from "../../hosts/browser/translations.ts";
import { Journal } from "../../images/layer/journal.ts";
import { Layer } from "../../images/layer/layer.ts";
import { bootKernel } from "../../kernel/boot.ts";
import type { Ended } from "../../kernel/crash/ended.ts";
import type { CrashReport } from "../../kernel/crash/report.ts";
import type { Inode } from "../../kernel/vfs/inode.ts";
import type { Superblock } from "../../kernel/vfs/superblock.ts";
import { fromText } from "../../lib/byte-string.ts";
import type {
  Answer,
  BootMessage,
  BootReport,
  Call,
  CallError,
  CallName,
  Calls,
  Event,
  KeptState,
  Note,
} from "../protocol.ts";
import { Keeper } from "./keeper.ts";
import { Processes } from "./processes.ts";
import { makeRoot, type Root } from "./root.ts";
import type { Watch } from "./watch.ts";

declare const self: DedicatedWorkerGlobalScope;

/** Milliseconds after which what has been translated is kept, besides when the page is hidden and at the end. */
const KEEP_AFTER = 15_000;

const send = (message: Event | Answer, transfer: Transferable[] = []): void => self.postMessage(message, transfer);

const processes = new Processes(send);
let machine: Machine | undefined;
let image: WebImage | undefined;
let watch: Watch | undefined;
let keeper: Keeper | undefined;
let upper: Superblock | undefined;
let state: KeptState = "off";
let milliseconds = 0;

function booted(): Machine {
  if (!machine) throw new Error("the machine has not been booted");
  return machine;
}

/** What looks inside is loaded when somebody does. */
async function watching(): Promise<Watch> {
  const { Watch } = await import("./watch.ts");
  watch ??= new Watch(booted(), send);
  return watch;
}

async function boot(message: BootMessage): Promise<BootReport> {
  if (machine) throw new Error("the machine has been booted already");
  const missing = missingFeature();
  if (missing !== undefined) throw new Error(missing);
  const start = performance.now();
  const [opened, storage, layer, translations] = await Promise.all([
    openWebImage(message.base, message.image),
    message.keep === undefined ? ("off" as const) : openLayer(message.keep),
    message.layer && readLayer(message.layer),
    keptTranslations(message.image),
  ]);
  image = opened;
  const memory = parseSize(message.memory);
  let size = Math.floor(memory / 2);
  // A journal may for a while be twice what it holds.
  if (typeof storage !== "string") size = Math.max(1 << 20, Math.min(size, Math.floor((await storage.room()) / 2)));
  let root: Root | undefined;
  let kept: Layer | undefined;
  const kernel = bootKernel({
    host: browserHost(),
    memory,
    hostname: fromText(message.hostname),
    root: (made) => {
      const both = makeRoot(made, opened, size, (upper) => {
        const top = upper.root.inode!;
        if (typeof storage !== "string") {
          const journal = new Journal(storage.files);
          if (layer) journal.reset();
          kept = new Layer(top, journal);
        }
        layer?.(top);
      });
      if (typeof both === "number") return both;
      root = both;
      return both.root;
    },
  });
  kernel.log.onConsole = (record) => send({ event: "log", text: `[${(record.time / 1e9).toFixed(6)}] ${record.text}` });
  state = typeof storage === "string" ? storage : "kept";
  if (typeof storage !== "string" && root && kept) {
    const tell = (now: KeptState): void => {
      state = now;
      send({ event: "kept", state: now });
    };
    keeper = new Keeper({ kernel, upper: root.upper, layer: kept, storage, limit: size, tell });
  }
  if (translations) kernel.hart.useTranslations(translations);
  setTimeout(() => void keepTranslations(kernel.hart, opened.name), KEEP_AFTER);
  upper = root?.upper;
  let crashed: CrashReport | undefined;
  kernel.onCrash = (made) => {
    if (made.kind === "panic") crashed = made;
  };
  machine = new Machine(kernel, {
    onShutdown: () => {
      keeper?.stop();
      opened.source.close();
    },
    env: message.env,
  });
  void machine.ended.then((ended) => tellEnd(ended, crashed));
  milliseconds = performance.now() - start;
  return report();
}

const report = (): BootReport => ({
  milliseconds,
  chunks: image ? { ...image.source.counts } : { fetched: 0, kept: 0, waited: 0 },
  kept: state,
});

/** The machine has ended by itself. What it had written is kept as it stands: the kernel works on it no more. */
async function tellEnd({ how, text }: Ended, crash: CrashReport | undefined): Promise<void> {
  keeper?.commit();
  let explained: string | undefined;
  if (crash) {
    const [{ explainCrash }, { readCrash }] = await Promise.all([
      import("../../observe/crash/explain.ts"),
      import("../../observe/crash/read.ts"),
    ]);
    const read = readCrash(JSON.stringify(crash));
    explained = typeof read === "string" ? read : explainCrash(read);
  }
  send({ event: "ended", end: { how, text, report: explained } });
}

/** What is read of an archive, as what lays it into a directory. */
async function readLayer(archive: Blob): Promise<(top: Inode) => void> {
  const { applyLayer, readLayerArchive } = await import("../../images/layer/archive.ts");
  const entries = await readLayerArchive(archive.stream());
  return (top) => applyLayer(top, entries);
}

async function archive(): Promise<Blob> {
  if (!upper) throw new Error("the machine has not been booted");
  const { layerArchive } = await import("../../images/layer/archive.ts");
  return new Blob(layerArchive(upper.root.inode!) as BlobPart[], { type: "application/x-tar" });
}

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
  watch: async (on) => (await watching()).gate(on),
  strace: async (pid) => (await watching()).strace(pid),
  details: async (pid) => (await watching()).details(pid),
  diagnose: async ({ pid, milliseconds }) => (await watching()).diagnose(pid, milliseconds),
  commit: () => {
    if (machine && image) void keepTranslations(machine.kernel.hart, image.name);
    return keeper === undefined || keeper.commit() === 0;
  },
  archive,
  profile: async ({ pid, milliseconds }) => (await watching()).profile(pid, milliseconds),
  shutdown: async () => {
    watch?.stop();
    await booted().shutdown();
    if (image) await keepTranslations(booted().kernel.hart, image.name);
  },
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
