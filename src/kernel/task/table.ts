// All tasks of a machine by id, and the numbers that are given out.
import { EAGAIN, type Errno } from "../../abi/errno.ts";
import type { Sysctl } from "../sysctl.ts";
import type { Task } from "./task.ts";
import type { ThreadGroup } from "./thread-group.ts";

/** Lower ids are given out once, after boot. */
const RESERVED_PIDS = 300;

export class TaskTable {
  private readonly tasks = new Map<number, Task>();
  private readonly groups = new Map<number, ThreadGroup>();
  /** By pgid and by sid: who belongs to it, zombies included. */
  private readonly processGroups = new Map<number, Set<ThreadGroup>>();
  private readonly sessions = new Map<number, Set<ThreadGroup>>();
  private readonly sysctl: Sysctl;
  private last = 0;
  /** Forks since boot, for /proc/stat. */
  forks = 0;
  /** The first process: adopts orphans. */
  init: ThreadGroup | undefined;

  constructor(sysctl: Sysctl) {
    this.sysctl = sysctl;
  }

  /** A free id, ascending and wrapping; ids in use as process group or session stay taken.
   *  Errors: EAGAIN when all below kernel.pid_max are. */
  allocate(): number | Errno {
    const end = this.sysctl.number("kernel/pid_max");
    for (let tries = 0; tries < end; tries++) {
      this.last = this.last >= end - 1 ? RESERVED_PIDS : this.last + 1;
      if (!this.inUse(this.last)) return this.last;
    }
    return EAGAIN;
  }
  /** Is it the id of a task, a process, a process group or a session? */
  inUse(id: number): boolean {
    return this.tasks.has(id) || this.groups.has(id) || this.processGroups.has(id) || this.sessions.has(id);
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
    this.forks++;
    const { group } = task;
    if (this.groups.get(group.pid) === group) return;
    this.groups.set(group.pid, group);
    join(this.processGroups, group.pgid, group);
    join(this.sessions, group.sid, group);
  }
  /** setpgid(2), setsid(2): the only way to change them once the process is in the table. */
  regroup(group: ThreadGroup, pgid: number, sid: number): void {
    leave(this.processGroups, group.pgid, group);
    leave(this.sessions, group.sid, group);
    group.pgid = pgid;
    group.sid = sid;
    join(this.processGroups, pgid, group);
    join(this.sessions, sid, group);
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
    const group = this.groups.get(pid);
    if (!group) return;
    this.groups.delete(pid);
    leave(this.processGroups, group.pgid, group);
    leave(this.sessions, group.sid, group);
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
    return [...(this.processGroups.get(pgid) ?? [])];
  }
  session(sid: number): ThreadGroup[] {
    return [...(this.sessions.get(sid) ?? [])];
  }
}

type Members = Map<number, Set<ThreadGroup>>;

function join(all: Members, id: number, group: ThreadGroup): void {
  const members = all.get(id);
  if (members) members.add(group);
  else all.set(id, new Set([group]));
}
function leave(all: Members, id: number, group: ThreadGroup): void {
  const members = all.get(id);
  if (members?.delete(group) && members.size === 0) all.delete(id);
}
