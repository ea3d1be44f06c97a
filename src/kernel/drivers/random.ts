// /dev/random and /dev/urandom: the host's random bytes. Since Linux 5.18 the two are alike once the pool is ready,
// and here it is ready from the start. random(4)
import { EFAULT, EINVAL, ENOTTY, EPERM, type Errno } from "../../abi/errno.ts";
import {
  RNDADDENTROPY,
  RNDADDTOENTCNT,
  RNDCLEARPOOL,
  RNDGETENTCNT,
  RNDRESEEDCRNG,
  RNDZAPENTCNT,
} from "../../abi/ioctl.ts";
import type { Kernel } from "../kernel.ts";
import { at, type IoBuffer, type UserAddress } from "../mm/user.ts";
import { CAP_SYS_ADMIN } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import type { FileOperations } from "../vfs/file.ts";
import type { CharDevice } from "./table.ts";

/** What the pool holds at most, in bits. */
const POOL_BITS = 256;
const CHUNK = 4096;

/** Fills a buffer with random bytes; getrandom(2) uses it too. Errors: EFAULT. */
export function readRandom(kernel: Kernel, into: IoBuffer): number | Errno {
  const chunk = new Uint8Array(Math.min(CHUNK, into.length));
  let done = 0;
  while (into.length > 0) {
    const part = chunk.subarray(0, Math.min(chunk.length, into.length));
    kernel.host.random(part);
    const n = into.put(part);
    done += n;
    if (n < part.length) break;
  }
  return done === 0 && into.length > 0 ? EFAULT : done;
}

// What programs stir in is read, as a bad address must show, and left: the host's source needs no help.
function writeRandom(from: IoBuffer): number | Errno {
  const chunk = new Uint8Array(Math.min(CHUNK, from.length));
  let done = 0;
  while (from.length > 0) {
    const want = Math.min(chunk.length, from.length);
    const n = from.take(chunk.subarray(0, want));
    done += n;
    if (n < want) break;
  }
  return done === 0 && from.length > 0 ? EFAULT : done;
}

function ioctlRandom(task: Task, command: number, argument: UserAddress): number | Errno {
  const privileged = task.cred.can(CAP_SYS_ADMIN);
  switch (command) {
    case RNDGETENTCNT:
      return task.mm.writeU32(argument, POOL_BITS);
    case RNDADDTOENTCNT: {
      if (!privileged) return EPERM;
      const bits = task.mm.readU32(argument);
      if (bits === undefined) return EFAULT;
      return (bits | 0) < 0 ? EINVAL : 0;
    }
    case RNDADDENTROPY: {
      if (!privileged) return EPERM;
      const bits = task.mm.readU32(argument);
      const size = task.mm.readU32(at(argument, 4));
      if (bits === undefined || size === undefined) return EFAULT;
      if ((bits | 0) < 0 || (size | 0) < 0) return EINVAL;
      const bytes = task.mm.read(at(argument, 8), Math.min(size, CHUNK));
      return typeof bytes === "number" ? bytes : 0;
    }
    case RNDZAPENTCNT:
    case RNDCLEARPOOL:
    case RNDRESEEDCRNG:
      return privileged ? 0 : EPERM;
    default:
      return ENOTTY;
  }
}

export function randomDevices(kernel: Kernel): CharDevice[] {
  const ops: FileOperations = {
    read: (_file, into) => readRandom(kernel, into),
    write: (_file, from) => writeRandom(from),
    ioctl: (_file, task, command, argument) => ioctlRandom(task, command, argument),
    seek: (file) => file.position,
  };
  const open = () => ops;
  return [
    { name: "random", major: 1, minor: 8, mode: 0o666, open },
    { name: "urandom", major: 1, minor: 9, mode: 0o666, open },
  ];
}
