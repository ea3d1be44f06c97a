// All tasks of a machine by id, and the numbers that are given out. pid_max is Linux's default.
import type { Task } from "./task.ts";
import type { ThreadGroup } from "./thread-group.ts";

export const PID_MAX = 4194304;

export class TaskTable {
  private readonly tasks = new Map<number, Task>();
  private readonly groups = new Map<number, ThreadGroup>();
  private last = 0;
  /** Forks since boot, for /proc/stat. */
  forks = 0;
  /** The first process: adopts orphans. */
  init: ThreadGroup | undefined;

  /** A free id, ascending and wrapping; ids in use as process group or session stay taken. */
  allocate(): number {
    do this.last = this.last >= PID_MAX ? 300 : this.last + 1;
    while (this.inUse(this.last));
    return this.last;
  }
  /** Is it the id of a task, a process, a process group or a session? */
  inUse(id: number): boolean {
    return this.tasks.has(id) || this.groups.has(id) || this.groupInUse(id);
  }
  /** The last id given out, for /proc/loadavg. */
  get lastPid(): number {
    return this.last;
  }
  /** The next one is searched from there on. */
  set lastPid(pid: number) {
    this.last = pid;
  }
  add(task: Task): void {
    this.tasks.set(task.tid, task);
    this.groups.set(task.group.pid, task.group);
    this.forks++;
  }
  /** exec by a thread: it takes the process's id. */
  rename(task: Task, tid: number): void {
    this.tasks.delete(task.tid);
    task.tid = tid;
    this.tasks.set(tid, task);
  }
  removeTask(tid: number): void {
    this.tasks.delete(tid);
  }
  removeGroup(pid: number): void {
    this.groups.delete(pid);
  }
  task(tid: number): Task | undefined {
    return this.tasks.get(tid);
  }
  group(pid: number): ThreadGroup | undefined {
    return this.groups.get(pid);
  }
  get all(): Iterable<Task> {
    return this.tasks.values();
  }
  get allGroups(): Iterable<ThreadGroup> {
    return this.groups.values();
  }
  get taskCount(): number {
    return this.tasks.size;
  }
  /** Members of a process group, zombies included. */
  processGroup(pgid: number): ThreadGroup[] {
    return [...this.groups.values()].filter((group) => group.pgid === pgid);
  }
  session(sid: number): ThreadGroup[] {
    return [...this.groups.values()].filter((group) => group.sid === sid);
  }
  private groupInUse(id: number): boolean {
    for (const group of this.groups.values()) if (group.pgid === id || group.sid === id) return true;
    return false;
  }
}
