// The lab: exercises beside the live machine. Each step is ticked when the machine has done it.
import type { Machine } from "../../../../src/browser/index.ts";
import { h } from "../dom.ts";
import type { History } from "../gate/history.ts";
import { type Exercise, Progress } from "./exercise.ts";
import { exercises } from "./exercises.ts";

export interface LabActions {
  history: History;
  /** As if typed. */
  type(text: string): void;
}

const STORE = "airside lab";

export class LabView {
  readonly element = h("section", { className: "view", tabIndex: 0 });
  private readonly actions: LabActions;
  private readonly done = new Set<string>(JSON.parse(localStorage.getItem(STORE) ?? "[]") as string[]);
  private machine: Machine | undefined;
  private open: { progress: Progress; marks: HTMLElement[]; after: HTMLElement } | undefined;

  constructor(actions: LabActions) {
    this.actions = actions;
    this.showList();
  }

  connect(machine: Machine): void {
    this.machine = machine;
    machine.watch((frame) => {
      const { open } = this;
      if (!open) return;
      void open.progress.see(frame, machine).then(() => this.mark());
    });
  }

  /** The machine has ended by itself. */
  ended(how: string): void {
    const { open } = this;
    if (!open) return;
    void open.progress.end(how).then(() => this.mark());
  }

  private showList(): void {
    this.open = undefined;
    const items = exercises.map((exercise) => {
      const done = this.done.has(exercise.id);
      return h(
        "li",
        {},
        h(
          "button",
          { type: "button", onclick: () => this.showExercise(exercise) },
          h("span", { textContent: exercise.title }),
          h("span", { className: "done-mark", textContent: done ? "✓ done" : "" }),
        ),
      );
    });
    this.element.replaceChildren(
      h("h2", { textContent: "The lab" }),
      h("p", {
        textContent:
          "User space is where programs run. Kernel space is where the operating system runs. Between them is a gate. These exercises let you push at it: the machine here is yours alone, and nothing you break outlives it. Each step is ticked off when the machine has really done it.",
      }),
      h("ol", { className: "exercises" }, ...items),
    );
  }

  private showExercise(exercise: Exercise): void {
    const progress = new Progress(exercise);
    const marks = exercise.steps.map((step) => h("li", { textContent: step.text }));
    const after = h("div", { hidden: true }, h("h3", { textContent: "What happened" }), html(exercise.after));
    const tries = exercise.tries.map((text) =>
      h(
        "div",
        { className: "try" },
        h("pre", { textContent: text }),
        h("button", {
          type: "button",
          textContent: "Run",
          onclick: () => this.actions.type(`${text}\n`),
          set: { "aria-label": `Run: ${text.slice(0, 60)}` },
        }),
      ),
    );
    const back = h("button", { type: "button", textContent: "All exercises", onclick: () => this.showList() });
    this.element.replaceChildren(
      h(
        "article",
        { className: "exercise" },
        h("p", {}, back),
        h("h2", { textContent: exercise.title }),
        html(exercise.before),
        h("h3", { textContent: "Try" }),
        ...tries,
        h("h3", { textContent: "Done when" }),
        h("ul", { className: "steps", set: { "aria-live": "polite" } }, ...marks),
        after,
      ),
    );
    this.element.scrollTop = 0;
    this.open = { progress, marks, after };
    if (this.machine) void exercise.prepare?.(this.machine);
  }

  private mark(): void {
    const { open } = this;
    if (!open) return;
    open.progress.done.forEach((done, at) => {
      const mark = open.marks[at]!;
      if (done && !mark.classList.contains("done")) {
        mark.classList.add("done");
        mark.append(h("span", { className: "visually-hidden", textContent: " (done)" }));
      }
    });
    if (!open.progress.complete || !open.after.hidden) return;
    open.after.hidden = false;
    this.done.add(open.progress.exercise.id);
    localStorage.setItem(STORE, JSON.stringify([...this.done]));
  }
}

/** The exercises' own markup, which is part of this program. */
function html(text: string): HTMLElement {
  const element = h("div");
  element.innerHTML = text;
  return element;
}
