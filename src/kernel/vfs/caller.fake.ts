// For tests: a kernel whose root is a filesystem under test, and a task that makes file system calls from memory of its
// own, without a machine that runs code. Strings and byte arrays among the arguments are put into that memory.
import { errnoName } from "../../abi/errno.ts";
import { AT_FDCWD, O_CREAT, O_RDONLY, O_RDWR } from "../../abi/flags.ts";
import type { Host } from "../../host/host.ts";
import { fromBytes, fromText, toBytes } from "../../lib/byte-string.ts";
import type { Context } from "../../machine/hart.ts";
import { Ram } from "../../machine/ram.ts";
import { Kernel } from "../kernel.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { TimeNamespace } from "../namespace/time.ts";
import { Wait, WaitQueue } from "../sched/wait-queue.ts";
import { type Cred, userCred } from "../security/cred.ts";
import { PendingSignals } from "../signal/pending.ts";
import { systemCalls } from "../syscalls/index.ts";
import { FdTable } from "../task/fd-table.ts";
import { FsContext } from "../task/fs-context.ts";
import type { Task } from "../task/task.ts";
import { initialRlimits } from "../task/thread-group.ts";
import { Mount, MountNamespace, Path } from "./mount.ts";
import type { FileSystem, MountSource } from "./superblock.ts";

const table = new Map(systemCalls().flatMap((row) => (row ? [[row.name, row] as const] : [])));

export class Time {
  now = 0;
}

export function fakeKernel(time = new Time(), maximum = 64 << 20): Kernel {
  const host: Host = {
    monotonic: () => time.now,
    realtime: () => 1_700_000_000_000_000_000n + BigInt(time.now),
    random: (into: Uint8Array) => into.fill(7),
    soon: (callback: () => void) => callback(),
    after: () => () => undefined,
  } as Host;
  return new Kernel({ host, ram: new Ram({ maximum }), syscalls: systemCalls() });
}

/** Mounts a filesystem as the root of a new namespace. */
export function fakeRoot(kernel: Kernel, filesystem: FileSystem, from: Partial<MountSource> = {}): MountNamespace {
  const superblock = filesystem.mount(kernel, { source: "test", flags: 0, data: "", ...from });
  if (typeof superblock === "number") throw new Error(`mount: ${errnoName(superblock)}`);
  return new MountNamespace(1, new Mount(kernel.vfs.allocateMountId(), superblock, superblock.root, 0));
}

type Argument = number | string | Uint8Array | bigint;

export class FileCaller {
  readonly kernel: Kernel;
  readonly task: Task;
  readonly memory = new Uint8Array(1 << 20);
  readonly view = new DataView(this.memory.buffer);
  private next = 4096;

