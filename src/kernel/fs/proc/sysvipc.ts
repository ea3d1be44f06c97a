// /proc/sysvipc: System V message queues, semaphore sets and shared memory, one line each. proc_sysvipc(5)
import type { IpcPermissions } from "../../ipc/table.ts";
import type { Kernel } from "../../kernel.ts";
import { page, type Reader, type Row } from "../rows/row.ts";

const MSG =
  "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n";
const SEM = "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n";
const SHM =
  "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n";

const wide = (value: number): string => String(value).padStart(10);
const short = (value: number): string => String(value).padStart(5);
const start = ({ key, id, mode }: IpcPermissions): string =>
  `${wide(key | 0)} ${wide(id)}  ${mode.toString(8).padStart(4)}`;
const owners = ({ uid, gid, cuid, cgid }: IpcPermissions): string => [uid, gid, cuid, cgid].map(short).join(" ");

function messages(kernel: Kernel, reader: Reader): string {
  const { ipc } = reader.task ?? kernel;
  let text = MSG;
  for (const queue of ipc.messages.queues.all) {
    const { permissions } = queue;
    const counts = `${wide(queue.bytes)} ${wide(queue.messages.length)} ${short(queue.sender)} ${short(queue.receiver)}`;
    const times = [queue.stime, queue.rtime, queue.ctime].map(wide).join(" ");
    text += `${start(permissions)}  ${counts} ${owners(permissions)} ${times}\n`;
  }
  return text;
}

function semaphores(kernel: Kernel, reader: Reader): string {
  const { ipc } = reader.task ?? kernel;
  let text = SEM;
  for (const set of ipc.semaphores.sets.all) {
    const { permissions } = set;
    const times = `${wide(set.otime)} ${wide(set.ctime)}`;
    text += `${start(permissions)} ${wide(set.semaphores.length)} ${owners(permissions)} ${times}\n`;
  }
  return text;
}

function segments(kernel: Kernel, reader: Reader): string {
  const { ipc } = reader.task ?? kernel;
  let text = SHM;
  for (const segment of ipc.memory.segments.all) {
    const { permissions, size, creator, last, attached, atime, dtime, ctime, file } = segment;
    const large = (value: number): string => String(value).padStart(21);
    const counts = `${large(size)} ${short(creator)} ${short(last)}  ${short(attached)}`;
    const times = [atime, dtime, ctime].map(wide).join(" ");
    const resident = large((file.inode.pages?.count ?? 0) * 4096);
    text += `${start(permissions)} ${counts} ${owners(permissions)} ${times} ${resident} ${large(0)}\n`;
  }
  return text;
}

export const interprocessRows: readonly Row<Kernel>[] = [
  page("msg", 0o444, messages),
  page("sem", 0o444, semaphores),
  page("shm", 0o444, segments),
];
