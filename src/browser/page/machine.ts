// A machine as a page sees it: the kernel works in a worker, and everything about it is asked for by message.
import type { FileStatus } from "../../embed/files.ts";
import type { Exit } from "../../embed/machine.ts";
import type { GateFrame } from "../../observe/gate/frame.ts";
import type { ProcessDetails } from "../../observe/gate/process.ts";
import type {
  Answer,
  BootMessage,
  BootReport,
  Call,
  CallError,
  CallName,
  Calls,
  Diagnosis,
  Event,
  FlameNode,
  KeptState,
  MachineEnd,
  Note,
  TerminalSize,
} from "../protocol.ts";

export interface BootOptions {
  /** Name of an image among those exported. Default "debian". */
  image?: string;
  /** URL of the folder that `airside web build` wrote. Default: where this script came from. */
  base?: string | URL;
  /** URL of airside-worker.js, where a bundler has moved this script away from it. */
  worker?: string | URL;
  /** Guest memory at most: bytes or "512m", "1g". Default "1g". */
  memory?: number | string;
  hostname?: string;
  /** Environment of every process. */
  env?: Record<string, string>;
  /** Keeps what is written in the browser under this name, for the next machine with the same image and name. One
   *  machine at a time: `kept` says "busy" to a second one, whose changes end with it. */
  keep?: string;
  /** What an earlier machine's `archive()` gave: the machine begins with it, in place of what was kept. */
  layer?: Blob;
  /** Told when what is written is no longer kept, or is again. */
  onKept?: (state: KeptState) => void;
  /** Lines of the kernel's log that a console would show. */
  onLog?: (line: string) => void;
}

export interface SpawnOptions {
  env?: Record<string, string>;
  cwd?: string;
  user?: string;
  limits?: { cpu?: number | string; memory?: number | string };
  /** All three streams are a terminal of this size, and its bytes come as `onOutput`. */
  tty?: TerminalSize;
  /** Told of each piece of output; when it returns a promise, the process is held up while too much waits for it. */
  onOutput?: (bytes: Uint8Array, stream: "stdout" | "stderr") => void | Promise<void>;
}

/** An error of the machine's: `errno` is Linux's name for it where there is one, `exitCode` what a shell would exit with. */
export class MachineError extends Error {
  readonly errno: string | undefined;
  readonly exitCode: number | undefined;
  constructor(error: CallError) {
    super(error.message);
    this.name = error.name;
    this.errno = error.errno;
    this.exitCode = error.exitCode;
  }
}

const encoder = new TextEncoder();

export class Process {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  private readonly number: number;
  private readonly note: (note: Note) => void;
  private readonly hasTerminal: boolean;
  private inputEnded = false;

  constructor(pid: number, number: number, exited: Promise<Exit>, hasTerminal: boolean, note: (note: Note) => void) {
    this.pid = pid;
    this.hasTerminal = hasTerminal;
    this.number = number;
    this.exited = exited;
    this.note = note;
  }
  /** To standard input, or to the terminal as if typed. Throws once standard input has been ended. */
  write(data: Uint8Array | string): void {
    if (this.inputEnded) throw new Error("the process's input has been ended");
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    this.note({ note: "input", process: this.number, bytes });
  }
  /** End of standard input; of a terminal, as if by Ctrl-D. */
  end(): void {
    this.inputEnded = !this.hasTerminal;
    this.note({ note: "end", process: this.number });
  }
  resize(columns: number, rows: number): void {
    this.note({ note: "resize", process: this.number, columns, rows });
  }
  /** Sends a signal by number, SIGTERM unless given. */
  kill(signal = 15): void {
    this.note({ note: "kill", process: this.number, signal });
  }
}

interface Running {
  onOutput: SpawnOptions["onOutput"];
  exit: (exit: Exit) => void;
}

export class Machine {
  /** What the start took. */
  readonly booted: BootReport;
  readonly fs: Files;
  /** Resolves when the machine ends by itself: a panic, or a reboot, halt or power-off from inside. No process runs any
   *  more; each has ended as if by SIGKILL. */
  readonly ended: Promise<MachineEnd>;
  private readonly link: Link;

