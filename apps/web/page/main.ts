// The page: a terminal, and beside it the gate, a process, the lab, files.
import { type AirsideTerminal, boot, type Machine } from "../../../src/browser/index.ts";
import { h, tabs } from "./dom.ts";
import { FilesView } from "./files.ts";
import { ProcessView } from "./gate/process-view.ts";
import { GateView } from "./gate/view.ts";
import { LabView } from "./lab/view.ts";
import { readLink, shareDialog } from "./share.ts";

const shared = readLink(location.hash);
const terminal = document.createElement("airside-terminal") as AirsideTerminal;
const status = h("span", { className: "status", textContent: "starting…", set: { role: "status" } });
let machine: Machine | undefined;

const gate = new GateView();
const process = new ProcessView();
const files = new FilesView({ restart });
const lab = new LabView({
  history: gate.history,
  type: (text) => {
    terminal.process?.write(text);
    showTerminal();
  },
});
const terminalTab = h("div", { hidden: true });

const list = h("div", { className: "tabs" });
const all = [
  { id: "terminal", label: "Terminal", view: terminalTab, className: "phone-only" },
  { id: "gate", label: "Gate", view: gate.element },
  { id: "process", label: "Process", view: process.element },
  { id: "lab", label: "Lab", view: lab.element },
  { id: "files", label: "Files", view: files.element },
];
const { select } = tabs(list, "Views", all, (id) => {
  document.body.classList.toggle("terminal-shown", id === "terminal");
  if (id === "terminal") terminal.focus();
  if (id === "gate") gate.show();
  if (id === "files") void files.list();
  if (id === "process") process.resume();
  else process.stop();
});
gate.onSelect = (pid, name) => {
  gate.selected = pid;
  process.show(pid, name);
  select("process");
};

/** On a narrow screen the terminal is a tab. */
function showTerminal(): void {
  if (document.getElementById("tab-terminal")?.offsetParent) select("terminal");
  else terminal.focus();
}

document.body.append(
  h(
    "header",
    { className: "top" },
    h("h1", { textContent: "Airside" }),
    status,
    h(
      "div",
      { className: "actions" },
      h("button", {
        type: "button",
        textContent: "Share",
        onclick: () => {
          const dialog = shareDialog(shared);
          document.body.append(dialog);
          dialog.showModal();
        },
      }),
    ),
  ),
  h(
    "main",
    {},
    h("div", { className: "screen" }, terminal),
    h("div", { className: "panel" }, list, ...all.map(({ view }) => view)),
  ),
);
const narrow = matchMedia("(max-width: 820px)");
const labAsked = location.hash === "#lab";
select(labAsked ? "lab" : narrow.matches ? "terminal" : "gate");
narrow.addEventListener("change", () => select(narrow.matches ? "terminal" : "gate"));

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  const dropped = [...(event.dataTransfer?.files ?? [])];
  if (dropped.length === 0) return;
  select("files");
  void files.put(dropped);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") void machine?.commit();
});

const kept = {
  kept: "what you write is kept in this browser",
  off: "what you write ends with this page",
  busy: "this machine is open in another tab: what you write here ends with this page",
  none: "this browser keeps nothing: what you write ends with this page",
  full: "no room left in this browser: what you write now is not kept",
  lost: "the browser has taken the storage away: what you write now is not kept",
} as const;

async function start(layer: Blob | undefined): Promise<void> {
  // A machine from a link is a stranger's: it leaves the visitor's own alone.
  const own = shared.script === "";
  machine = await boot({
    image: shared.image,
    ...(own ? { keep: "page" } : {}),
    ...(layer ? { layer } : {}),
    onLog: (line) => terminal.say(line),
    onKept: (state) => tell(state),
  });
  const tell = (state: keyof typeof kept): void => {
    const took = `${shared.image}, up in ${Math.round(machine!.booted.milliseconds)} ms; `;
    status.replaceChildren(h("span", { className: "optional", textContent: took }), kept[state]);
  };
  tell(machine.booted.kept);
  Object.assign(globalThis, { airside: { machine, terminal } });
  gate.connect(machine);
  process.connect(machine);
  files.connect(machine);
  lab.connect(machine);
  void run(machine);
  void ended(machine);
}

/** A machine that ended by itself: its crash report, and another machine. */
async function ended(running: Machine): Promise<void> {
  const { how, text, report } = await running.ended;
  if (running !== machine) return;
  const dialog: HTMLDialogElement = h(
    "dialog",
    { set: { "aria-label": "The machine has ended" } },
    h("h2", { textContent: how === "panic" ? "The kernel has panicked" : "The machine has ended" }),
    h("p", {
      textContent:
        how === "panic"
          ? `${text}. Its crash report, explained:`
          : `${{ restart: "It restarts", halt: "It was halted", poweroff: "It was switched off" }[how]}.`,
    }),
    report !== undefined &&
      h("pre", {
        className: "log wide",
        tabIndex: 0,
        textContent: report,
        set: { role: "region", "aria-label": "Crash report" },
      }),
    h("p", {}, h("button", { type: "button", textContent: "Start it again", onclick: () => dialog.close() })),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    void restart(undefined);
  });
  document.body.append(dialog);
  if (how === "restart") dialog.dispatchEvent(new Event("close"));
  else dialog.showModal();
  lab.ended(how);
}

/** The shell, again and again: a machine without one is of no use here. */
async function run(running: Machine): Promise<void> {
  const command = shared.command === "/bin/bash" ? ["/bin/bash"] : ["/bin/sh", "-c", `exec ${shared.command}`];
  let first = true;
  while (running === machine) {
    const argv =
      first && shared.script !== "" ? ["/bin/sh", "-c", `${shared.script}\nexec ${shared.command}`] : command;
    first = false;
    let code: number;
    try {
      code = await terminal.attach(running, argv);
    } catch (error) {
      // A machine that has ended says so itself.
      const ended = (error as Error).name === "MachineEnded";
      if (running === machine && !ended) terminal.say((error as Error).message);
      return;
    }
    if (running === machine) terminal.say(`[ended with code ${code}]`);
  }
}

async function restart(layer: Blob | undefined): Promise<void> {
  const old = machine;
  machine = undefined;
  await old?.shutdown();
  terminal.terminal.reset();
  try {
    await start(layer);
  } catch (error) {
    status.textContent = (error as Error).message;
    await start(undefined);
  }
}

try {
  await start(undefined);
  if (!labAsked && document.activeElement === document.body) terminal.focus();
} catch (error) {
  status.textContent = (error as Error).message;
  terminal.say((error as Error).message);
}
