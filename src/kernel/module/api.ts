// What a module gets of the kernel: this object, and nothing else. All that it registers is kept with it, so that it goes
// when the module does; every call into it asks first whether it still may. docs/modules.md
import { EBUSY, EIO, ENODEV, type Errno } from "../../abi/errno.ts";
import { POLLERR, POLLHUP } from "../../abi/flags.ts";
import { MachineEnded } from "../crash/ended.ts";
import { moduleOops } from "../crash/oops.ts";
import { type CharDevice, makedev } from "../drivers/table.ts";
import { rowsFilesystem } from "../fs/rows/filesystem.ts";
import { type Directory, directory, link, page, type Reader, type Row } from "../fs/rows/row.ts";
import type { Kernel } from "../kernel.ts";
import { andThen, type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";
import type { Module } from "./module.ts";

export interface ModuleFilesystem {
  readonly name: string;
  /** f_type of statfs(2). */
  readonly magic: number;
  readonly rows: readonly Row<Kernel>[];
}

export interface ModuleKernel {
  /** Writes to the kernel log: priority 0 (emergency) to 7 (debug). */
  log(priority: number, text: string): void;
  /** Nanoseconds since boot. */
  monotonic(): number;
  random(into: Uint8Array): void;
  /** A device with a number of its own, and a name in /dev. Errors: EBUSY: the number is taken. */
  registerCharDevice(device: CharDevice): 0 | Errno;
  /** A filesystem of texts and links that are made when they are read. Errors: EBUSY: the name is taken. */
  registerFilesystem(filesystem: ModuleFilesystem): 0 | Errno;
  /** Calls back once, after `nanoseconds`; the result cancels it. */
  setTimer(nanoseconds: number, callback: () => void): () => void;
  /** A queue that calls of the module may wait on. */
  waitQueue(): WaitQueue;
  /** What a call answers that can't go on: it is tried again when the queue is woken. */
  waitOn(queue: WaitQueue, retry: () => IoResult): Wait<number>;
  /** Rows for a filesystem. */
  readonly page: typeof page<Kernel>;
  readonly link: typeof link<Kernel>;
  readonly directory: typeof directory<Kernel>;
  /** Symbols of other modules that the module's file asks for, by name. */
  readonly symbols: Readonly<Record<string, unknown>>;
}

export function moduleKernel(kernel: Kernel, module: Module, symbols: Readonly<Record<string, unknown>>): ModuleKernel {
  const undo = (cleanup: () => void): void => void module.cleanups.push(cleanup);
  return {
    log: (priority, text) => kernel.log.write(Math.max(0, Math.min(7, priority)), `${module.name}: ${text}`),
    monotonic: () => kernel.clock.monotonic(),
    random: (into) => kernel.host.random(into),
    registerCharDevice(device) {
      const { devices } = kernel;
      if (devices.character(makedev(device.major, device.minor))) return EBUSY;
      const shown = guardedDevice(module, device);
      devices.register(shown);
      undo(() => devices.unregister(shown));
      return 0;
    },
    registerFilesystem({ name, magic, rows }) {
      const { filesystems } = kernel.vfs;
      if (filesystems.has(name)) return EBUSY;
      const root = directory(
        "",
        rows.map((row) => guardedRow(module, row)),
        { mode: 0o755 },
      );
      const filesystem = rowsFilesystem(name, {
        magic,
        root,
        onMount: () => module.references++,
        onUnmount: () => module.references--,
      });
      filesystems.set(name, filesystem);
      undo(() => filesystems.delete(name));
      return 0;
    },
    setTimer(nanoseconds, callback) {
      const { timers, clock } = kernel;
      const timer = timers.set(clock.monotonic() + Math.max(0, nanoseconds), () => {
        if (module.usable) guardedCall(kernel, callback);
      });
      const cancel = (): void => timers.cancel(timer);
      undo(cancel);
      return cancel;
    },
    waitQueue() {
      const queue = new WaitQueue();
      module.queues.add(queue);
      return queue;
    },
    waitOn: (queue, retry) => waitOn<number>(queue, () => (module.usable ? retry() : EIO)),
    page,
    link,
    directory,
    symbols,
  };
}

/** Outside of any task nothing else stands on what the module does: its exception stays with it. */
export function guardedCall(kernel: Kernel, callback: () => void): void {
  try {
    callback();
  } catch (error) {
    if (error instanceof MachineEnded) throw error;
    moduleOops(kernel, error);
  }
}

/** Its opens count as uses of the module, until the files are closed. */
function guardedDevice(module: Module, device: CharDevice): CharDevice {
  return {
    ...device,
    open(file) {
      if (module.state !== "live") return ENODEV;
      return andThen<FileOperations, FileOperations>(device.open(file), (ops) =>
        guardedFile(module, counted(module, ops)),
      );
    },
  };
}

/** Each operation of its files, as long as it may be called. What else a file can do (mmap…) is not for modules. */
function guardedFile(module: Module, ops: FileOperations): FileOperations {
  const guard =
    <A extends unknown[], R>(call: (...args: A) => R, otherwise: R) =>
    (...args: A): R =>
      module.usable ? call.apply(ops, args) : otherwise;
  const guarded: FileOperations = {
    release(file: File) {
      module.references--;
      if (module.usable) ops.release?.(file);
    },
  };
  if (ops.stream) guarded.stream = true;
  if (ops.read) guarded.read = guard<Parameters<typeof ops.read>, IoResult>(ops.read, EIO);
  if (ops.write) guarded.write = guard<Parameters<typeof ops.write>, IoResult>(ops.write, EIO);
  if (ops.ioctl) guarded.ioctl = guard<Parameters<typeof ops.ioctl>, IoResult>(ops.ioctl, EIO);
  if (ops.fsync) guarded.fsync = guard<Parameters<typeof ops.fsync>, IoResult>(ops.fsync, EIO);
  if (ops.seek) guarded.seek = guard<Parameters<typeof ops.seek>, number | Errno>(ops.seek, EIO);
  if (ops.poll) guarded.poll = guard<Parameters<typeof ops.poll>, number>(ops.poll, POLLERR | POLLHUP);
  if (ops.pollQueues)
    guarded.pollQueues = guard<Parameters<typeof ops.pollQueues>, readonly WaitQueue[]>(ops.pollQueues, []);
  if (ops.fdinfo) guarded.fdinfo = guard<Parameters<typeof ops.fdinfo>, string>(ops.fdinfo, "");
  return guarded;
}

function guardedRow(module: Module, row: Row<Kernel>): Row<Kernel> {
  if (row.kind === "directory") {
    const rows = row.rows.map((child) => guardedRow(module, child));
    return { ...row, rows } satisfies Directory<Kernel>;
  }
  if (row.kind === "device")
    return { ...row, ops: (of, opener) => guardedFile(module, counted(module, row.ops(of, opener))) };
  const text = row.text;
  const shown = { ...row, text: (of: Kernel, reader: Reader) => (module.usable ? text(of, reader) : EIO) };
  if (shown.kind === "link" || !shown.write) return shown;
  const { write } = shown;
  return { ...shown, write: (of, value, reader) => (module.usable ? write(of, value, reader) : EIO) };
}

/** guardedFile gives a reference back when the file is closed. */
function counted(module: Module, ops: FileOperations): FileOperations {
  module.references++;
  return ops;
}
