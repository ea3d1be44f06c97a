// Elements made in one expression, rows kept by key, tabs with the keyboard's manners, amounts as people read them.

type Child = Node | string | undefined | false;
type Properties<K extends keyof HTMLElementTagNameMap> = {
  [P in keyof HTMLElementTagNameMap[K]]?: HTMLElementTagNameMap[K][P];
} & { set?: Record<string, string> };

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties<K> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  const { set, ...rest } = properties;
  Object.assign(element, rest);
  for (const [name, value] of Object.entries(set ?? {})) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** Keeps an element for each key, in order; what holds the focus stays where it is. */
export class Keyed<T> {
  private readonly parent: Element;
  private readonly make: (item: T) => Element;
  private readonly update: (element: Element, item: T) => void;
  private elements = new Map<string | number, Element>();

  constructor(parent: Element, make: (item: T) => Element, update: (element: Element, item: T) => void) {
    this.parent = parent;
    this.make = make;
    this.update = update;
  }
  show(items: readonly T[], keyOf: (item: T) => string | number): void {
    const now = new Map<string | number, Element>();
    let place = this.parent.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      const element = this.elements.get(key) ?? this.make(item);
      this.update(element, item);
      now.set(key, element);
      if (element === place) place = place.nextElementSibling;
      else this.parent.insertBefore(element, place);
    }
    for (const [key, element] of this.elements) if (!now.has(key)) element.remove();
    this.elements = now;
  }
}

export interface Tab {
  id: string;
  label: string;
  view: HTMLElement;
  className?: string;
}

/** Tabs as the ARIA practices have them: arrows move, Home and End jump, only the chosen one is in the tab order. */
export function tabs(list: HTMLElement, label: string, all: readonly Tab[], onSelect: (id: string) => void) {
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", label);
  const buttons = all.map((tab) => {
    tab.view.setAttribute("role", "tabpanel");
    tab.view.id = `view-${tab.id}`;
    tab.view.setAttribute("aria-labelledby", `tab-${tab.id}`);
    return h("button", {
      id: `tab-${tab.id}`,
      type: "button",
      textContent: tab.label,
      className: tab.className ?? "",
      set: { role: "tab", "aria-controls": tab.view.id },
      onclick: () => select(tab.id),
    });
  });
  const select = (id: string, focus = false): void => {
    all.forEach((tab, at) => {
      const chosen = tab.id === id;
      tab.view.hidden = !chosen;
      buttons[at]!.setAttribute("aria-selected", String(chosen));
      buttons[at]!.tabIndex = chosen ? 0 : -1;
      if (chosen && focus) buttons[at]!.focus();
    });
    onSelect(id);
  };
  list.addEventListener("keydown", (event) => {
    const visible = all.filter((_, at) => buttons[at]!.offsetParent !== null);
    const at = visible.findIndex((tab) => document.activeElement?.id === `tab-${tab.id}`);
    const moves: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: visible.length - 1,
    };
    const to = moves[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    select(visible.at(to % visible.length)!.id, true);
  });
  list.append(...buttons);
  return { select };
}

const units = ["B", "KB", "MB", "GB"];
/** "1.2 MB". */
export function bytes(count: number): string {
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1024;
    unit++;
  }
  return `${count < 10 && unit > 0 ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}

/** "12,300", rounded to three figures from a thousand on. */
export const count = (number: number): string =>
  number >= 1000
    ? Number(number.toPrecision(3)).toLocaleString("en")
    : number >= 10 || Number.isInteger(number)
      ? String(Math.round(number))
      : number.toFixed(1);

/** "3.4 µs" from nanoseconds. */
export function time(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${Math.round(nanoseconds)} ns`;
  const [value, unit] =
    nanoseconds < 1e6
      ? [nanoseconds / 1e3, "µs"]
      : nanoseconds < 1e9
        ? [nanoseconds / 1e6, "ms"]
        : [nanoseconds / 1e9, "s"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** A colour of the page's, by the name of its property. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A canvas's context at the screen's resolution; undefined while it is not shown. */
export function context(
  canvas: HTMLCanvasElement,
  height: number,
): { draw: CanvasRenderingContext2D; width: number } | undefined {
  const width = canvas.clientWidth;
  if (width === 0) return undefined;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.height = `${height}px`;
  }
  const draw = canvas.getContext("2d");
  if (!draw) return undefined;
  draw.setTransform(scale, 0, 0, scale, 0, 0);
  draw.clearRect(0, 0, width, height);
  return { draw, width };
}
