// Files in and out: drop or choose them, take them out of a folder; the whole of what was written as a tar archive.
import type { Machine } from "../../../src/browser/index.ts";
import { bytes, h } from "./dom.ts";

/** Entries of a folder that are listed. */
const LISTED = 300;

export interface FilesActions {
  /** Begins anew with this archive of a layer, or with nothing. */
  restart(layer: Blob | undefined): Promise<void>;
}

export class FilesView {
  readonly element: HTMLElement;
  private machine: Machine | undefined;
  private readonly actions: FilesActions;
  private readonly path = h("input", { value: "/root", spellcheck: false, set: { "aria-label": "Folder" } });
  private readonly rows = h("tbody");
  private readonly message = h("p", { set: { role: "status" } });

  constructor(actions: FilesActions) {
    this.actions = actions;
    const chooser = h("input", {
      type: "file",
      multiple: true,
      className: "visually-hidden",
      tabIndex: -1,
      set: { "aria-label": "Files to put into the folder" },
      onchange: () => void this.put([...(chooser.files ?? [])]),
    });
    const archive = h("input", {
      type: "file",
      accept: ".tar",
      className: "visually-hidden",
      tabIndex: -1,
      set: { "aria-label": "An archive to begin with" },
      onchange: () => void this.begin(archive.files?.[0]),
    });
    const button = (textContent: string, onclick: () => void): HTMLButtonElement =>
      h("button", { type: "button", textContent, onclick });
    this.element = h(
      "section",
      { className: "view files", tabIndex: 0 },
      h("h2", { textContent: "Files" }),
      h(
        "div",
        { className: "drop" },
        h("p", { textContent: "Drop files anywhere on this page to put them into the folder below." }),
        button("Choose files", () => chooser.click()),
        chooser,
      ),
      h(
        "form",
        {
          className: "field",
          onsubmit: (event) => {
            event.preventDefault();
            void this.list();
          },
        },
        this.path,
        h("button", { textContent: "List" }),
      ),
      this.message,
      h("table", {}, this.rows),
      h("h3", { textContent: "Everything that was written" }),
      h("p", {
        textContent:
          "All that differs from the image, as a tar archive in the form of a container image's layer: to keep, to share, to begin another machine with.",
      }),
      h(
        "div",
        { className: "field" },
        button("Save as archive", () => void this.save()),
        button("Begin with an archive", () => archive.click()),
        archive,
        button("Begin anew, with nothing", () => void this.forget()),
      ),
    );
  }

  connect(machine: Machine): void {
    this.machine = machine;
  }

  async list(): Promise<void> {
    const { machine } = this;
    if (!machine) return;
    const folder = this.path.value.replace(/\/+$/, "") || "/";
    try {
      const names = (await machine.fs.list(folder)).sort();
      const rows: HTMLElement[] = [];
      if (folder !== "/") rows.push(this.entry("..", folder.replace(/\/[^/]*$/, "") || "/", undefined));
      for (const name of names.slice(0, LISTED)) {
        const path = `${folder === "/" ? "" : folder}/${name}`;
        const status = await machine.fs.stat(path).catch(() => undefined);
        rows.push(this.entry(name, path, status));
      }
      this.rows.replaceChildren(...rows);
      this.message.textContent = names.length > LISTED ? `${LISTED} of ${names.length} entries` : "";
    } catch (error) {
      this.rows.replaceChildren();
      this.message.textContent = (error as Error).message;
    }
  }

  /** Puts files into the folder. */
  async put(files: readonly File[]): Promise<void> {
    const { machine } = this;
    if (!machine || files.length === 0) return;
    const folder = this.path.value.replace(/\/+$/, "");
    for (const file of files) {
      const path = `${folder}/${file.name}`;
      try {
        await machine.fs.write(path, new Uint8Array(await file.arrayBuffer()));
        this.message.textContent = `${path}: ${bytes(file.size)}`;
      } catch (error) {
        this.message.textContent = (error as Error).message;
        return;
      }
    }
    await this.list();
    this.message.textContent = `${files.length === 1 ? `${folder}/${files[0]!.name} is` : `${files.length} files are`} there`;
  }

  private entry(name: string, path: string, status: { type: string; size: number } | undefined): HTMLElement {
    const isFolder = status === undefined || status.type === "directory";
    const open = h("button", {
      type: "button",
      className: "row",
      textContent: isFolder ? `${name}/` : name,
      onclick: () => {
        if (!isFolder) {
          void this.take(path, name);
          return;
        }
        this.path.value = path;
        void this.list();
      },
    });
    if (!isFolder) open.setAttribute("aria-label", `Download ${name}`);
    return h(
      "tr",
      {},
      h("td", { className: "name" }, open),
      h("td", { className: "number", textContent: status && !isFolder ? bytes(status.size) : "" }),
    );
  }

  private async take(path: string, name: string): Promise<void> {
    try {
      const content = await this.machine!.fs.read(path);
      download(new Blob([content as Uint8Array<ArrayBuffer>]), name);
    } catch (error) {
      this.message.textContent = (error as Error).message;
    }
  }
  private async save(): Promise<void> {
    if (this.machine) download(await this.machine.archive(), "airside-layer.tar");
  }
  private async begin(file: File | undefined): Promise<void> {
    if (file) await this.actions.restart(file);
    await this.list();
  }
  private async forget(): Promise<void> {
    if (!confirm("Everything that was written on this machine will be gone. Go on?")) return;
    await this.actions.restart(new Blob([new Uint8Array(1024)]));
    await this.list();
  }
}

function download(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
