// The gate: a minute's shares, processes, system calls as they cross, and who had the processor.
import type { Machine } from "../../../../src/browser/index.ts";
import { bytes, count, h, Keyed, percent, time } from "../dom.ts";
import { drawMinute, drawTimeline } from "./charts.ts";
import { type CallView, History, type ProcessView, type Share } from "./history.ts";

/** System calls in the table. */
const CALLS = 12;
const PROCESSES = 40;

/** What the clock can't tell from nothing: browsers coarsen it. */
const FINEST = crossOriginIsolated ? "< 5 µs" : "< 0.1 ms";

const states: Readonly<Record<string, string>> = {
  R: "running",
  S: "waiting",
  D: "waiting",
  T: "stopped",
  t: "traced",
  Z: "zombie",
  X: "gone",
};

export function stateOf({ state, waitsIn, status }: ProcessView): string {
  if (status >= 0) {
    const signal = status & 0x7f;
    return signal === 0 ? `ended, code ${status >> 8}` : `killed by signal ${signal}`;
  }
  return state === "S" && waitsIn !== "" ? `waits in ${waitsIn}` : (states[state] ?? state);
}

export function band({ user, kernel, length }: Share): HTMLElement {
  const element = h("span", { className: "band", set: { role: "img" } });
  element.append(h("i", { className: "user" }), h("i", { className: "kernel" }));
  setBand(element, { user, kernel, length });
  return element;
}

export function setBand(element: Element, { user, kernel, length }: Share): void {
  const share = (part: number): number => (length > 0 ? Math.min(1, part / length) : 0);
  const [first, second] = element.children as unknown as [HTMLElement, HTMLElement];
  first.style.width = `${share(user) * 100}%`;
  second.style.width = `${share(kernel) * 100}%`;
  const label = `user space ${percent(share(user))}, kernel space ${percent(share(kernel))}`;
  if (element.getAttribute("aria-label") !== label) element.setAttribute("aria-label", label);
}

export class GateView {
  readonly element: HTMLElement;
  readonly history = new History();
  onSelect: ((pid: number, name: string) => void) | undefined;
  selected = 0;
  private readonly minute = h("canvas", { set: { role: "img", "aria-label": "A minute of the machine" } });
  private readonly timeline = h("canvas", {
    set: { role: "img", "aria-label": "Turns of the processor in the last two seconds" },
  });
  private readonly shares: Record<"user" | "kernel" | "wait", HTMLElement> = {
    user: h("b"),
    kernel: h("b"),
    wait: h("b"),
  };
  private readonly totals = h("p", { className: "soft" });
  private readonly processes: Keyed<ProcessView>;
  private readonly calls: Keyed<CallView>;

  constructor() {
    const processRows = h("tbody");
    this.processes = new Keyed(
      processRows,
      (process) => this.makeProcess(process),
      (row, process) => this.showProcess(row as HTMLTableRowElement, process),
    );
    const callRows = h("tbody");
    this.calls = new Keyed(callRows, makeCall, showCall);
    const { user, kernel, wait } = this.shares;
    const head = (...names: [string, string?][]): HTMLElement =>
      h(
        "thead",
        {},
        h("tr", {}, ...names.map(([name, className = ""]) => h("th", { textContent: name, className, scope: "col" }))),
      );
    this.element = h(
      "section",
      { className: "view", tabIndex: 0 },
      h(
        "div",
        { className: "key" },
        h("span", {}, h("i", { className: "user" }), "user space ", user),
        h("span", {}, h("i", { className: "kernel" }), "kernel space ", kernel),
        h("span", {}, h("i", { className: "wait" }), "nothing to do ", wait),
      ),
      h("p", {}),
      this.minute,
      this.totals,
      h("h3", { textContent: "Processes" }),
      h(
        "div",
        { className: "scroll", tabIndex: 0 },
        h(
          "table",
          {},
          head(["name"], ["pid", "number"], ["last 5 s"], ["state"], ["calls/s", "number"], ["memory", "number"]),
          processRows,
        ),
      ),
      h("h3", { textContent: "System calls, each second" }),
      h(
        "div",
        { className: "scroll", tabIndex: 0 },
        h(
          "table",
          {},
          head(["call"], ["calls", "number"], ["bytes", "number"], ["takes", "number"], ["errors", "number"]),
          callRows,
        ),
      ),
      h("h3", { textContent: "Who has the processor" }),
      this.timeline,
    );
  }

