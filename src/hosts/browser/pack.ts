// Chunks of images kept in the origin's private file system: one file of slots, each a chunk, and one that says which
// chunk lies in which slot. Read synchronously, which only a worker may. Whatever is wrong with them costs time alone:
// every chunk is checked against its hash by whoever takes it from here.
import { CHUNK_SIZE } from "../../kernel/fs/imagefs/layout.ts";
import { writeAll } from "./storage.ts";

const DATA = "data";
const SLOTS = "slots";

export class Pack {
  private readonly data: FileSystemSyncAccessHandle;
  private readonly slots: FileSystemSyncAccessHandle;
  /** Chunk number → slot. */
  private readonly places = new Map<number, number>();
  private used = 0;
  private full = false;

  private constructor(data: FileSystemSyncAccessHandle, slots: FileSystemSyncAccessHandle) {
    this.data = data;
    this.slots = slots;
    const count = Math.min(slots.getSize() >>> 2, Math.ceil(data.getSize() / CHUNK_SIZE));
    const numbers = new Uint32Array(count);
    slots.read(new Uint8Array(numbers.buffer), { at: 0 });
    numbers.forEach((chunk, slot) => {
      this.places.set(chunk, slot);
    });
    this.used = count;
  }

  /** Opens the pack of an image; undefined where there is no such file system, or another machine has it open. */
  static async open(id: string): Promise<Pack | undefined> {
    const handles: FileSystemSyncAccessHandle[] = [];
    try {
      const root = await navigator.storage.getDirectory();
      const airside = await root.getDirectoryHandle("airside", { create: true });
      const images = await airside.getDirectoryHandle("images", { create: true });
      const folder = await images.getDirectoryHandle(id, { create: true });
      for (const name of [DATA, SLOTS]) {
        const file = await folder.getFileHandle(name, { create: true });
        handles.push(await file.createSyncAccessHandle());
      }
      return new Pack(handles[0]!, handles[1]!);
    } catch (error) {
      for (const handle of handles) handle.close();
      // TypeError: no such API here. DOMException: not allowed (private windows), or open elsewhere.
      if (error instanceof TypeError || error instanceof DOMException) return undefined;
      throw error;
    }
  }
  /** Removes what was kept of an image that this name stood for earlier, unless a machine has it open. */
  static async supersede(name: string, id: string): Promise<void> {
    try {
      const root = await navigator.storage.getDirectory();
      const airside = await root.getDirectoryHandle("airside", { create: true });
      const names = await airside.getDirectoryHandle("names", { create: true });
      const note = await names.getFileHandle(name, { create: true });
      const before = await (await note.getFile()).text();
      if (before === id) return;
      const stream = await note.createWritable();
      await stream.write(id);
      await stream.close();
      if (before === "") return;
      const images = await airside.getDirectoryHandle("images", { create: true });
      await images.removeEntry(before, { recursive: true });
    } catch (error) {
      // It only takes room, and this is tried again with the next image of that name.
      if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    }
  }
  has(chunk: number): boolean {
    return this.places.has(chunk);
  }
  /** Fills with a chunk's bytes from `within` on; false when it is not here. */
  read(chunk: number, within: number, into: Uint8Array): boolean {
    const slot = this.places.get(chunk);
    return slot !== undefined && this.data.read(into, { at: slot * CHUNK_SIZE + within }) === into.length;
  }
  /** Keeps a chunk if there is room: the slot's bytes before its name. */
  keep(chunk: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.full || this.places.has(chunk)) return;
    try {
      writeAll(this.data, this.used * CHUNK_SIZE, bytes);
      writeAll(this.slots, this.used * 4, new Uint8Array(Uint32Array.of(chunk).buffer));
      this.places.set(chunk, this.used++);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.full = true;
    }
  }
  /** What is kept under this number is not what it should be: it is written anew elsewhere. */
  forget(chunk: number): void {
    this.places.delete(chunk);
  }
  close(): void {
    for (const handle of [this.data, this.slots]) {
      handle.flush();
      handle.close();
    }
  }
}
