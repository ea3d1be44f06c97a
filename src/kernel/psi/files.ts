// Pressure as files: /proc/pressure and, in each group, cpu.pressure and its kin.
import { EFAULT, EINVAL, EOPNOTSUPP, ERANGE } from "../../abi/errno.ts";
import { fromBytes, toBytes } from "../../lib/byte-string.ts";
import type { CgroupFile, Opener } from "../cgroup/controller.ts";
import { parseInt32 } from "../cgroup/numbers.ts";
import type { Kernel } from "../kernel.ts";
import { putAll } from "../mm/user.ts";
import { ALWAYS_READY } from "../poll/ready.ts";
import type { Cred } from "../security/cred.ts";
import type { FileOperations } from "../vfs/file.ts";
import type { Resource } from "./pressure.ts";
import { pollTrigger, type TriggerHolder, writeTrigger } from "./trigger.ts";

const holderOf = (opener: Opener): TriggerHolder =>
  (opener.data ??= { trigger: undefined } satisfies TriggerHolder) as TriggerHolder;

/** A group's file. */
export function pressureFile(resource: Resource): CgroupFile {
  return {
    name: `${resource}.pressure`,
    where: "everywhere",
    shown: ({ pressure }) => pressure.enabled,
    show: ({ pressure }) => (pressure.enabled ? pressure.show(resource) : EOPNOTSUPP),
    write: ({ kernel, pressure }, text, opener) =>
      writeTrigger(kernel, pressure, resource, text, holderOf(opener), opener.cred),
    poll: (_cgroup, opener) => pollTrigger(holderOf(opener)),
    pollQueues(_cgroup, opener) {
      const { trigger } = holderOf(opener);
      return trigger ? [trigger.queue] : [];
    },
    release: (_cgroup, opener) => holderOf(opener).trigger?.release(),
  };
}

/** cgroup.pressure: counting can be switched off, and the files with it. */
export const pressureSwitch: CgroupFile = {
  name: "cgroup.pressure",
  where: "everywhere",
  show: ({ pressure }) => `${pressure.enabled ? 1 : 0}\n`,
  write({ kernel, pressure }, text) {
    const value = parseInt32(text);
    if (value !== 0 && value !== 1) return value === undefined ? EINVAL : ERANGE;
    pressure.advance(kernel.clock.monotonic());
    pressure.enabled = value === 1;
    return 0;
  },
};

/** A file of /proc/pressure, for one opener. */
export function systemPressure(kernel: Kernel, resource: Resource, cred: Cred): FileOperations {
  const holder: TriggerHolder = { trigger: undefined };
  const { pressure } = kernel.cgroups.root;
  let bytes: Uint8Array | undefined;
  return {
    read(_file, into, offset) {
      if (offset === 0 || !bytes) bytes = toBytes(pressure.show(resource));
      return putAll(into, bytes.subarray(offset));
    },
    write(_file, from) {
      const { length } = from;
      const text = from.takeAll(32);
      if (typeof text === "number") return text < 0 ? text : EFAULT;
      // Linux takes the last byte for the text's end, whatever it is.
      const result = writeTrigger(kernel, pressure, resource, fromBytes(text).slice(0, -1), holder, cred);
      return result === 0 ? length : result;
    },
    poll: () => ALWAYS_READY | pollTrigger(holder),
    pollQueues: () => (holder.trigger ? [holder.trigger.queue] : []),
    release: () => holder.trigger?.release(),
  };
}