  connect(machine: Machine): void {
    machine.watch((frame) => {
      this.history.add(frame);
      if (this.element.offsetParent !== null) requestAnimationFrame(() => this.show());
    });
  }

  show(): void {
    const { history } = this;
    drawMinute(this.minute, history);
    drawTimeline(this.timeline, history);
    const { user, kernel, length } = history.share(2e9);
    if (length > 0) {
      this.shares.user.textContent = percent(user / length);
      this.shares.kernel.textContent = percent(kernel / length);
      this.shares.wait.textContent = percent(Math.max(0, 1 - (user + kernel) / length));
    }
    const recent = history.last(2e9);
    const sum = (pick: (frame: (typeof recent)[number]) => number): number =>
      recent.reduce((total, frame) => total + pick(frame), 0) / (length / 1e9 || 1);
    const { memory } = history.latest ?? { memory: { total: 0, free: 0 } };
    this.totals.textContent = `Each second: ${count(sum((f) => f.switches))} switches, ${count(sum((f) => f.faults))} page faults. Memory: ${bytes(memory.total - memory.free)} of ${bytes(memory.total)}.`;
    this.processes.show(history.processes().slice(0, PROCESSES), ({ pid }) => pid);
    this.calls.show(history.calls().slice(0, CALLS), ({ name }) => name);
  }

  private makeProcess(process: ProcessView): Element {
    const { pid } = process;
    const button: HTMLButtonElement = h("button", {
      type: "button",
      className: "row",
      onclick: () => this.onSelect?.(pid, button.textContent ?? ""),
    });
    return h(
      "tr",
      {},
      h("td", { className: "name" }, button),
      h("td", { className: "number", textContent: String(pid) }),
      h("td", {}, band(process.share)),
      h("td", { className: "soft" }),
      h("td", { className: "number" }),
      h("td", { className: "number" }),
    );
  }
  private showProcess(row: HTMLTableRowElement, process: ProcessView): void {
    const cells = row.cells;
    const button = cells[0]!.firstElementChild as HTMLButtonElement;
    const name = process.name + (process.threads > 1 ? ` (${process.threads})` : "");
    text(button, name);
    button.style.marginLeft = `${Math.min(6, process.depth) * 12}px`;
    setBand(cells[2]!.firstElementChild!, process.share);
    text(cells[3]!, stateOf(process));
    text(cells[4]!, process.rate > 0 ? count(process.rate) : "");
    text(cells[5]!, process.resident > 0 ? bytes(process.resident) : "");
    row.classList.toggle("gone", process.status >= 0);
    if (process.pid === this.selected) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function makeCall({ name }: CallView): Element {
  const number = (): HTMLElement => h("td", { className: "number" });
  return h("tr", {}, h("td", { className: "name", textContent: name }), number(), number(), number(), number());
}

function showCall(row: Element, call: CallView): void {
  const { cells } = row as HTMLTableRowElement;
  text(cells[1]!, count(call.rate));
  text(cells[2]!, call.bytes > 0 ? bytes(call.bytes) : "");
  text(cells[3]!, call.latency > 0 ? time(call.latency) : call.latency === 0 ? FINEST : "");
  text(cells[4]!, call.errors > 0 ? count(call.errors) : "");
}

function text(element: Element, value: string): void {
  if (element.textContent !== value) element.textContent = value;
}