  constructor(kernel: Kernel, mounts: MountNamespace, cred: Cred = userCred(0, 0), pid = 1) {
    this.kernel = kernel;
    const root = new Path(mounts.root, mounts.root.root);
    const { memory } = this;
    const room = (address: number, length: number): number =>
      address < 4096 ? 0 : Math.max(0, Math.min(length, memory.length - address));
    const mm = {
      vmas: () => [],
      copyIn: (address: number, into: Uint8Array) => {
        const n = room(address, into.length);
        into.set(memory.subarray(address, address + n));
        return n;
      },
      copyOut: (address: number, from: Uint8Array) => {
        const n = room(address, from.length);
        memory.set(from.subarray(0, n), address);
        return n;
      },
      copyToRam: (address: number, to: number, length: number) => {
        const n = room(address, length);
        kernel.ram.u8.set(memory.subarray(address, address + n), to);
        return n;
      },
      copyFromRam: (address: number, from: number, length: number) => {
        const n = room(address, length);
        memory.set(kernel.ram.u8.subarray(from, from + n), address);
        return n;
      },
      clear: (address: number, length: number) => {
        const n = room(address, length);
        memory.fill(0, address, address + n);
        return n;
      },
      readString: (address: number, limit: number) => {
        if (room(address, 1) === 0) return -14;
        const end = memory.indexOf(0, address);
        return end - address >= limit ? -36 : fromBytes(memory, address, end);
      },
      place: () => 0,
      bringIn: room,
      locate: () => 0,
      read: (address: number, length: number) =>
        room(address, length) === length ? memory.slice(address, address + length) : -14,
      write: (address: number, bytes: Uint8Array) => {
        if (room(address, bytes.length) !== bytes.length) return -14;
        memory.set(bytes, address);
        return 0;
      },
      readU32: (address: number) => (room(address, 4) === 4 ? this.view.getUint32(address, true) : undefined),
      readU64: (address: number) => (room(address, 8) === 8 ? this.view.getBigUint64(address, true) : undefined),
      writeU32: (address: number, value: number) => {
        if (room(address, 4) !== 4) return -14;
        this.view.setUint32(address, value, true);
        return 0;
      },
      writeU64: (address: number, value: bigint) => {
        if (room(address, 8) !== 8) return -14;
        this.view.setBigUint64(address, value, true);
        return 0;
      },
    } as unknown as AddressSpace;
    const rlimits = initialRlimits();
    this.task = {
      kernel,
      pid,
      tid: pid,
      cred,
      mm,
      mounts,
      cgroup: kernel.cgroups.root,
      ipc: kernel.ipc,
      net: kernel.net,
      nsproxy: { mounts, time: new TimeNamespace() },
      pidNamespace: kernel.pidNamespace,
      files: new FdTable(),
      fs: new FsContext(root, root, 0o022),
      blockedLow: 0,
      blockedHigh: 0,
      awaitedLow: 0,
      awaitedHigh: 0,
      io: { readBytes: 0, writtenBytes: 0, reads: 0, writes: 0 },
      pending: new PendingSignals(),
      group: {
        pid,
        pidNamespace: kernel.pidNamespace,
        rlimits,
        limit: (resource: number) =>
          rlimits[resource]!.soft === 0xffffffffffffffffn ? Number.POSITIVE_INFINITY : Number(rlimits[resource]!.soft),
        signalQueue: new WaitQueue(),
        threads: new Set(),
        handlers: { get: () => ({ handler: 0, flags: 0, mask: 0n }) },
        pending: new PendingSignals(),
      },
      callFiles: [],
      callFileCount: 0,
      syscalls: 0,
    } as unknown as Task;
    kernel.tasks.add(this.task);
  }
  /** Room for bytes; reused when the memory has been handed out once. */
  room(length: number): number {
    if (this.next + length + 4096 > this.memory.length) this.next = 4096;
    const address = this.next;
    this.next += (length + 15) & ~15;
    return address;
  }
  put(bytes: Uint8Array): number {
    const address = this.room(bytes.length);
    this.memory.set(bytes, address);
    return address;
  }
  /** Makes a call. Returns its result, "WAIT" when it would block. */
  raw(name: string, ...args: Argument[]): number | Wait<number> {
    const row = table.get(name);
    if (!row) throw new Error(`no system call ${name}`);
    const values = args.map((value) => {
      if (typeof value === "string") return this.put(toBytes(`${fromText(value)}\0`));
      return value instanceof Uint8Array ? this.put(value) : value;
    });
    const context = {
      xi: (register: number) => Number(BigInt.asIntN(32, BigInt(values[register - 10] ?? 0))),
      xs: (register: number) => Number(values[register - 10] ?? 0),
      xn: (register: number) => {
        const value = BigInt(values[register - 10] ?? 0);
        return Number(BigInt.asUintN(64, value));
      },
      x: (register: number) => BigInt.asUintN(64, BigInt(values[register - 10] ?? 0)),
    } as unknown as Context;
    this.kernel.current = this.task;
    this.task.syscalls++;
    return row.call(this.task, context) as number | Wait<number>;
  }
  /** As `raw`, with errors by name: "ENOENT". */
  call(name: string, ...args: Argument[]): number | string {
    const result = this.raw(name, ...args);
    if (result instanceof Wait) return "WAIT";
    return result < 0 ? errnoName(result) : Number(result);
  }

