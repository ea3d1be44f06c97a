// An example of a kernel module: /dev/rot13 gives back what was written to it, each letter moved along the alphabet. A
// reader of an empty device waits for a writer. docs/modules.md goes through it.
import {
  type CharDevice,
  EAGAIN,
  EFAULT,
  EINVAL,
  type FileOperations,
  type ModuleKernel,
  O_NONBLOCK,
  type Parameter,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
  type WaitQueue,
} from "../../src/module.ts";

export const info = {
  name: "rot13",
  version: "1.0",
  description: "Moves letters along the alphabet",
  author: "The Airside authors",
  license: "MIT",
  // From the range that Linux leaves to everyone: an open of a node with these numbers loads the module.
  alias: ["char-major-240-*"],
};

export const parameters = {
  shift: { type: "int", value: 13, mode: 0o644, description: "Letters to move by" },
} satisfies Record<string, Parameter>;

const CAPACITY = 65536;

/** Bytes that have been written and not yet read. */
let held = new Uint8Array(0);
let readers: WaitQueue;

/** One byte, moved if it is a letter. */
function rotate(byte: number, shift: number): number {
  const first = byte >= 97 && byte <= 122 ? 97 : byte >= 65 && byte <= 90 ? 65 : undefined;
  return first === undefined ? byte : first + ((((byte - first + shift) % 26) + 26) % 26);
}

function operations(kernel: ModuleKernel): FileOperations {
  const read: NonNullable<FileOperations["read"]> = (file, into) => {
    if (into.length === 0) return 0;
    if (held.length === 0) return file.flags & O_NONBLOCK ? EAGAIN : kernel.waitOn(readers, () => read(file, into, 0));
    const count = into.put(held);
    held = held.slice(count);
    return count === 0 ? EFAULT : count;
  };
  return {
    stream: true,
    read,
    write(_file, from) {
      const room = CAPACITY - held.length;
      if (room === 0 && from.length > 0) return EAGAIN;
      const bytes = from.takeAll(room);
      if (typeof bytes === "number") return bytes;
      const all = new Uint8Array(held.length + bytes.length);
      all.set(held);
      bytes.forEach((byte, i) => {
        all[held.length + i] = rotate(byte, parameters.shift.value);
      });
      held = all;
      readers.wakeAll(POLLIN | POLLRDNORM);
      return bytes.length;
    },
    poll: () => (held.length > 0 ? POLLIN | POLLRDNORM : 0) | (held.length < CAPACITY ? POLLOUT | POLLWRNORM : 0),
    pollQueues: () => [readers],
  };
}

export function init(kernel: ModuleKernel): number {
  // What the type says holds for the parameter's kind; what makes sense is for the module to say.
  if (Math.abs(parameters.shift.value) > 1000) return EINVAL;
  readers = kernel.waitQueue();
  const device: CharDevice = { name: "rot13", major: 240, minor: 0, mode: 0o666, open: () => operations(kernel) };
  const result = kernel.registerCharDevice(device);
  if (result === 0) kernel.log(6, `moves by ${parameters.shift.value}`);
  return result;
}

export function exit(): void {
  // What was registered goes by itself.
  held = new Uint8Array(0);
}

/** For other modules. */
export const symbols = {
  rot13_rotate: (text: string, shift: number): string =>
    [...text].map((c) => String.fromCharCode(rotate(c.charCodeAt(0), shift))).join(""),
};