  constructor(link: Link, booted: BootReport) {
    this.link = link;
    this.booted = booted;
    this.fs = new Files(link);
    this.ended = link.ended;
  }

  /** Starts a program. Rejects with a MachineError when it can't be. */
  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<Process> {
    const { onOutput, ...rest } = options;
    const number = this.link.nextProcess++;
    const exited = new Promise<Exit>((exit) => {
      this.link.running.set(number, { onOutput, exit });
    });
    try {
      const pid = await this.link.call("spawn", { process: number, argv, ...rest });
      return new Process(pid, number, exited, rest.tty !== undefined, (note) => this.link.note(note));
    } catch (error) {
      this.link.running.delete(number);
      throw error;
    }
  }

  /** Runs a program to its end and collects what it wrote. `input` is its standard input. */
  async exec(
    argv: readonly string[],
    options: Omit<SpawnOptions, "tty" | "onOutput"> & { input?: string | Uint8Array } = {},
  ): Promise<Exit & { stdout: string; stderr: string }> {
    const { input, ...rest } = options;
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    const written = { stdout: "", stderr: "" };
    const child = await this.spawn(argv, {
      ...rest,
      onOutput: (bytes, stream) => {
        written[stream] += decoders[stream].decode(bytes, { stream: true });
      },
    });
    if (input !== undefined) child.write(input);
    child.end();
    const exit = await child.exited;
    return { ...exit, ...written };
  }

  /** Tells of the gate, ten frames a second, until the function that comes back is called. */
  watch(onFrame: (frame: GateFrame) => void): () => void {
    const { link } = this;
    link.onGate.add(onFrame);
    if (link.onGate.size === 1) void link.call("watch", true);
    return () => {
      link.onGate.delete(onFrame);
      if (link.onGate.size === 0) void link.call("watch", false);
    };
  }

  /** Tells of a process's system calls, and of its children's, as strace writes them; one process at a time. */
  strace(pid: number, onText: (text: string, dropped: number) => void): () => void {
    const { link } = this;
    link.onStrace = onText;
    void link.call("strace", pid);
    return () => {
      if (link.onStrace !== onText) return;
      link.onStrace = undefined;
      void link.call("strace", undefined);
    };
  }

  /** A process's command, memory and descriptors, now; undefined when it is gone. */
  details(pid: number): Promise<ProcessDetails | undefined> {
    return this.link.call("details", pid);
  }

  /** Watches a process for a while: user space, kernel space or waiting, and what to change. */
  diagnose(pid: number, milliseconds = 3000): Promise<Diagnosis | undefined> {
    return this.link.call("diagnose", { pid, milliseconds });
  }

  /** Chunks of the image that have been needed so far. */
  report(): Promise<BootReport> {
    return this.link.call("report", undefined);
  }

  /** Samples a process for a while: who called whom, and how long. */
  profile(pid: number, milliseconds = 3000): Promise<FlameNode | undefined> {
    return this.link.call("profile", { pid, milliseconds });
  }

  /** Writes down now what is kept; false when there is no room. A page calls it when it is hidden. */
  commit(): Promise<boolean> {
    return this.link.call("commit", undefined);
  }

  /** What was written above the image, as a tar archive: a layer as container images have them. */
  archive(): Promise<Blob> {
    return this.link.call("archive", undefined);
  }

  /** Ends the machine and its worker. */
  async shutdown(): Promise<void> {
    await this.link.call("shutdown", undefined);
    this.link.close();
  }
}

export class Files {
  private readonly link: Link;
  constructor(link: Link) {
    this.link = link;
  }
  /** A file's bytes. Rejects with a MachineError, as all of these do. */
  read(path: string): Promise<Uint8Array> {
    return this.link.call("readFile", path);
  }
  async text(path: string): Promise<string> {
    return new TextDecoder().decode(await this.read(path));
  }
  /** Writes a whole file, made with `mode` if it is not there. */
  write(path: string, data: Uint8Array | string, mode = 0o644): Promise<void> {
    return this.link.call("writeFile", { path, data: typeof data === "string" ? encoder.encode(data) : data, mode });
  }
  list(path: string): Promise<string[]> {
    return this.link.call("list", path);
  }
  stat(path: string): Promise<FileStatus> {
    return this.link.call("stat", path);
  }
  mkdir(path: string): Promise<void> {
    return this.link.call("mkdir", path);
  }
  /** Removes a file or an empty directory. */
  remove(path: string): Promise<void> {
    return this.link.call("remove", path);
  }
}

