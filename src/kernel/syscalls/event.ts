// Files that count events: eventfd2. eventfd(2)
import { EINVAL } from "../../abi/errno.ts";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../abi/flags.ts";
import { EventCounter, eventOperations } from "../event/eventfd.ts";
import { installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { anonymousFile } from "../vfs/anonymous.ts";
import { Flags, type Row, type SyscallResult, syscall, UInt } from "./table.ts";

const EFD_SEMAPHORE = 1;

function eventfd2(task: Task, count: number, flags: number): SyscallResult {
  if ((flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)) !== 0) return EINVAL;
  const { kernel } = task;
  const data = new EventCounter(BigInt(count), (flags & EFD_SEMAPHORE) !== 0, kernel.nextEventId++);
  const file = anonymousFile(kernel, "anon_inode:[eventfd]", O_RDWR | (flags & O_NONBLOCK), eventOperations, data);
  return installFile(task, file, (flags & O_CLOEXEC) !== 0);
}

export const rows: Row[] = [syscall(19, "eventfd2", [UInt("count"), Flags("flags", "EFD")], eventfd2)];
