// Files in flight: sent with SCM_RIGHTS and not yet received. A socket may be in flight inside its own queue, or two in
// each other's; no descriptor leads to them any more, and only the collector at the end of this file finds them. unix(7)
import { type Errno, ETOOMANYREFS } from "../../../abi/errno.ts";
import { RLIMIT_NOFILE } from "../../../abi/flags.ts";
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../../security/cred.ts";
import type { Task } from "../../task/task.ts";
import type { File } from "../../vfs/file.ts";
import { UnixSocket } from "./socket.ts";

/** The files of one message, each with a reference. */
export interface Rights {
  readonly files: readonly File[];
  /** The user in whose name they fly. */
  readonly uid: number;
}

export class FilesInFlight {
  /** Sockets in flight and how many times. */
  private readonly sockets = new Map<UnixSocket, number>();
  private readonly byUser = new Map<number, number>();
  /** Files to let go of: emptied in a loop, as letting go of a socket lets go of the files in its queue. */
  private readonly doomed: File[] = [];
  private releasing = false;

  /** Errors: ETOOMANYREFS when the user has more in flight than he may open. */
  launch(files: readonly File[], task: Task): Rights | Errno {
    const { uid } = task.cred;
    const count = this.byUser.get(uid) ?? 0;
    if (count > task.group.limit(RLIMIT_NOFILE) && !task.cred.can(CAP_SYS_RESOURCE) && !task.cred.can(CAP_SYS_ADMIN)) {
      return ETOOMANYREFS;
    }
    this.byUser.set(uid, count + files.length);
    for (const file of files) {
      if (file.data instanceof UnixSocket) this.sockets.set(file.data, (this.sockets.get(file.data) ?? 0) + 1);
    }
    return { files, uid };
  }
  /** They have arrived, or are to be thrown away: the caller has the references. */
  land(rights: Rights): readonly File[] {
    const left = (this.byUser.get(rights.uid) ?? 0) - rights.files.length;
    if (left > 0) this.byUser.set(rights.uid, left);
    else this.byUser.delete(rights.uid);
    for (const file of rights.files) {
      if (!(file.data instanceof UnixSocket)) continue;
      const count = (this.sockets.get(file.data) ?? 0) - 1;
      if (count > 0) this.sockets.set(file.data, count);
      else this.sockets.delete(file.data);
    }
    return rights.files;
  }
  /** Lets go of references, however deep sockets are packed into each other. */
  release(files: readonly File[]): void {
    this.doomed.push(...files);
    if (this.releasing) return;
    this.releasing = true;
    for (let file = this.doomed.pop(); file; file = this.doomed.pop()) file.unref();
    this.releasing = false;
  }
  /** Empties the queues of sockets that only queues lead to. Called when a socket is closed. */
  collect(): void {
    if (this.sockets.size === 0 || this.releasing) return;
    const candidates = new Map<UnixSocket, number>();
    for (const [socket, count] of this.sockets) {
      if (socket.file?.referenceCount === count) candidates.set(socket, count);
    }
    // References from candidates' queues don't count; what is left over comes from outside.
    for (const socket of candidates.keys()) {
      forEachSocket(socket, (held) => {
        const count = candidates.get(held);
        if (count !== undefined) candidates.set(held, count - 1);
      });
    }
    const live: UnixSocket[] = [];
    for (const [socket, count] of candidates) if (count > 0) live.push(socket);
    for (let socket = live.pop(); socket; socket = live.pop()) {
      if (!candidates.delete(socket)) continue;
      forEachSocket(socket, (held) => {
        if (candidates.has(held)) live.push(held);
      });
    }
    for (const socket of candidates.keys()) socket.purge();
  }
}

function forEachSocket(holder: UnixSocket, visit: (held: UnixSocket) => void): void {
  holder.forEachRights((rights) => {
    for (const file of rights.files) if (file.data instanceof UnixSocket) visit(file.data);
  });
}
