// For tests: a kernel with a task that makes socket calls from memory of its own, without a machine that runs code.
import { type Errno, errnoName } from "../../abi/errno.ts";
import type { Host } from "../../host/host.ts";
import type { Context } from "../../machine/hart.ts";
import { Ram } from "../../machine/ram.ts";
import { Kernel } from "../kernel.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import type { UserAddress } from "../mm/user.ts";
import { Wait, WaitQueue } from "../sched/wait-queue.ts";
import { type Cred, userCred } from "../security/cred.ts";
import { SignalHandlers } from "../signal/handlers.ts";
import { PendingSignals } from "../signal/pending.ts";
import { rows } from "../syscalls/socket.ts";
import { FdTable } from "../task/fd-table.ts";
import { FsContext } from "../task/fs-context.ts";
import type { Task } from "../task/task.ts";
import { type MountNamespace, Path } from "../vfs/mount.ts";

export interface FakeHost extends Host {
  time: number;
}

export function fakeHost(): FakeHost {
  const host: FakeHost = {
    time: 0,
    monotonic: () => host.time,
    realtime: () => 0n,
    random: (into) => into.fill(7),
    soon: (callback) => callback(),
    after: () => () => undefined,
  };
  return host;
}

const table = new Map(rows.map((row) => [row.name, row]));

/** Memory of a task, and its calls. Each call's buffers are taken from the memory one after another. */
export class Caller {
  readonly kernel: Kernel;
  readonly task: Task;
  readonly memory = new Uint8Array(1 << 22);
  readonly view = new DataView(this.memory.buffer);
  private next = 4096;
  readonly pending = new PendingSignals();

