// What is behind a swap area, as an open file of the guest: a device, or a file of a filesystem that has a store of its
// own. Bytes go from the frame to it and back at once; what would have to wait can't be used.
import type { Ram } from "../../machine/ram.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { File } from "../vfs/file.ts";
import type { SwapStore } from "./swap.ts";
import { IoBuffer } from "./user.ts";

/** A frame as a buffer. */
class FrameBuffer extends IoBuffer {
  private readonly ram: Ram;
  private readonly frame: number;
  private done = 0;
  constructor(ram: Ram, frame: number) {
    super();
    this.ram = ram;
    this.frame = frame;
  }
  get length(): number {
    return PAGE_SIZE - this.done;
  }
  put(from: Uint8Array): number {
    const n = Math.min(from.length, this.length);
    this.ram.u8.set(from.subarray(0, n), this.frame + this.done);
    this.done += n;
    return n;
  }
  take(into: Uint8Array): number {
    const n = Math.min(into.length, this.length);
    const at = this.frame + this.done;
    into.set(this.ram.u8.subarray(at, at + n));
    this.done += n;
    return n;
  }
  override inRam(count: number): number {
    this.at = this.frame + this.done;
    return Math.min(count, this.length);
  }
  override pass(count: number): void {
    this.done += count;
  }
}

/** Takes over the reference to the file. */
export function fileStore(file: File): SwapStore {
  return {
    read: (ram, frame, offset) => file.ops.read!(file, new FrameBuffer(ram, frame), offset) === PAGE_SIZE,
    write: (ram, frame, offset) => file.ops.write!(file, new FrameBuffer(ram, frame), offset) === PAGE_SIZE,
    release: () => file.unref(),
  };
}
