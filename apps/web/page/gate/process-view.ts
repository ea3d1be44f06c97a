// One process: its system calls as strace shows them, its memory, its descriptors, and the doctor's verdict.
import type { Machine } from "../../../../src/browser/index.ts";
import type { Area, ProcessDetails } from "../../../../src/observe/gate/process.ts";
import { bytes, count, h, tabs } from "../dom.ts";
import { FlameGraph } from "./flame.ts";

const kinds = [
  ["private", "m-private", "its own"],
  ["copyOnWrite", "m-cow", "copied when written"],
  ["file", "m-file", "of files"],
  ["shared", "m-shared", "shared for good"],
] as const;

/** Characters of strace that are kept. */
const KEPT = 200_000;

export class ProcessView {
  readonly element: HTMLElement;
  private machine: Machine | undefined;
  private pid = 0;
  private readonly title = h("h2");
  private readonly command = h("p", { className: "soft" });
  private readonly log = h("pre", {
    className: "log",
    tabIndex: 0,
    set: { role: "log", "aria-label": "System calls", "aria-live": "off" },
  });
  private readonly memory = h("div");
  private readonly descriptors = h("div");
  private readonly verdict = h("pre", {
    className: "log wide",
    tabIndex: 0,
    set: { role: "region", "aria-label": "The verdict" },
  });
  private readonly diagnose: HTMLButtonElement;
  private readonly sample: HTMLButtonElement;
  private readonly flame = new FlameGraph();
  private readonly parts: HTMLElement;
  private readonly empty: HTMLElement;
  private stopStrace: (() => void) | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private chosen = "strace";
  private readonly choose: (id: string) => void;

  constructor() {
    this.diagnose = h("button", {
      type: "button",
      textContent: "Watch it for three seconds",
      onclick: () => void this.ask(),
    });
    this.sample = h("button", {
      type: "button",
      textContent: "Sample it for three seconds",
      onclick: () => void this.profile(),
    });
    const list = h("div", { className: "tabs small" });
    const straceView = h("div", {}, this.log);
    const doctorView = h(
      "div",
      {},
      h("p", { textContent: "Is the time spent in user space, in kernel space, or waiting? And what to change?" }),
      h("p", {}, this.diagnose),
      this.verdict,
    );
    const flameView = h(
      "div",
      {},
      h("p", {
        textContent: "Where does the time go? Each bar is a function, as wide as its time, on whoever called it.",
      }),
      h("p", {}, this.sample),
      this.flame.element,
    );
    const all = [
      { id: "strace", label: "System calls", view: straceView },
      { id: "memory", label: "Memory", view: this.memory },
      { id: "fds", label: "Descriptors", view: this.descriptors },
      { id: "flame", label: "Flame graph", view: flameView },
      { id: "doctor", label: "Doctor", view: doctorView },
    ];
    this.choose = tabs(list, "About the process", all, (id) => this.select(id)).select;
    this.parts = h("div", { hidden: true }, this.title, this.command, list, h("p"), ...all.map(({ view }) => view));
    this.empty = h("p", { textContent: "Choose a process in the gate, and this shows what it does." });
    this.element = h("section", { className: "view", tabIndex: 0 }, this.empty, this.parts);
    this.choose("strace");
  }

  connect(machine: Machine): void {
    this.machine = machine;
  }

  show(pid: number, name: string): void {
    this.stop();
    this.pid = pid;
    this.parts.hidden = false;
    this.empty.hidden = true;
    this.title.textContent = `${name} ${pid}`;
    this.log.textContent = "";
    this.verdict.textContent = "";
    this.flame.element.replaceChildren();
    this.choose(this.chosen);
  }

  /** The view is hidden: nothing is watched for it. */
  stop(): void {
    this.stopStrace?.();
    this.stopStrace = undefined;
    clearInterval(this.timer);
  }
  resume(): void {
    if (this.pid > 0) this.select(this.chosen);
  }

  private select(id: string): void {
    this.stop();
    this.chosen = id;
    if (!this.machine || this.pid === 0) return;
    if (id === "strace") {
      this.stopStrace = this.machine.strace(this.pid, (text, dropped) => this.append(text, dropped));
    }
    void this.refresh();
    this.timer = setInterval(() => void this.refresh(), 1000);
  }

