// The terminal on a page: xterm.js at one end, a process's terminal at the other. <airside-terminal image="debian"
// cmd="bash"> makes a machine of its own; a page that has one connects it with `attach`.
import { FitAddon } from "@xterm/addon-fit";
import { type ITheme, Terminal } from "@xterm/xterm";
import xtermStyle from "@xterm/xterm/css/xterm.css";
import { boot, type Machine, type Process } from "./machine.ts";

const dark: ITheme = {
  background: "#14161a",
  foreground: "#dfe3e8",
  cursor: "#dfe3e8",
  selectionBackground: "#3b4b63",
};
const light: ITheme = {
  background: "#fbfbf9",
  foreground: "#22262b",
  cursor: "#22262b",
  selectionBackground: "#c4d6ee",
  yellow: "#8a6500",
  brightYellow: "#8a6500",
  green: "#1f7a3a",
  brightGreen: "#1f7a3a",
  cyan: "#0f7580",
  brightCyan: "#0f7580",
  white: "#5a6068",
  brightWhite: "#22262b",
};

const style = `${xtermStyle}
:host { display: block; height: 24em; overflow: hidden; }
:host([hidden]) { display: none; }
.screen { width: 100%; height: 100%; padding: 8px; box-sizing: border-box; background: var(--airside-terminal, #14161a); }`;

export class AirsideTerminal extends HTMLElement {
  /** The machine of this terminal, once it has booted. */
  machine: Machine | undefined;
  process: Process | undefined;
  readonly terminal: Terminal;
  private readonly fit = new FitAddon();
  private readonly screen: HTMLDivElement;
  private readonly darkness = matchMedia("(prefers-color-scheme: dark)");
  private opened = false;
  /** What was written last was a line of the page's own. */
  private atStart = true;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const css = document.createElement("style");
    css.textContent = style;
    this.screen = document.createElement("div");
    this.screen.className = "screen";
    root.append(css, this.screen);
    this.terminal = new Terminal({
      fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace",
      fontSize: 13,
      cursorBlink: true,
      scrollback: 10_000,
      screenReaderMode: false,
    });
    this.terminal.loadAddon(this.fit);
    this.terminal.onData((data) => this.process?.write(data));
    this.terminal.onBinary((data) => this.process?.write(Uint8Array.from(data, (c) => c.charCodeAt(0))));
    this.terminal.onResize(({ cols, rows }) => this.process?.resize(cols, rows));
    this.darkness.addEventListener("change", () => this.paint());
  }

  connectedCallback(): void {
    if (this.opened) return;
    this.opened = true;
    this.terminal.open(this.screen);
    this.paint();
    new ResizeObserver(() => this.resize()).observe(this.screen);
    this.resize();
    if (this.hasAttribute("image") || this.hasAttribute("cmd")) void this.start();
  }

  /** Runs a command of the machine here; resolves with its exit code when it has ended. */
  async attach(machine: Machine, argv: readonly string[], env: Record<string, string> = {}): Promise<number> {
    this.machine = machine;
    const { cols: columns, rows } = this.terminal;
    this.process = await machine.spawn(argv, {
      tty: { columns, rows },
      env: { TERM: "xterm-256color", COLORTERM: "truecolor", ...env },
      cwd: "/root",
      onOutput: (bytes) => {
        this.atStart = false;
        return new Promise((shown) => this.terminal.write(bytes, shown));
      },
    });
    // The size may have changed meanwhile.
    this.process.resize(this.terminal.cols, this.terminal.rows);
    const { code } = await this.process.exited;
    this.process = undefined;
    return code;
  }

  /** A line of the page's own among the program's output. */
  say(text: string): void {
    const start = this.atStart ? "" : "\r\n";
    this.terminal.write(`${start}\x1b[2m${text.replaceAll("\n", "\r\n")}\x1b[0m\r\n`);
    this.atStart = true;
  }

  override focus(): void {
    this.terminal.focus();
  }

  private async start(): Promise<void> {
    const base = this.getAttribute("base");
    const memory = this.getAttribute("memory");
    try {
      const machine = await boot({
        image: this.getAttribute("image") ?? "debian",
        ...(base === null ? {} : { base }),
        ...(memory === null ? {} : { memory }),
      });
      const command = this.getAttribute("cmd") ?? "bash";
      this.dispatchEvent(new CustomEvent("airside-boot", { detail: machine, bubbles: true }));
      const code = await this.attach(machine, ["/bin/sh", "-c", `exec ${command}`]);
      this.say(`[the command has ended with code ${code}]`);
      this.dispatchEvent(new CustomEvent("airside-exit", { detail: code, bubbles: true }));
    } catch (error) {
      this.say(`airside: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  private resize(): void {
    if (this.screen.clientWidth > 0 && this.screen.clientHeight > 0) this.fit.fit();
  }
  private paint(): void {
    const theme = this.darkness.matches ? dark : light;
    this.terminal.options.theme = theme;
    this.style.setProperty("--airside-terminal", theme.background!);
  }
}

export function defineTerminal(): void {
  if (!customElements.get("airside-terminal")) customElements.define("airside-terminal", AirsideTerminal);
}
