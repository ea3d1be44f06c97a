// A flame graph: who called whom, each as wide as its time. Choose a bar to see it at full width.
import type { FlameNode } from "../../../../src/browser/index.ts";
import { h, percent, time } from "../dom.ts";

/** Bars narrower than this share of the view are left out. */
const NARROW = 0.004;
const DEEPEST = 40;

export class FlameGraph {
  readonly element = h("div", { className: "flame" });
  private readonly info = h("p", { className: "soft", set: { role: "status" } });
  private root: FlameNode | undefined;

  show(root: FlameNode): void {
    this.root = root;
    this.draw([root]);
  }

  /** `path`: from the root to what is shown at full width. */
  private draw(path: readonly FlameNode[]): void {
    const bars = h("div", { className: "bars" });
    for (const [at, node] of path.slice(0, -1).entries()) bars.append(this.bar(node, 0, 1, at, path.slice(0, at + 1)));
    const place = (node: FlameNode, left: number, width: number, chain: readonly FlameNode[]): number => {
      const depth = chain.length - 1;
      bars.append(this.bar(node, left, width, depth, chain));
      let deepest = depth;
      let at = left;
      for (const child of [...node.children].sort((a, b) => b.value - a.value)) {
        const share = (child.value / node.value) * width;
        if (share >= NARROW && depth < DEEPEST) deepest = Math.max(deepest, place(child, at, share, [...chain, child]));
        at += share;
      }
      return deepest;
    };
    const deepest = place(path.at(-1)!, 0, 1, path);
    bars.style.height = `${(deepest + 1) * 19}px`;
    this.element.replaceChildren(bars, this.info);
    this.tell(path.at(-1)!);
  }

  private bar(node: FlameNode, left: number, width: number, depth: number, chain: readonly FlameNode[]): HTMLElement {
    const bar = h("button", {
      type: "button",
      className: `side-${node.side}`,
      textContent: node.name,
      onclick: () => this.draw(chain),
      onfocus: () => this.tell(node),
      onmouseenter: () => this.tell(node),
    });
    bar.style.left = `${left * 100}%`;
    bar.style.width = `${width * 100}%`;
    bar.style.top = `${depth * 19}px`;
    return bar;
  }

  private tell(node: FlameNode): void {
    const share = percent(node.value / (this.root?.value || 1));
    const where = node.where ? ` (${node.where})` : "";
    this.info.textContent = `${node.name}${where}: ${time(node.value)}, ${share}, ${node.side === "kernel" ? "kernel" : "user"} space`;
  }
}