  private append(text: string, dropped: number): void {
    const { log } = this;
    const below = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
    const more = dropped > 0 ? `… ${count(dropped)} lines more\n` : "";
    log.textContent = `${log.textContent ?? ""}${text}${more}`.slice(-KEPT);
    if (below) log.scrollTop = log.scrollHeight;
  }

  private async refresh(): Promise<void> {
    const { pid } = this;
    const details = await this.machine?.details(pid);
    if (pid !== this.pid) return;
    if (!details) {
      if (!this.title.textContent?.endsWith("(gone)")) this.title.append(" (gone)");
      return;
    }
    this.command.textContent = `${details.command.join(" ")} · in ${details.directory}`;
    if (this.chosen === "memory") this.showMemory(details);
    if (this.chosen === "fds") this.showDescriptors(details);
  }

  private showMemory({ areas }: ProcessDetails): void {
    const sum = (kind: (typeof kinds)[number][0]): number => areas.reduce((total, area) => total + area[kind], 0);
    const all = kinds.reduce((total, [kind]) => total + sum(kind), 0) || 1;
    const bar = h("div", { className: "memory", set: { role: "img", "aria-label": "Memory by kind" } });
    for (const [kind, className] of kinds) {
      const part = h("i", { className });
      part.style.width = `${(sum(kind) / all) * 100}%`;
      bar.append(part);
    }
    const key = h("div", { className: "key" });
    for (const [kind, className, label] of kinds) {
      key.append(h("span", {}, h("i", { className }), `${label} `, h("b", { textContent: bytes(sum(kind) * 4096) })));
    }
    const rows = areas.map((area) =>
      h(
        "tr",
        {},
        h("td", { className: "name", textContent: area.start.toString(16) }),
        h("td", { className: "number", textContent: bytes(area.size * 4096) }),
        h("td", { className: "name mode", textContent: area.mode }),
        h("td", {}, areaBar(area)),
        h("td", { className: "name", textContent: area.name }),
      ),
    );
    const head = ["address", "size", "may", "in memory", "what"].map((textContent) =>
      h("th", { textContent, scope: "col" }),
    );
    this.memory.replaceChildren(
      bar,
      key,
      h("p"),
      h(
        "div",
        { className: "scroll", tabIndex: 0 },
        h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)),
      ),
    );
  }

  private showDescriptors({ descriptors }: ProcessDetails): void {
    const arrows = { read: "reads", write: "writes", both: "reads and writes" };
    const rows = descriptors.map(({ fd, path, access, position }) =>
      h(
        "tr",
        {},
        h("td", { className: "number", textContent: String(fd) }),
        h("td", { className: "name", textContent: path }),
        h("td", { className: "soft", textContent: arrows[access] }),
        h("td", { className: "number", textContent: position > 0 ? bytes(position) : "" }),
      ),
    );
    const head = ["fd", "what", "for", "position"].map((textContent) => h("th", { textContent, scope: "col" }));
    this.descriptors.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)));
  }

  private async profile(): Promise<void> {
    const { pid } = this;
    this.sample.disabled = true;
    this.flame.element.textContent = "sampling…";
    const root = await this.machine?.profile(pid, 3000);
    this.sample.disabled = false;
    if (pid !== this.pid) return;
    if (root && root.value > 0) this.flame.show(root);
    else this.flame.element.textContent = root ? "It did nothing in that time." : "The process is gone.";
  }

  private async ask(): Promise<void> {
    const { pid } = this;
    this.diagnose.disabled = true;
    this.verdict.textContent = "watching…";
    const answer = await this.machine?.diagnose(pid, 3000);
    this.diagnose.disabled = false;
    if (pid === this.pid) this.verdict.textContent = answer?.text ?? "The process is gone.";
  }
}

function areaBar(area: Area): HTMLElement {
  const bar = h("div", { className: "memory" });
  bar.style.width = "80px";
  for (const [kind, className] of kinds) {
    const part = h("i", { className });
    part.style.width = `${(area[kind] / area.size) * 100}%`;
    bar.append(part);
  }
  const resident = kinds.reduce((total, [kind]) => total + area[kind], 0);
  bar.title = `${bytes(resident * 4096)} of ${bytes(area.size * 4096)}`;
  return bar;
}
