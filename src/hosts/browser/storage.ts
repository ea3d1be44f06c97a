// A machine's layer in the origin's private file system: two files that are open for one machine at a time, which a lock
// of the origin's sees to.
import type { JournalFile } from "../../images/layer/journal.ts";

export interface LayerStorage {
  readonly files: readonly [JournalFile, JournalFile];
  /** Bytes that the browser would still take, as it says. */
  room(): Promise<number>;
  close(): void;
}

/** "busy": another machine, in this page or another, has it open. "none": this browser keeps nothing here. */
export async function openLayer(name: string): Promise<LayerStorage | "busy" | "none"> {
  if (!navigator.locks || !navigator.storage?.getDirectory) return "none";
  const release = await lock(`airside ${name}`);
  if (!release) return "busy";
  const handles: FileSystemSyncAccessHandle[] = [];
  const close = (): void => {
    for (const handle of handles) handle.close();
    release();
  };
  try {
    const root = await navigator.storage.getDirectory();
    const airside = await root.getDirectoryHandle("airside", { create: true });
    const layers = await airside.getDirectoryHandle("layers", { create: true });
    const folder = await layers.getDirectoryHandle(name, { create: true });
    for (const part of ["a", "b"]) {
      const file = await folder.getFileHandle(part, { create: true });
      handles.push(await file.createSyncAccessHandle());
    }
  } catch (error) {
    close();
    // TypeError: no such API here. DOMException: not allowed (private windows).
    if (error instanceof TypeError || error instanceof DOMException) return "none";
    throw error;
  }
  return { files: [fileOf(handles[0]!), fileOf(handles[1]!)], room, close };
}

async function room(): Promise<number> {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return Math.max(0, quota - usage);
}

/** Takes a lock that lasts until the result is called, or the worker is gone; undefined when somebody else has it. */
function lock(name: string): Promise<(() => void) | undefined> {
  return new Promise((answer, fail) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (taken) => {
        if (!taken) {
          answer(undefined);
          return undefined;
        }
        return new Promise<void>((release) => answer(() => release()));
      })
      .catch(fail);
  });
}

function fileOf(handle: FileSystemSyncAccessHandle): JournalFile {
  return {
    size: () => handle.getSize(),
    read: (at, into) => handle.read(into, { at }),
    write: (at, bytes) => writeAll(handle, at, bytes),
    truncate: (size) => handle.truncate(size),
    flush: () => handle.flush(),
  };
}

/** Writes all. Where there is no room, some browsers throw, some write less, and Chromium answers the system's error
 *  number as an unsigned one. Throws a DOMException, QuotaExceededError. */
export function writeAll(handle: FileSystemSyncAccessHandle, at: number, bytes: Uint8Array<ArrayBuffer>): void {
  if (handle.write(bytes, { at }) !== bytes.length) throw new DOMException("no room", "QuotaExceededError");
}
