// Text from a guest, or from a file of unknown origin, on its way to somebody's terminal.

/** Control characters but tabs and ends of lines as \xNN: nothing that a terminal would act upon. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
