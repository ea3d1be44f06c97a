// Figures as people read them.

export const number = (value: number): string => Math.round(value).toLocaleString("en-US");

/** "1 call", "2,000 calls". */
export const many = (count: number, noun: string): string =>
  `${number(count)} ${noun}${Math.round(count) === 1 ? "" : "s"}`;
export const times = (count: number): string => (count === 1 ? "once" : `${number(count)} times`);

export function bytesText(bytes: number): string {
  if (bytes < 10_000) return many(bytes, "byte");
  if (bytes < 10_000_000) return `${(bytes / 1000).toFixed(0)} kB`;
  return bytes < 10e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

export function milliseconds(nanoseconds: number): string {
  if (nanoseconds < 999.5) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(0)} µs`;
  if (nanoseconds < 1e9) return `${(nanoseconds / 1e6).toFixed(nanoseconds < 1e7 ? 1 : 0)} ms`;
  return `${(nanoseconds / 1e9).toFixed(2)} s`;
}

/** "37 %"; "under 1 %" rather than nothing. */
export const percent = (share: number): string =>
  share > 0 && share < 0.005 ? "under 1 %" : `${Math.round(share * 100)} %`;

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