  // what tests do all the time
  open(path: string, flags = O_RDONLY, mode = 0o644): number | string {
    return this.call("openat", AT_FDCWD, path, flags, mode);
  }
  /** Opens or dies. */
  fd(path: string, flags = O_RDWR | O_CREAT, mode = 0o644): number {
    const fd = this.open(path, flags, mode);
    if (typeof fd === "string") throw new Error(`open ${path}: ${fd}`);
    return fd;
  }
  write(fd: number, text: string): number | string {
    return this.call("write", fd, toBytes(fromText(text)), fromText(text).length);
  }
  read(fd: number, count = 4096): string {
    const address = this.room(count);
    const result = this.call("read", fd, address, count);
    return typeof result === "string" ? result : fromBytes(this.memory, address, address + result);
  }
  close(fd: number): number | string {
    return this.call("close", fd);
  }
  save(path: string, text: string, mode = 0o644): void {
    const fd = this.fd(path, O_RDWR | O_CREAT | 0o1000, mode);
    const result = this.write(fd, text);
    if (typeof result === "string") throw new Error(`write ${path}: ${result}`);
    this.close(fd);
  }
  load(path: string): string {
    const fd = this.open(path);
    if (typeof fd === "string") return fd;
    let text = "";
    for (let part = this.read(fd); part !== ""; part = this.read(fd)) text += part;
    this.close(fd);
    return text;
  }
  mkdir(path: string, mode = 0o755): number | string {
    return this.call("mkdirat", AT_FDCWD, path, mode);
  }
  unlink(path: string): number | string {
    return this.call("unlinkat", AT_FDCWD, path, 0);
  }
  rmdir(path: string): number | string {
    return this.call("unlinkat", AT_FDCWD, path, 0x200);
  }
  rename(from: string, to: string, flags = 0): number | string {
    return this.call("renameat2", AT_FDCWD, from, AT_FDCWD, to, flags);
  }
  link(from: string, to: string): number | string {
    return this.call("linkat", AT_FDCWD, from, AT_FDCWD, to, 0);
  }
  symlink(target: string, path: string): number | string {
    return this.call("symlinkat", target, AT_FDCWD, path);
  }
  readlink(path: string): string {
    const address = this.room(4096);
    const result = this.call("readlinkat", AT_FDCWD, path, address, 4096);
    return typeof result === "string" ? result : fromBytes(this.memory, address, address + result);
  }
  stat(path: string, flags = 0): Stat | string {
    const address = this.room(128);
    const result = this.call("newfstatat", AT_FDCWD, path, address, flags);
    return typeof result === "string" ? result : this.decode(address);
  }
  /** As lstat(2), or dies. */
  status(path: string): Stat {
    const status = this.stat(path, 0x100);
    if (typeof status === "string") throw new Error(`stat ${path}: ${status}`);
    return status;
  }
  private decode(address: number): Stat {
    const { view } = this;
    const long = (at: number): number => Number(view.getBigUint64(address + at, true));
    const time = (at: number): bigint =>
      view.getBigInt64(address + at, true) * 1_000_000_000n + view.getBigInt64(address + at + 8, true);
    return {
      dev: long(0),
      ino: long(8),
      mode: view.getUint32(address + 16, true),
      nlink: view.getUint32(address + 20, true),
      uid: view.getUint32(address + 24, true),
      gid: view.getUint32(address + 28, true),
      rdev: long(32),
      size: long(48),
      blocks: long(64),
      atime: time(72),
      mtime: time(88),
      ctime: time(104),
    };
  }
  /** Names in a directory, sorted, without "." and "..". */
  list(path: string): string[] | string {
    const fd = this.open(path, 0o200000);
    if (typeof fd === "string") return fd;
    const names: string[] = [];
    const address = this.room(2048);
    for (;;) {
      const n = this.call("getdents64", fd, address, 2048);
      if (typeof n === "string") return n;
      if (n === 0) break;
      for (let at = address; at < address + n; at += this.view.getUint16(at + 16, true)) {
        const name = fromBytes(this.memory, at + 19, this.memory.indexOf(0, at + 19));
        if (name !== "." && name !== "..") names.push(name);
      }
    }
    this.close(fd);
    return names.sort();
  }
}

export interface Stat {
  dev: number;
  ino: number;
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  rdev: number;
  size: number;
  blocks: number;
  atime: bigint;
  mtime: bigint;
  ctime: bigint;
}
