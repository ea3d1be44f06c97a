// File locks as lines: /proc/locks and /proc/PID/fdinfo. proc_locks(5)
import { F_WRLCK } from "../../../abi/fcntl.ts";
import type { Kernel } from "../../kernel.ts";
import type { PidNamespace } from "../../namespace/pid.ts";
import type { Task } from "../../task/task.ts";
import type { File } from "../../vfs/file.ts";
import type { Inode } from "../../vfs/inode.ts";
import { listLocks, OFFSET_MAX } from "../../vfs/locks.ts";
import type { Reader } from "../rows/row.ts";
import { hex } from "./text.ts";

type Listed = ReturnType<typeof listLocks>[number];

function line(number: number, { kind, lock }: Listed, inode: Inode, pids: PidNamespace): string {
  const pid = lock.pid === -1 ? -1 : pids.of(lock.pid);
  const type = lock.type === F_WRLCK ? "WRITE" : "READ ";
  const place = `00:${hex(inode.superblock.dev, 2)}:${inode.ino}`;
  const end = lock.end === OFFSET_MAX ? "EOF" : String(lock.end);
  return `${number}: ${kind.padEnd(6)} ADVISORY  ${type} ${pid} ${place} ${lock.start} ${end}\n`;
}

export function allLocks(kernel: Kernel, { pids }: Reader): string {
  const seen = new Set<Inode>();
  let number = 0;
  let text = "";
  for (const { files } of kernel.tasks.all) {
    for (const [, { inode }] of files?.open() ?? []) {
      if (!inode.locks || seen.has(inode)) continue;
      seen.add(inode);
      for (const lock of listLocks(inode)) text += line(++number, lock, inode, pids);
    }
  }
  return text;
}

/** The locks that an open file holds, and those of the process on it. */
export function lockLines(kernel: Kernel, file: File, pids: PidNamespace): string {
  const owners = new Set<object>([file]);
  for (const task of kernel.tasks.all) if (holds(task, file)) owners.add(task.files);
  let number = 0;
  let text = "";
  for (const listed of listLocks(file.inode)) {
    if (owners.has(listed.lock.owner)) text += `lock:\t${line(++number, listed, file.inode, pids)}`;
  }
  return text;
}

const holds = (task: Task, file: File): boolean => {
  for (const [, open] of task.files?.open() ?? []) if (open === file) return true;
  return false;
};