/** The page's end of the line to a worker. */
export class Link {
  readonly running = new Map<number, Running>();
  nextProcess = 1;
  onLog: ((line: string) => void) | undefined;
  onKept: ((state: KeptState) => void) | undefined;
  readonly onGate = new Set<(frame: GateFrame) => void>();
  onStrace: ((text: string, dropped: number) => void) | undefined;
  readonly ended: Promise<MachineEnd>;
  private end: ((end: MachineEnd) => void) | undefined;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  private nextCall = 1;

  constructor(worker: Worker) {
    this.worker = worker;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    worker.onmessage = ({ data }: MessageEvent<Answer | Event>) => {
      if ("event" in data) this.onEvent(data);
      else this.onAnswer(data);
    };
    worker.onerror = (event) => this.fail(new Error(`the machine's worker failed: ${event.message}`));
  }
  call<K extends CallName>(call: K, argument: Parameters<Calls[K]>[0]): Promise<ReturnType<Calls[K]>> {
    const id = this.nextCall++;
    const message: Call<K> = { call, id, argument };
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage(message);
    });
  }
  note(note: Note): void {
    this.worker.postMessage(note);
  }
  close(): void {
    this.worker.terminate();
    this.fail(new Error("the machine has been shut down"));
  }

  private fail(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
  private onAnswer(answer: Answer): void {
    const call = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ("error" in answer) call?.reject(new MachineError(answer.error));
    else call?.resolve(answer.value as never);
  }
  private onEvent(event: Event): void {
    switch (event.event) {
      case "log":
        this.onLog?.(event.text);
        return;
      case "ended":
        this.end?.(event.end);
        return;
      case "kept":
        this.onKept?.(event.state);
        return;
      case "gate":
        for (const each of this.onGate) each(event.frame);
        return;
      case "strace":
        this.onStrace?.(event.text, event.dropped);
        return;
      case "exit":
        this.running.get(event.process)?.exit(event.exit);
        this.running.delete(event.process);
        return;
      case "output":
        this.onOutput(event);
    }
  }
  private onOutput(event: Extract<Event, { event: "output" }>): void {
    const { process, stream } = event;
    const running = this.running.get(process);
    const count = event.bytes.length;
    const taken = (): void => this.note({ note: "taken", process, stream, count });
    const shown = running?.onOutput?.(event.bytes, event.stream);
    if (shown) void shown.then(taken);
    else taken();
  }
}

/** A worker from a script of another origin is refused: one of this origin imports it then. */
function startWorker(script: URL): Worker {
  if (script.origin === location.origin) return new Worker(script, { type: "module", name: "airside" });
  const text = `import ${JSON.stringify(script.href)};`;
  const local = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(local, { type: "module", name: "airside" });
  return worker;
}

/** Boots a machine in a worker of its own. Rejects with a MachineError whose message is one plain line. */
export async function boot(options: BootOptions = {}): Promise<Machine> {
  const here = new URL(import.meta.url);
  const link = new Link(startWorker(new URL(options.worker ?? "./airside-worker.js", here)));
  link.onLog = options.onLog;
  link.onKept = options.onKept;
  const message: BootMessage = {
    base: new URL(options.base ?? "./", options.base === undefined ? here : document.baseURI).href,
    image: options.image ?? "debian",
    memory: options.memory ?? "1g",
    hostname: options.hostname ?? "airside",
    env: options.env ?? {},
    keep: options.keep === undefined ? undefined : `${options.image ?? "debian"} ${options.keep}`,
    layer: options.layer,
  };
  try {
    return new Machine(link, await link.call("boot", message));
  } catch (error) {
    link.close();
    throw error;
  }
}
