// Disks: bytes of the host as block devices, /dev/vda and so on. What the guest writes is there at once.
import { EFAULT, EINVAL, EIO, ENOSPC, ENOTTY, type Errno } from "../../abi/errno.ts";
import type { HostFile } from "../fs/hostfs/host-folder.ts";
import type { Kernel } from "../kernel.ts";
import type { IoBuffer, UserAddress } from "../mm/user.ts";
import type { Task } from "../task/task.ts";
import type { File, FileOperations } from "../vfs/file.ts";
import { genericSeek } from "../vfs/generic-file.ts";
import type { BlockDevice } from "./table.ts";

/** What virtio's block devices get on Linux. */
const MAJOR = 254;
/** Minors of a disk: its partitions'. */
const MINORS = 16;
/** What lies in pieces goes by way of a buffer of this size. */
const BOUNCE = 64 * 1024;

const BLKGETSIZE = 0x1260;
const BLKFLSBUF = 0x1261;
const BLKSSZGET = 0x1268;
const BLKDISCARD = 0x1277;
const BLKBSZGET = 0x80081270;
const BLKGETSIZE64 = 0x80081272;
const SECTOR = 512;
const BLOCK = 4096;

/** A disk's bytes. */
export type DiskStore = Pick<HostFile, "read" | "write" | "sync">;

export interface Disk {
  readonly name: string;
  readonly store: DiskStore;
  /** Bytes. */
  readonly size: number;
}

/** Moves bytes between a buffer and the store, from RAM where the buffer lies there in one piece. */
function transfer({ store, size }: Disk, kernel: Kernel, buffer: IoBuffer, offset: number, writes: boolean): number {
  let done = 0;
  let left = Math.min(buffer.length, size - offset);
  if (left <= 0) return writes && buffer.length > 0 ? ENOSPC : 0;
  while (left > 0) {
    const want = buffer.inRam(left, !writes);
    const n =
      want > 0
        ? (writes ? store.write : store.read).call(store, kernel.ram.u8, buffer.at, want, offset + done)
        : bounced(store, buffer, Math.min(left, BOUNCE), offset + done, writes);
    if (n <= 0) return done > 0 ? done : n === 0 ? EIO : n;
    if (want > 0) buffer.pass(n);
    done += n;
    left -= n;
  }
  return done;
}

function bounced(store: DiskStore, buffer: IoBuffer, count: number, offset: number, writes: boolean): number | Errno {
  const bytes = new Uint8Array(count);
  if (writes) {
    const taken = buffer.take(bytes);
    return taken === 0 ? EFAULT : store.write(bytes, 0, taken, offset);
  }
  const n = store.read(bytes, 0, count, offset);
  if (n <= 0) return n;
  return buffer.put(bytes.subarray(0, n)) || EFAULT;
}

function control(disk: Disk, task: Task, command: number, argument: UserAddress): number | Errno {
  const { mm } = task;
  switch (command) {
    case BLKGETSIZE64:
      return mm.writeU64(argument, BigInt(disk.size));
    case BLKGETSIZE:
      return mm.writeU64(argument, BigInt(Math.floor(disk.size / SECTOR)));
    case BLKSSZGET:
      return mm.writeU32(argument, SECTOR);
    case BLKBSZGET:
      return mm.writeU32(argument, BLOCK);
    case BLKFLSBUF:
      return disk.store.sync(false);
    case BLKDISCARD:
      return EINVAL;
    default:
      return ENOTTY;
  }
}

/** The device of a disk, the `index`th of the machine. */
export function diskDevice(kernel: Kernel, disk: Disk, index: number): BlockDevice {
  const ops: FileOperations = {
    read: (_file, into, offset) => transfer(disk, kernel, into, offset, false),
    write: (_file, from, offset) => transfer(disk, kernel, from, offset, true),
    ioctl: (_file, task, command, argument) => control(disk, task, command, argument),
    fsync: (_file, dataOnly) => disk.store.sync(dataOnly),
    seek(file: File, offset, whence) {
      // SEEK_END counts from the end of the device.
      if (whence !== 2) return genericSeek(file, offset, whence);
      if (disk.size + offset < 0) return EINVAL;
      file.position = disk.size + offset;
      return file.position;
    },
  };
  return {
    name: disk.name,
    block: true,
    bytes: disk.size,
    major: MAJOR,
    minor: index * MINORS,
    mode: 0o660,
    open: () => ops,
  };
}

/** A disk in the host's own memory, for hosts without files. Written parts alone take room. */
export function memoryDisk(name: string, size: number): Disk {
  const chunks = new Map<number, Uint8Array>();
  const each = (
    count: number,
    offset: number,
    move: (chunk: Uint8Array | undefined, at: number, done: number, n: number, index: number) => void,
  ): number => {
    for (let done = 0; done < count; ) {
      const at = (offset + done) % BOUNCE;
      const n = Math.min(BOUNCE - at, count - done);
      const index = Math.floor((offset + done) / BOUNCE);
      move(chunks.get(index), at, done, n, index);
      done += n;
    }
    return count;
  };
  const store: DiskStore = {
    read: (into, to, count, offset) =>
      each(count, offset, (chunk, at, done, n) => {
        if (chunk) into.set(chunk.subarray(at, at + n), to + done);
        else into.fill(0, to + done, to + done + n);
      }),
    write: (from, start, count, offset) =>
      each(count, offset, (chunk, at, done, n, index) => {
        const room = chunk ?? new Uint8Array(BOUNCE);
        if (!chunk) chunks.set(index, room);
        room.set(from.subarray(start + done, start + done + n), at);
      }),
    sync: () => 0,
  };
  return { name, store, size };
}
