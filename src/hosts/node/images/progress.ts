// Tells a person how far an image's making has come, on stderr: one line redrawn on a terminal, a line for each phase
// elsewhere.

export interface Progress {
  /** A new phase begins. */
  phase(text: string): void;
  /** How far the phase is: `done` of `total` in whatever unit, and what is being done now. */
  step(done: number, total: number, now?: string): void;
  /** Something that a person should know even afterwards. */
  note(text: string): void;
  end(text: string): void;
}

export const silent: Progress = {
  phase: () => undefined,
  step: () => undefined,
  note: () => undefined,
  end: () => undefined,
};

const BAR = 24;
const CLEAR_LINE = "\r\x1b[2K";

const on = (out: NodeJS.WriteStream): Progress => (out.isTTY ? new TerminalProgress(out) : linesOn(out));

/** On the process's standard error, which is not touched before there is something to say. */
export const progressOnStderr = (): Progress => {
  let made: Progress | undefined;
  const progress = (): Progress => (made ??= on(process.stderr));
  return {
    phase: (text) => progress().phase(text),
    step: (done, total, now) => progress().step(done, total, now),
    note: (text) => progress().note(text),
    end: (text) => progress().end(text),
  };
};

const linesOn = (out: NodeJS.WriteStream): Progress => ({
  phase: (text) => void out.write(`${text} …\n`),
  step: () => undefined,
  note: (text) => void out.write(`${text}\n`),
  end: (text) => void out.write(`${text}\n`),
});

class TerminalProgress implements Progress {
  private text = "";
  private drawn = 0;
  private readonly out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream) {
    this.out = out;
  }

  phase(text: string): void {
    this.text = text;
    this.out.write(`${CLEAR_LINE}${text} …`);
  }

  step(done: number, total: number, doing = ""): void {
    const now = Date.now();
    if (now - this.drawn < 50 && done < total) return;
    this.drawn = now;
    const share = total > 0 ? Math.min(1, done / total) : 1;
    const full = Math.round(share * BAR);
    const bar = "█".repeat(full) + "░".repeat(BAR - full);
    this.out.write(`${CLEAR_LINE}${this.text} ${bar} ${String(Math.floor(share * 100)).padStart(3)} % ${doing}`);
  }

  note(text: string): void {
    this.out.write(`${CLEAR_LINE}${text}\n`);
  }

  end(text: string): void {
    this.out.write(`${CLEAR_LINE}${text}\n`);
  }
}
