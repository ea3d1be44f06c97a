// Frames for data in transit: what was given back lately is handed out again as it is, without being cleared.
import type { Ram } from "../../machine/ram.ts";

/** Frames that are kept. */
const KEPT = 128;

export class FramePool {
  private readonly ram: Ram;
  private readonly spare: number[] = [];

  constructor(ram: Ram) {
    this.ram = ram;
  }
  /** A frame with whatever is in it; 0 without memory. */
  take(): number {
    return this.spare.pop() ?? this.ram.allocFrame();
  }
  give(frame: number): void {
    if (this.spare.length < KEPT) this.spare.push(frame);
    else this.ram.unref(frame);
  }
}
