// kcmp(2): do two processes share a part of the kernel? Checkpointing and tests of clone's flags ask.
import { EBADF, EINVAL, EOPNOTSUPP, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { mayRead } from "../security/ptrace-access.ts";
import type { Task } from "../task/task.ts";
import { Int, Pid, type Row, syscall, ULong } from "./table.ts";

const FILE = 0;
const VM = 1;
const FILES = 2;
const FS = 3;
const SIGHAND = 4;
const IO = 5;
const SYSVSEM = 6;
const EPOLL_TFD = 7;

function part(task: Task, type: number, index: number): object | Errno {
  switch (type) {
    case FILE:
      return task.files.get(index) ?? EBADF;
    case VM:
      return task.mm;
    case FILES:
      return task.files;
    case FS:
      return task.fs;
    case SIGHAND:
      return task.group.handlers;
    case IO:
    case SYSVSEM:
      return task.group;
    default:
      return type === EPOLL_TFD ? EOPNOTSUPP : EINVAL;
  }
}

function kcmp(task: Task, pid1: number, pid2: number, type: number, index1: number, index2: number): number | Errno {
  const { kernel } = task;
  const first = kernel.tasks.task(pid1);
  const second = kernel.tasks.task(pid2);
  if (!first || !second) return ESRCH;
  if (!mayRead(task, first) || !mayRead(task, second)) return EPERM;
  const a = part(first, type, index1);
  const b = part(second, type, index2);
  if (typeof a === "number") return a;
  if (typeof b === "number") return b;
  if (a === b) return 0;
  return kernel.order.of(a) < kernel.order.of(b) ? 1 : 2;
}

export const rows: readonly Row[] = [
  syscall(272, "kcmp", [Pid("pid1"), Pid("pid2"), Int("type"), ULong("idx1"), ULong("idx2")], kcmp, {
    gaps: "KCMP_EPOLL_TFD",
  }),
];
