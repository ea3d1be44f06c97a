// The io controller: bytes and transfers by device, limits of both, and shares by weight. What a device is and how it is
// shared is said in io-device.ts; where reads and writes come by is vfs/io.ts. cgroups(7)
import { EINVAL, ENODEV, ERANGE, type Errno } from "../../abi/errno.ts";
import { type Wait, waitOn } from "../sched/wait-queue.ts";
import type { Task } from "../task/task.ts";
import type { Cgroup } from "./cgroup.ts";
import type { Controller, ControllerState } from "./controller.ts";
import { chain, count, type IoCounts, type IoDevice, type IoLimits, IoUse, NO_LIMITS } from "./io-device.ts";

const WEIGHT_DEFAULT = 100;
const WEIGHT_MAX = 10000;

export class IoState implements ControllerState {
  readonly cgroup: Cgroup;
  readonly uses = new Map<IoDevice, IoUse>();
  weight = WEIGHT_DEFAULT;

  constructor(cgroup: Cgroup) {
    this.cgroup = cgroup;
  }
  use(device: IoDevice): IoUse {
    let use = this.uses.get(device);
    if (!use) {
      use = new IoUse();
      this.uses.set(device, use);
    }
    return use;
  }
  weightFor(use: IoUse): number {
    return use.weight ?? this.weight;
  }
  /** What the children of the same parent do with the device. */
  *siblings(device: IoDevice): Generator<IoUse> {
    for (const { own } of this.cgroup.parent!.children.values()) {
      const use = own.io?.uses.get(device);
      if (use) yield use;
    }
  }
}

/** A transfer that is done: the device's, and that of the groups of whoever made it. */
export function countTransfer({ cgroup }: Task, device: IoDevice, writes: boolean, bytes: number): void {
  count(device.counts, writes, bytes);
  if (cgroup.parent) for (const state of chain(cgroup)) count(state.use(device).counts, writes, bytes);
}

/** Before a task of a group makes a transfer: the wait for its turn, after which `go` makes it; undefined: it is now. */
export function throttleTransfer<T>(
  task: Task,
  device: IoDevice,
  writes: boolean,
  bytes: number,
  go: () => T | Errno | Wait<T>,
): Wait<T> | undefined {
  const { clock } = task.kernel;
  const now = clock.monotonic();
  let until = now;
  for (const state of chain(task.cgroup)) until = Math.max(until, state.use(device).reserve(now, writes, bytes));
  const turn = (): T | Errno | Wait<T> => takeTurn(task, device, bytes, go) ?? go();
  if (until <= now) return takeTurn(task, device, bytes, go);
  const paid = (): T | Errno | Wait<T> => (clock.monotonic() < until ? wait() : turn());
  const wait = (): Wait<T> =>
    waitOn<T>([], paid, { deadline: until, onTimeout: () => 0 as T & 0, killable: true, io: true });
  return wait();
}

/** Waits while a sibling with less than its share has something to do; then charges the transfer. */
function takeTurn<T>(task: Task, device: IoDevice, bytes: number, go: () => T | Errno | Wait<T>): Wait<T> | undefined {
  const now = task.kernel.clock.monotonic();
  let until: number | undefined;
  for (const state of chain(task.cgroup)) {
    const use = state.use(device);
    const held = use.ahead(now, state.weightFor(use), state.siblings(device));
    if (held !== undefined) until = Math.max(until ?? held, held);
  }
  if (until === undefined) {
    for (const state of chain(task.cgroup)) {
      const use = state.use(device);
      use.charge(now, state.weightFor(use), bytes);
    }
    device.progress.wakeAll();
    return undefined;
  }
  const held = [...chain(task.cgroup)].map((state) => state.use(device));
  for (const use of held) use.waits(1);
  const goOn = (): void => {
    for (const use of held) use.waits(-1);
  };
  return waitOn<T>(
    device.progress,
    () => {
      goOn();
      return takeTurn(task, device, bytes, go) ?? go();
    },
    {
      deadline: until,
      interrupt: () => {
        goOn();
        return 0 as T & 0;
      },
      killable: true,
      io: true,
    },
  );
}

const KEYS = ["rbps", "wbps", "riops", "wiops"] as const;

