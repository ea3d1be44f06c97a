// Device numbers and the drivers behind them. A driver is one object; what it needs from the host arrives by argument.
import type { Errno } from "../../abi/errno.ts";
import type { Wait } from "../sched/wait-queue.ts";
import type { File, FileOperations } from "../vfs/file.ts";

/** st_rdev as programs see it (Linux's 64-bit encoding for the sizes that occur). makedev(3) */
export const makedev = (major: number, minor: number): number =>
  (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12);
export const major = (dev: number): number => (dev >>> 8) & 0xfff;
export const minor = (dev: number): number => (dev & 0xff) | ((dev >>> 12) & ~0xff);

export interface CharDevice {
  /** The name under /dev; undefined for devices that have no fixed one (pts). */
  readonly name: string | undefined;
  readonly major: number;
  readonly minor: number;
  /** Permission bits under /dev. */
  readonly mode?: number;
  open(file: File): FileOperations | Errno | Wait<FileOperations>;
}

/** A block device, addressed in bytes. */
export interface BlockDevice extends CharDevice {
  readonly block: true;
  /** Its size. */
  readonly bytes: number;
}

export class DeviceTable {
  private readonly characters = new Map<number, CharDevice>();
  private readonly blocks = new Map<number, BlockDevice>();
  /** Told when a device comes and when it goes: devtmpfs. */
  readonly onChange = new Set<(device: CharDevice | BlockDevice, there: boolean) => void>();

  register(device: CharDevice | BlockDevice): void {
    const table: Map<number, CharDevice> = "block" in device ? this.blocks : this.characters;
    table.set(makedev(device.major, device.minor), device);
    for (const told of this.onChange) told(device, true);
  }
  /** Its driver is gone. Files that are open stay as they are. */
  unregister(device: CharDevice | BlockDevice): void {
    const table: Map<number, CharDevice> = "block" in device ? this.blocks : this.characters;
    if (table.delete(makedev(device.major, device.minor))) for (const told of this.onChange) told(device, false);
  }
  character(dev: number): CharDevice | undefined {
    return this.characters.get(dev);
  }
  block(dev: number): BlockDevice | undefined {
    return this.blocks.get(dev);
  }
  /** All drivers, for devtmpfs and /proc/devices. */
  all(): (CharDevice | BlockDevice)[] {
    return [...this.characters.values(), ...this.blocks.values()];
  }
}
