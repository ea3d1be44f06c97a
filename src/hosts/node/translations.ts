// Translations kept between machines, a file for each image: $XDG_CACHE_HOME/airside/translations. They only save time:
// what can't be read or written is as if it were not there.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Hart } from "../../machine/hart.ts";
import { cacheFolder } from "./images/cache.ts";

const fileFor = (name: string): string => join(cacheFolder(), "translations", name.replace(/[^\w.-]/g, "_"));

/** Whether an error of the file system means that there is nothing to be had or kept. */
const isUnavailable = (error: unknown): boolean => error instanceof Error && "code" in error;

export function useKept(hart: Hart, name: string): void {
  try {
    hart.useTranslations(readFileSync(fileFor(name)));
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  }
}

/** The new file takes the old one's place at once: who reads it meanwhile sees one or the other. */
export function keep(hart: Hart, name: string): void {
  const bytes = hart.keepTranslations();
  if (!bytes) return;
  const file = fileFor(name);
  const fresh = `${file}.${process.pid}`;
  try {
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, bytes, { mode: 0o600 });
    renameSync(fresh, file);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  }
}
