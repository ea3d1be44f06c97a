// /proc/kmsg: syslog(2) as a file. A read takes what no reader has taken yet, and waits when there is nothing.
import { EAGAIN } from "../../../abi/errno.ts";
import { POLLIN, POLLRDNORM } from "../../../abi/flags.ts";
import { toBytes } from "../../../lib/byte-string.ts";
import type { Kernel } from "../../kernel.ts";
import { formatLine } from "../../log.ts";
import { putAll } from "../../mm/user.ts";
import { waitOn } from "../../sched/wait-queue.ts";
import type { FileOperations } from "../../vfs/file.ts";

export function kmsgFile({ log }: Kernel): FileOperations {
  const unread = () => log.records.find(({ sequence }) => sequence >= log.syslogNext);
  const read: NonNullable<FileOperations["read"]> = (file, into, offset) => {
    const record = unread();
    if (!record) return file.nonblocking ? EAGAIN : waitOn(log.queue, () => read(file, into, offset));
    log.syslogNext = record.sequence + 1;
    return putAll(into, toBytes(formatLine(record)));
  };
  return {
    stream: true,
    read,
    poll: () => (unread() ? POLLIN | POLLRDNORM : 0),
    pollQueues: () => [log.queue],
  };
}
