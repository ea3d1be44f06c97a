// `airside exec` on the machine's side: one more process, its streams over the channel.
import {
  type ByteSink,
  type ByteSource,
  type Console,
  type Machine,
  type Process,
  SpawnError,
} from "../../../src/index.ts";
import { type Channel, parsed } from "./frames.ts";
import type { Request } from "./requests.ts";

const SIGHUP = 1;

type Exec = Extract<Request, { verb: "exec" }>;

/** The client's terminal. */
class RemoteConsole implements Console {
  onInput: ((bytes: Uint8Array) => void) | undefined;
  onResize: ((columns: number, rows: number) => void) | undefined;
  onDrain: (() => void) | undefined;
  columns: number;
  rows: number;
  private readonly channel: Channel;
  constructor(channel: Channel, size: { columns: number; rows: number }) {
    this.channel = channel;
    this.columns = size.columns;
    this.rows = size.rows;
  }
  write(bytes: Uint8Array): boolean {
    return this.channel.send("output", bytes);
  }
}

function remoteSource(channel: Channel): ByteSource & { push(bytes: Uint8Array): void } {
  const queue: Uint8Array[] = [];
  let wanted = false;
  const source = {
    onData: undefined as ByteSource["onData"],
    resume(): void {
      wanted = true;
      for (let bytes = queue[0]; bytes && wanted; bytes = queue[0]) {
        queue.shift();
        if (source.onData?.(bytes) === false) wanted = false;
      }
      if (wanted) channel.socket.resume();
    },
    close(): void {
      wanted = false;
      queue.length = 0;
      source.onData = undefined;
    },
    push(bytes: Uint8Array): void {
      queue.push(bytes);
      if (wanted) source.resume();
      else channel.socket.pause();
    },
  };
  return source;
}

export async function serveExec(
  machine: Machine,
  channel: Channel,
  request: Exec,
  main: Process | undefined,
): Promise<void> {
  const sinks: ByteSink[] = [];
  const sink = (type: "output" | "diagnostics"): ByteSink => {
    const made: ByteSink = {
      onDrain: undefined,
      onClose: undefined,
      write: (bytes) => channel.send(type, bytes),
      end: () => undefined,
    };
    sinks.push(made);
    return made;
  };
  const remote = request.tty ? new RemoteConsole(channel, request.tty) : undefined;
  const source = request.interactive && !remote ? remoteSource(channel) : undefined;
  let child: Process | undefined;
  // Input may follow at the request's heels.
  channel.onFrame = (type, bytes) => {
    if (type === "input") {
      if (remote) remote.onInput?.(Uint8Array.from(bytes));
      else source?.push(Uint8Array.from(bytes));
    } else if (type === "resize" && remote) {
      const { columns, rows } = parsed(bytes) as { columns: number; rows: number };
      remote.columns = columns;
      remote.rows = rows;
      remote.onResize?.(columns, rows);
    } else if (type === "signal") child?.kill((parsed(bytes) as { signal: number }).signal);
  };
  try {
    child = await machine.spawn(request.command, {
      env: request.env,
      alongside: main,
      ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
      ...(request.user === undefined ? {} : { user: request.user }),
      ...(remote
        ? { tty: remote }
        : { stdin: source ?? ("null" as const), stdout: sink("output"), stderr: sink("diagnostics") }),
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    channel.sendText("error", error.message);
    channel.sendJson("end", { code: error instanceof SpawnError ? error.exitCode : 125 });
    channel.end();
    return;
  }
  channel.onDrain = () => {
    remote?.onDrain?.();
    for (const each of sinks) each.onDrain?.();
  };
  const running = child;
  let ended = false;
  const { onClose } = channel;
  channel.onClose = () => {
    onClose?.();
    // Nobody is there any more: what a terminal that is gone means.
    if (!ended) running.kill(SIGHUP);
    for (const each of sinks) each.onClose?.();
  };
  const { code } = await running.exited;
  ended = true;
  channel.sendJson("end", { code });
  channel.end();
}
