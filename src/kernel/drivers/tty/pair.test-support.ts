// A pseudo-terminal of a kernel without tasks, for tests: files on both sides that never block.
import { errnoName } from "../../../abi/errno.ts";
import { O_NOCTTY, O_NONBLOCK, O_RDWR } from "../../../abi/flags.ts";
import { FIONREAD, TCSETS, TCSETSF, TIOCPKT, TIOCSPTLCK } from "../../../abi/ioctl.ts";
import { encodeTermios, TERMIOS_SIZE } from "../../../abi/termios.ts";
import type { Host } from "../../../host/host.ts";
import { Ram } from "../../../machine/ram.ts";
import { DevPts, devpts } from "../../fs/devpts/index.ts";
import { Kernel } from "../../kernel.ts";
import { KernelBuffer, type UserAddress } from "../../mm/user.ts";
import type { Task } from "../../task/task.ts";
import { anonymousInode } from "../../vfs/anonymous.ts";
import type { File } from "../../vfs/file.ts";
import { Path } from "../../vfs/mount.ts";
import { terminalFile } from "./file.ts";
import type { Pty } from "./pty.ts";

type Side = "master" | "slave";
/** What Linux would say: a count, bytes, or an error's name. */
type Result = number | string | number[];

export interface Pair {
  modes(iflag: number, oflag: number, lflag: number, cc: Record<number, number>, flush: boolean): Result;
  write(side: Side, bytes: Uint8Array): Result;
  read(side: Side, count: number): Result;
  waiting(side: Side): Result;
  poll(side: Side): Result;
  control(side: Side, command: number, argument: number): Result;
  packet(on: number): Result;
  close(side: Side): Result;
  open(): Result;
}

/** A host whose time stands still. */
function testHost(): Host {
  return {
    monotonic: () => 0,
    realtime: () => 0n,
    random: (into) => void into.fill(4),
    soon: () => undefined,
    after: () => () => undefined,
  };
}

function testKernel(): Kernel {
  return new Kernel({ host: testHost(), ram: new Ram({ maximum: 16 << 20 }), syscalls: [] });
}

const result = (value: unknown): Result => {
  if (typeof value !== "number") throw new Error("it blocks");
  return value < 0 ? errnoName(value) : value;
};

export function pair(kernel = testKernel()): Pair {
  const mounted = devpts.mount(kernel, { source: "devpts", flags: 0, data: "" });
  if (!(mounted instanceof DevPts)) throw new Error("devpts");
  const pty = mounted.createPty() as Pty;
  const path = new Path(kernel.vfs.anonymous, kernel.vfs.anonymous.root);
  const open = (terminal: Pty["master"]) =>
    terminalFile(terminal, path, anonymousInode(kernel, 0o20600), O_RDWR | O_NOCTTY | O_NONBLOCK);
  // The one word of user memory that requests are made with.
  let memory = new Uint8Array(64);
  const word = () => new DataView(memory.buffer).getUint32(0, true);
  const task = {
    kernel,
    group: { tty: undefined, pid: 1, sid: 1, pgid: 1 },
    cred: { can: () => true },
    mm: {
      read: (_at: UserAddress, length: number) => memory.slice(0, length),
      write: (_at: UserAddress, bytes: Uint8Array) => {
        memory.set(bytes);
        return 0;
      },
      readU32: word,
      writeU32: (_at: UserAddress, value: number) => {
        new DataView(memory.buffer).setUint32(0, value, true);
        return 0;
      },
    },
    callFiles: [],
    callFileCount: 0,
  } as unknown as Task;
  const files: Record<Side, File | undefined> = { master: undefined, slave: undefined };
  const take = (side: Side): Result => {
    const file = open(pty[side]);
    if (typeof file === "number") return errnoName(file);
    files[side] = file;
    return 0;
  };
  const control = (side: Side, command: number, argument: number): Result => {
    const file = files[side]!;
    return result(file.ops.ioctl!(file, task, command, argument as UserAddress));
  };
  const withWord = (value: number, command: number): Result => {
    memory = new Uint8Array(64);
    new DataView(memory.buffer).setUint32(0, value, true);
    return control("master", command, 8);
  };
  take("master");
  withWord(0, TIOCSPTLCK);
  take("slave");

  return {
    modes(iflag, oflag, lflag, cc, flush) {
      const { termios } = pty.slave;
      const next = { ...termios, iflag, oflag, lflag, cc: termios.cc.slice() };
      for (const [index, value] of Object.entries(cc)) next.cc[Number(index)] = value;
      memory.set(encodeTermios(next, TERMIOS_SIZE));
      return control("slave", flush ? TCSETSF : TCSETS, 8);
    },
    write(side, bytes) {
      const file = files[side]!;
      return result(file.ops.write!(file, new KernelBuffer(bytes), 0));
    },
    read(side, count) {
      const file = files[side]!;
      const into = new Uint8Array(count);
      const n = result(file.ops.read!(file, new KernelBuffer(into), 0));
      return typeof n === "number" ? [...into.subarray(0, n)] : n;
    },
    waiting(side) {
      const answer = control(side, FIONREAD, 8);
      return typeof answer === "string" ? answer : word();
    },
    poll(side) {
      const file = files[side]!;
      return file.ops.poll!(file);
    },
    control,
    packet: (on) => withWord(on, TIOCPKT),
    close(side) {
      files[side]!.unref();
      return 0;
    },
    open: () => take("slave"),
  };
}
