// -P and -e trace-fds=: whether a call concerns one of these paths or descriptors.
import { toText } from "../../lib/byte-string.ts";
import type { Call } from "./call.ts";
import { descriptorPath } from "./descriptors.ts";
import type { StraceOptions } from "./options.ts";
import { pathBytes } from "./text.ts";

export function touches(call: Call, options: StraceOptions): boolean {
  const { touching, touchingFds } = options;
  const named = (fd: number): boolean => {
    if (fd < 0) return false;
    if (touchingFds?.(fd)) return true;
    if (touching.length === 0) return false;
    const name = descriptorPath(call.task, fd);
    return name !== undefined && touching.includes(name);
  };
  return (call.row?.arguments ?? []).some((argument, index) => {
    if (argument.kind === "path") {
      const name = touching.length > 0 ? pathBytes(call, call.args[index] ?? 0n) : undefined;
      return name !== undefined && touching.includes(toText(name));
    }
    return (argument.kind === "fd" || argument.kind === "dirfd") && named(call.low(index));
  });
}
