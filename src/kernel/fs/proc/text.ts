// Spellings that pages share.

import type { AddressSpace } from "../../mm/address-space.ts";
import type { Task } from "../../task/task.ts";
import type { Path } from "../../vfs/mount.ts";
import { pathName } from "../../vfs/path-name.ts";
import type { Reader } from "../rows/row.ts";

/** A count of pages as kilobytes, right-aligned: "    1234 kB". */
export const kB = (pages: number): string => `${String(pages * 4).padStart(8)} kB`;
export const hex = (value: number | bigint, width: number): string => value.toString(16).padStart(width, "0");
/** Nanoseconds as clock ticks of 10 ms. */
export const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / 1e7);

/** Octal escapes for the characters given, so that a name stays one field. */
export function mangle(text: string, characters = " \t\n\\#"): string {
  let out = "";
  for (const c of text) out += characters.includes(c) ? `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}` : c;
  return out;
}

/** A path as the reader sees it from its root; one with a deleted end says so. */
export function shownPath(path: Path, reader: Reader): string {
  return reader.task ? pathName(path, reader.task.fs.root) : path.dentry.name;
}

/** The address space of a task that still has one. */
export function mmOf(task: Task): AddressSpace | undefined {
  return task.state === "Z" || task.state === "X" || task.exiting ? undefined : task.mm;
}