/** The device that a line begins with, and the rest. Errors: EINVAL, ENODEV. */
function deviceOf({ kernel }: Cgroup, text: string): { device: IoDevice; rest: string } | Errno {
  const match = /^(\d+:\d+)(?:\s+(.*))?$/.exec(text);
  if (!match) return EINVAL;
  for (const { io } of kernel.vfs.superblocks.keys()) {
    if (io !== undefined && io.number === match[1]) return { device: io, rest: match[2] ?? "" };
  }
  return ENODEV;
}

/** "0:31 rbps=1048576 wiops=max". Errors: EINVAL, ENODEV, ERANGE for a rate of 0. */
function writeMax(cgroup: Cgroup, text: string): 0 | Errno {
  const found = deviceOf(cgroup, text);
  if (typeof found === "number") return found;
  const use = cgroup.own.io!.use(found.device);
  const limits: IoLimits = { ...use.limits };
  for (const word of found.rest.split(/\s+/)) {
    if (word === "") continue;
    const [, key, value] = /^([a-z]+)=(max|\d+)$/.exec(word) ?? [];
    if (value === undefined) return EINVAL;
    if (value !== "max" && Number(value) === 0) return ERANGE;
    const known = KEYS.find((name) => name === key);
    if (!known || value === "1") return EINVAL;
    limits[known] = value === "max" ? Number.POSITIVE_INFINITY : Number(value);
  }
  use.limits = KEYS.every((key) => limits[key] === Number.POSITIVE_INFINITY) ? NO_LIMITS : limits;
  return 0;
}

/** "100", "default 100", "0:31 100", "0:31 default". Errors: EINVAL, ENODEV, ERANGE. */
function writeWeight(cgroup: Cgroup, text: string): 0 | Errno {
  const state = cgroup.own.io!;
  const inRange = (weight: number): boolean => weight >= 1 && weight <= WEIGHT_MAX;
  const [, general] = /^(?:default\s+)?(\d+)$/.exec(text) ?? [];
  if (general !== undefined) {
    if (!inRange(Number(general))) return EINVAL;
    state.weight = Number(general);
    return 0;
  }
  const found = deviceOf(cgroup, text);
  if (typeof found === "number") return found;
  if (found.rest !== "default" && !/^\d+$/.test(found.rest)) return EINVAL;
  const weight = found.rest === "default" ? undefined : Number(found.rest);
  if (weight !== undefined && !inRange(weight)) return ERANGE;
  state.use(found.device).weight = weight;
  return 0;
}

function statistics(counts: Iterable<readonly [IoDevice, IoCounts]>): string {
  let text = "";
  for (const [{ number }, { readBytes, writtenBytes, reads, writes }] of counts) {
    if (reads + writes === 0) continue;
    text += `${number} rbytes=${readBytes} wbytes=${writtenBytes} rios=${reads} wios=${writes} dbytes=0 dios=0\n`;
  }
  return text;
}

function* countsOf({ parent, kernel, own }: Cgroup): Generator<[IoDevice, IoCounts]> {
  if (parent) for (const [device, { counts }] of own.io!.uses) yield [device, counts];
  else for (const { io } of kernel.vfs.superblocks.keys()) if (io) yield [io, io.counts];
}

const shownLimit = (limit: number): string => (limit === Number.POSITIVE_INFINITY ? "max" : String(limit));

export const io: Controller = {
  name: "io",
  threaded: false,
  create: (cgroup) => new IoState(cgroup),
  files: [
    { name: "io.stat", where: "everywhere", show: (cgroup) => statistics(countsOf(cgroup)) },
    {
      name: "io.max",
      show({ own }) {
        let text = "";
        for (const [{ number }, { limits }] of own.io!.uses) {
          if (limits === NO_LIMITS) continue;
          text += `${number} ${KEYS.map((key) => `${key}=${shownLimit(limits[key])}`).join(" ")}\n`;
        }
        return text;
      },
      write: writeMax,
    },
    {
      name: "io.weight",
      show({ own }) {
        const { weight, uses } = own.io!;
        let text = `default ${weight}\n`;
        for (const [{ number }, use] of uses) if (use.weight !== undefined) text += `${number} ${use.weight}\n`;
        return text;
      },
      write: writeWeight,
    },
  ],
};
