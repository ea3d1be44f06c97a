// Translations kept between machines, a file for each image in the origin's private file system. They only save time: what
// can't be read or written is as if it were not there.
import type { Hart } from "../../machine/hart.ts";

async function folder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  const airside = await root.getDirectoryHandle("airside", { create: true });
  return airside.getDirectoryHandle("translations", { create: true });
}

/** Whether an error means that there is nothing to be had or kept: no such API, not allowed, no room. */
const isUnavailable = (error: unknown): boolean => error instanceof TypeError || error instanceof DOMException;

/** The bytes that an earlier machine left; undefined when there are none. */
export async function keptTranslations(image: string): Promise<Uint8Array | undefined> {
  try {
    const file = await (await (await folder()).getFileHandle(image)).getFile();
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return undefined;
  }
}

/** The new file takes the old one's place at once: who reads it meanwhile sees one or the other. */
export async function keepTranslations(hart: Hart, image: string): Promise<void> {
  const bytes = hart.keepTranslations();
  if (!bytes) return;
  try {
    const handle = await (await folder()).getFileHandle(image, { create: true });
    const stream = await handle.createWritable();
    await stream.write(bytes.slice());
    await stream.close();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  }
}
