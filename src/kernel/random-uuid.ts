// Random names for machines and what they make. RFC 9562, version 4
import type { Host } from "../host/host.ts";

export function randomUuid(host: Host): string {
  const bytes = new Uint8Array(16);
  host.random(bytes);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
