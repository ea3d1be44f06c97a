// The page's processes in the worker: their streams and terminals by the page's numbers.
import type { Machine, Process } from "../../embed/machine.ts";
import type { ByteSink } from "../../host/host.ts";
import { PageConsole } from "../../hosts/browser/console.ts";
import type { Event, Note, SpawnMessage } from "../protocol.ts";

interface Entry {
  process: Process;
  /** What gathers the bytes of the terminal, or of each of two pipes. */
  outputs: { stdout: PageConsole; stderr?: PageConsole };
  terminal: PageConsole | undefined;
}

export class Processes {
  private readonly entries = new Map<number, Entry>();
  private readonly send: (event: Event, transfer?: Transferable[]) => void;

  constructor(send: (event: Event, transfer?: Transferable[]) => void) {
    this.send = send;
  }

  /** Starts one; its pid. Rejects with a SpawnError. */
  async spawn(machine: Machine, message: SpawnMessage): Promise<number> {
    const number = message.process;
    const output = (stream: "stdout" | "stderr", columns = 0, rows = 0): PageConsole =>
      new PageConsole(columns, rows, (bytes) =>
        this.send({ event: "output", process: number, stream, bytes }, [bytes.buffer]),
      );
    const terminal = message.tty && output("stdout", message.tty.columns, message.tty.rows);
    const stdout = terminal ?? output("stdout");
    const stderr = terminal ? undefined : output("stderr");
    const process = await machine.spawn(message.argv, {
      ...(message.env ? { env: message.env } : {}),
      ...(message.cwd === undefined ? {} : { cwd: message.cwd }),
      ...(message.user === undefined ? {} : { user: message.user }),
      ...(message.limits ? { limits: message.limits } : {}),
      ...(stderr ? { stdout: sink(stdout), stderr: sink(stderr) } : { tty: stdout }),
    });
    this.entries.set(number, { process, outputs: { stdout, ...(stderr ? { stderr } : {}) }, terminal });
    void process.exited.then((exit) => {
      stdout.flush();
      stderr?.flush();
      this.entries.delete(number);
      this.send({ event: "exit", process: number, exit });
    });
    return process.pid;
  }

  note(note: Note): void {
    const entry = this.entries.get(note.process);
    if (!entry) return;
    const { process, terminal } = entry;
    switch (note.note) {
      case "input":
        if (terminal) terminal.input(note.bytes);
        else void process.stdin.write(note.bytes);
        return;
      case "end":
        if (terminal) terminal.input(new Uint8Array(0));
        else process.stdin.end();
        return;
      case "resize":
        terminal?.resize(note.columns, note.rows);
        return;
      case "taken":
        entry.outputs[note.stream]?.taken(note.count);
        return;
      case "kill":
        process.kill(note.signal);
    }
  }
}

function sink(output: PageConsole): ByteSink {
  const made: ByteSink = {
    onDrain: undefined,
    onClose: undefined,
    write: (bytes) => output.write(bytes),
    end: () => output.flush(),
  };
  output.onDrain = () => made.onDrain?.();
  return made;
}