  constructor(kernel: Kernel, pid: number, cred: Cred = userCred(0, 0), mounts?: MountNamespace) {
    this.kernel = kernel;
    const { memory } = this;
    const fits = (address: number, length: number): number => Math.max(0, Math.min(length, memory.length - address));
    const { view } = this;
    const EFAULT = -14;
    const bad = (address: number, length: number): boolean => address < 4096 || address + length > memory.length;
    const mm = {
      copyIn(address: number, into: Uint8Array): number {
        const n = address < 4096 ? 0 : fits(address, into.length);
        if (n > 0) into.set(memory.subarray(address, address + n));
        return n;
      },
      copyOut(address: number, from: Uint8Array): number {
        const n = address < 4096 ? 0 : fits(address, from.length);
        if (n > 0) memory.set(from.subarray(0, n), address);
        return n;
      },
      copyToRam(address: number, to: number, length: number): number {
        return mm.copyIn(address as UserAddress, kernel.ram.u8.subarray(to, to + length));
      },
      copyFromRam(address: number, from: number, length: number): number {
        return mm.copyOut(address as UserAddress, kernel.ram.u8.subarray(from, from + length));
      },
      read: (address: number, length: number) =>
        bad(address, length) ? EFAULT : memory.slice(address, address + length),
      write(address: number, bytes: Uint8Array): number {
        if (bad(address, bytes.length)) return EFAULT;
        memory.set(bytes, address);
        return 0;
      },
      readU32: (address: number) => (bad(address, 4) ? undefined : view.getUint32(address, true)),
      readU64: (address: number) => (bad(address, 8) ? undefined : view.getBigUint64(address, true)),
      writeU32(address: number, value: number): number {
        if (bad(address, 4)) return EFAULT;
        view.setUint32(address, value, true);
        return 0;
      },
      writeU64(address: number, value: bigint): number {
        if (bad(address, 8)) return EFAULT;
        view.setBigUint64(address, value, true);
        return 0;
      },
    } as unknown as AddressSpace;
    const threads = new Set<Task>();
    const group = {
      pid,
      pidNamespace: kernel.pidNamespace,
      limit: () => 1024,
      handlers: new SignalHandlers(),
      signalQueue: new WaitQueue(),
      threads,
      pending: new PendingSignals(),
      stopSignal: 0,
    };
    const root = mounts && new Path(mounts.root, mounts.root.root);
    this.task = {
      kernel,
      pid,
      tid: pid,
      cred,
      mounts,
      ipc: kernel.ipc,
      net: kernel.net,
      pidNamespace: kernel.pidNamespace,
      fs: root && new FsContext(root, root, 0o022),
      mm,
      group,
      files: new FdTable(),
      pending: this.pending,
      blockedLow: 0,
      blockedHigh: 0,
      awaitedLow: 0,
      awaitedHigh: 0,
      callFiles: [],
      callFileCount: 0,
    } as unknown as Task;
  }
  /** Room for `length` bytes. */
  room(length: number): number {
    const address = this.next;
    this.next += (length + 15) & ~15;
    return address;
  }
  put(bytes: Uint8Array | string): number {
    const from = typeof bytes === "string" ? Uint8Array.from(bytes, (c) => c.charCodeAt(0)) : bytes;
    const address = this.room(from.length);
    this.memory.set(from, address);
    return address;
  }
  int(value: number): number {
    const address = this.room(4);
    this.view.setInt32(address, value, true);
    return address;
  }
  text(address: number, length: number): string {
    return String.fromCharCode(...this.memory.subarray(address, address + length));
  }
  /** Makes a call; a result below zero is an error, a Wait a call that blocks. */
  begin(name: string, ...args: number[]): number | Wait {
    const row = table.get(name);
    if (!row) throw new Error(`no row ${name}`);
    this.kernel.current = this.task;
    const register = (index: number): number => args[index - 10] ?? 0;
    const context = {
      xi: (i: number) => register(i) | 0,
      xn: (i: number) => (register(i) < 0 ? register(i) + 2 ** 64 : register(i)),
      xs: register,
      low: (i: number) => register(i) | 0,
      x: (i: number) => BigInt(register(i)),
    } as unknown as Context;
    const result = row.call(this.task, context);
    if (typeof result === "bigint" || typeof result === "symbol") throw new Error("unexpected result");
    return result as number | Wait;
  }
  /** As `begin`, of a call that must not block. Errors come by name. */
  call(name: string, ...args: number[]): number | string {
    return this.outcome(this.begin(name, ...args));
  }
  outcome(result: number | Wait): number | string {
    if (result instanceof Wait) return "blocked";
    return result < 0 ? errnoName(result as Errno) : result;
  }
  retry(wait: number | Wait): number | string {
    if (!(wait instanceof Wait)) throw new Error("did not block");
    this.kernel.current = this.task;
    return this.outcome(wait.retry());
  }
  file(fd: number) {
    const file = this.task.files.get(fd);
    if (!file) throw new Error("bad fd");
    return file;
  }
  poll(fd: number): number {
    const file = this.file(fd);
    return file.ops.poll?.(file) ?? 0;
  }
  close(fd: number): void {
    this.kernel.current = this.task;
    const file = this.task.files.remove(fd);
    if (typeof file === "object") file.unref();
  }
  pair(type: number): [number, number] {
    const fds = this.room(8);
    const result = this.call("socketpair", 1, type, 0, fds);
    if (result !== 0) throw new Error(`socketpair: ${result}`);
    return [this.view.getInt32(fds, true), this.view.getInt32(fds + 4, true)];
  }
  send(fd: number, text: string, flags = 0): number | string {
    return this.call("sendto", fd, this.put(text), text.length, flags, 0, 0);
  }
  /** What a receive of up to `size` bytes gives: the text, or the error's name. */
  recv(fd: number, size: number, flags = 0): string {
    const buffer = this.room(size);
    const result = this.call("recvfrom", fd, buffer, size, flags, 0, 0);
    return typeof result === "number" ? this.text(buffer, Math.min(size, result)) : result;
  }
  ioctl(fd: number, command: number): number {
    const at = this.int(0) as UserAddress;
    const file = this.file(fd);
    const result = file.ops.ioctl?.(file, this.task, command, at);
    return result === 0 ? this.view.getInt32(at, true) : (result as number);
  }
  /** A getsockopt of an int. */
  option(fd: number, level: number, name: number): number | string {
    const value = this.int(0);
    const result = this.call("getsockopt", fd, level, name, value, this.int(4));
    return result === 0 ? this.view.getInt32(value, true) : result;
  }
  setOption(fd: number, level: number, name: number, value: number): number | string {
    return this.call("setsockopt", fd, level, name, this.int(value), 4);
  }
}

export function fakeKernel(): { kernel: Kernel; host: FakeHost } {
  const host = fakeHost();
  return { kernel: new Kernel({ host, ram: new Ram({ maximum: 1 << 26 }), syscalls: [] }), host };
}
