// Where a trace goes: standard error, a file (-o), a program (-o '|…' or '!…'), or a file for each thread (-ff).
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import type { StraceCommand } from "../../src/observe/strace/flags.ts";
import type { LineSink } from "../../src/observe/strace/strace.ts";

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += fs.writeSync(descriptor, bytes, done);
    } catch (error) {
      // A pipe whose reader is slow: it is asked again.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

/** Written when much has come together, or when the machine pauses. */
function fileSink(descriptor: number): LineSink {
  return {
    eager: false,
    write: (bytes) => writeAll(descriptor, bytes),
    later: (deliver) => void setImmediate(deliver),
    end: () => fs.closeSync(descriptor),
  };
}

function opened(name: string, append: boolean): number {
  try {
    return fs.openSync(name, append ? "a" : "w", 0o666);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "";
    throw new RangeError(`Can't fopen '${name}': ${reason}`);
  }
}

/** Bytes go to a shell command's standard input. */
function commandSink(command: string): LineSink {
  const child = spawn("/bin/sh", ["-c", command], { stdio: ["pipe", "inherit", "inherit"] });
  return {
    eager: false,
    write: (bytes) => void child.stdin.write(bytes.slice()),
    later: (deliver) => void setImmediate(deliver),
    end: () => child.stdin.end(),
  };
}

export interface Sinks {
  sinkFor(tid: number): LineSink;
  /** strace's own messages. */
  notice(text: string): void;
  /** All is written. */
  flush(): void;
}

export function sinks(parsed: StraceCommand): Sinks {
  const { output, append, options } = parsed;
  const notice = (text: string): void => writeAll(2, Buffer.from(`${text}\n`, "latin1"));
  if (output === undefined) {
    const sink: LineSink = { eager: true, write: (bytes) => writeAll(2, bytes) };
    return { sinkFor: () => sink, notice, flush: () => undefined };
  }
  const piped = /^[|!](.*)$/s.exec(output);
  if (piped && options.separate)
    throw new RangeError("piping the output and -ff/--output-separately are mutually exclusive");
  if (options.separate) {
    const files = new Map<number, LineSink>();
    const sinkFor = (tid: number): LineSink => {
      let sink = files.get(tid);
      if (!sink) {
        sink = fileSink(opened(`${output}.${tid}`, append));
        files.set(tid, sink);
      }
      return sink;
    };
    return { sinkFor, notice, flush: () => undefined };
  }
  const sink = piped ? commandSink(piped[1]!) : fileSink(opened(output, append));
  return { sinkFor: () => sink, notice, flush: () => sink.end?.() };
}
