// All tasks of a machine by id, and the numbers that are given out.
import { EAGAIN, EEXIST, type Errno } from "../../abi/errno.ts";
import type { PidNamespace } from "../namespace/pid.ts";
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
  /** The PID namespaces, but for the first, in which ids were given out. */
  private readonly homes = new Map<number, PidNamespace>();
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
  /** An id, and a number in each namespace from `namespace` up; `wanted`: the numbers to have, the innermost first.
   *  Errors: EAGAIN; EEXIST for a wanted one that is taken. */
  allocateIn(namespace: PidNamespace, wanted: readonly number[] = []): number | Errno {
    const end = this.sysctl.number("kernel/pid_max");
    let level = 0;
    const first = wanted[namespace.level];
    for (let at = namespace; at.parent; at = at.parent) {
      const number = wanted[level++];
      if (number !== undefined && at.has(number)) return EEXIST;
    }
    if (first !== undefined && this.inUse(first)) return EEXIST;
    const id = first ?? this.allocate();
    if (id < 0) return id;
    level = 0;
    for (let at = namespace; at.parent; at = at.parent) {
      if (at.assign(id, end, wanted[level++]) === 0) continue;
      for (let given = namespace; given !== at; given = given.parent!) given.free(id);
      return EAGAIN;
    }
    if (namespace.parent) this.homes.set(id, namespace);
    return id;
  }
  /** An id that was given for nothing. */
  giveBack(id: number): void {
    for (let at = this.homes.get(id); at?.parent; at = at.parent) at.free(id);
    this.homes.delete(id);
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
    const before = [group.pgid, group.sid];
    leave(this.processGroups, group.pgid, group);
    leave(this.sessions, group.sid, group);
    group.pgid = pgid;
    group.sid = sid;
    join(this.processGroups, pgid, group);
    join(this.sessions, sid, group);
    if (this.homes.size > 0) for (const id of before) this.freeNumbers(id);
  }
  /** exec by a thread: it takes the process's id. */
  rename(task: Task, tid: number): void {
    const before = task.tid;
    this.tasks.delete(before);
    task.tid = tid;
    this.tasks.set(tid, task);
    if (this.homes.size > 0) this.freeNumbers(before);
  }
  removeTask(tid: number): void {
    this.tasks.delete(tid);
    if (this.homes.size > 0) this.freeNumbers(tid);
  }
  removeGroup(pid: number): void {
    const group = this.groups.get(pid);
    if (!group) return;
    this.groups.delete(pid);
    leave(this.processGroups, group.pgid, group);
    leave(this.sessions, group.sid, group);
    if (this.homes.size > 0) for (const id of [pid, group.pgid, group.sid]) this.freeNumbers(id);
  }
  /** A number that stands for nothing any more is free in the namespaces below the first one, too. */
  private freeNumbers(id: number): void {
    if (!this.inUse(id)) this.giveBack(id);
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
