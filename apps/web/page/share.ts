// What a link says: image, command, script. In the fragment, which no server is told.
import { h } from "./dom.ts";

export interface Shared {
  image: string;
  command: string;
  /** Run by the shell before the command is given the terminal. */
  script: string;
}

const usual: Shared = { image: "debian", command: "/bin/bash", script: "" };

export function readLink(fragment: string): Shared {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  return {
    image: fields.get("image") || usual.image,
    command: fields.get("cmd") || usual.command,
    script: fields.get("script") ?? "",
  };
}

export function makeLink(shared: Shared, page: string): string {
  const fields = new URLSearchParams();
  if (shared.image !== usual.image) fields.set("image", shared.image);
  if (shared.command !== usual.command) fields.set("cmd", shared.command);
  if (shared.script !== "") fields.set("script", shared.script);
  const url = new URL(page);
  url.hash = fields.toString();
  return url.href;
}

/** The dialog that makes a link. */
export function shareDialog(current: Shared): HTMLDialogElement {
  const field = (value: string, label: string): HTMLInputElement =>
    h("input", { value, spellcheck: false, set: { "aria-label": label }, oninput: () => show() });
  const image = field(current.image, "Image");
  const command = field(current.command, "Command");
  const script = h("textarea", {
    rows: 5,
    value: current.script,
    spellcheck: false,
    set: { "aria-label": "Script" },
    oninput: () => show(),
  });
  const link = h("input", { readOnly: true, set: { "aria-label": "Link" } });
  const copied = h("span", { className: "soft", set: { role: "status" } });
  const show = (): void => {
    link.value = makeLink({ image: image.value, command: command.value, script: script.value }, location.href);
    copied.textContent = "";
  };
  show();
  const row = (name: string, input: HTMLElement): HTMLElement =>
    h("p", { className: "field" }, h("span", { className: "soft", textContent: name }), input);
  const dialog: HTMLDialogElement = h(
    "dialog",
    { set: { "aria-label": "Share" } },
    h("h2", { textContent: "Share this machine" }),
    h("p", {
      textContent:
        "Whoever opens the link gets a fresh machine of their own, which runs the script and then the command. Files are shared as an archive (Files).",
    }),
    row("Image", image),
    row("Command", command),
    h("p", {}, h("span", { className: "soft", textContent: "Script" }), script),
    h(
      "p",
      { className: "field" },
      link,
      h("button", {
        type: "button",
        textContent: "Copy",
        onclick: () =>
          void navigator.clipboard.writeText(link.value).then(
            () => {
              copied.textContent = "copied";
            },
            () => link.select(),
          ),
      }),
      copied,
    ),
    h("button", { type: "button", textContent: "Close", onclick: () => dialog.close() }),
  );
  dialog.addEventListener("close", () => dialog.remove());
  return dialog;
}
