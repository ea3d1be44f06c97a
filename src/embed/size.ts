// Amounts as people write them in docker's options: "256m", "1g", "1.5g", 4096.

/** A time as people write it: 5, "5s", "500ms", "2m". Seconds. Throws a RangeError with one plain line. */
export function parseSeconds(time: number | string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(String(time).trim());
  const unit = { ms: 0.001, s: 1, m: 60, h: 3600 }[match?.[2] ?? "s"] ?? 1;
  const seconds = match ? Number(match[1]) * unit : 0;
  if (seconds > 0) return seconds;
  throw new RangeError(`not a time: ${time} (write it like 5s or 500ms)`);
}

const units: Record<string, number> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes. Throws a RangeError with one plain line for what is no amount. */
export function parseSize(amount: number | string): number {
  if (typeof amount === "number") {
    if (Number.isFinite(amount) && amount > 0) return Math.floor(amount);
  } else {
    const match = /^(\d+(?:\.\d+)?)([bkmgt]?)b?$/i.exec(amount.trim());
    const bytes = match ? Math.floor(Number(match[1]) * units[(match[2] || "b").toLowerCase()]!) : 0;
    if (bytes > 0) return bytes;
  }
  throw new RangeError(`not an amount of memory: ${amount} (write it like 512m or 1g)`);
}
