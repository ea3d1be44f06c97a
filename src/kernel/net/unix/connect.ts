// Connections of stream and seqpacket sockets: listen, connect, accept. A connection is made by connect(2) alone: it
// waits, ready for use, in the listener's queue until accept(2) gives it a file. unix(7), net/unix/af_unix.c
import { EAGAIN, ECONNREFUSED, EINVAL, EISCONN, EPERM, EPROTOTYPE, type Errno } from "../../../abi/errno.ts";
import { LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET } from "../../../abi/landlock.ts";
import { RCV_SHUTDOWN } from "../../../abi/socket.ts";
import type { Domain } from "../../landlock/ruleset.ts";
import { isScoped } from "../../landlock/scope.ts";
import { andThen, type Wait } from "../../sched/wait-queue.ts";
import type { Task } from "../../task/task.ts";
import type { IoResult } from "../../vfs/file.ts";
import { blockOn, READABLE } from "../socket.ts";
import { isAbstract, parseAddress } from "./address.ts";
import { findPath } from "./pathname.ts";
import { credentialsOf, type UnixSocket } from "./socket.ts";

/** The socket that bears a name. Errors: ECONNREFUSED; EPROTOTYPE when its type differs; those of the path walk. */
export function find(socket: UnixSocket, task: Task, name: string): UnixSocket | Errno | Wait<UnixSocket> {
  const check = (found: UnixSocket): UnixSocket | Errno => (found.type === socket.type ? found : EPROTOTYPE);
  if (isAbstract(name)) {
    const found = socket.net.unix.abstract.get(name);
    return found ? check(found) : ECONNREFUSED;
  }
  return andThen(findPath(task, name), check);
}

/** Landlock: abstract sockets outside of a scoped domain are not for those in it. */
export function isKept(domain: Domain | undefined, { name, domain: other }: UnixSocket): boolean {
  if (!domain || name === undefined || !isAbstract(name)) return false;
  return isScoped(domain, other, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET);
}

export function listen(socket: UnixSocket, task: Task, backlog: number): 0 | Errno {
  if (socket.name === undefined) return EINVAL;
  if (socket.state === "connected") return EINVAL;
  if (backlog > socket.backlog) socket.room.wakeAll();
  socket.backlog = backlog;
  socket.state = "listening";
  socket.credentials = credentialsOf(task);
  return 0;
}

export function connect(socket: UnixSocket, task: Task, address: Uint8Array, until: number): IoResult {
  const name = parseAddress(address);
  if (typeof name === "number") return name;
  if (name === "") return EINVAL;
  if (socket.passCredentials) {
    const bound = socket.autobind();
    if (bound < 0) return bound;
  }
  const again = (): IoResult => connect(socket, task, address, until);
  return andThen(find(socket, task, name), (listener): IoResult => {
    if (listener.state !== "listening" || (listener.shut & RCV_SHUTDOWN) !== 0) return ECONNREFUSED;
    if (listener.pending.length > listener.backlog) return blockOn(listener.room, until, again, 0, EAGAIN);
    if (isKept(task.cred.landlock, listener)) return EPERM;
    if (socket.state !== "unconnected") return socket.state === "connected" ? EISCONN : EINVAL;
    const end = listener.sibling();
    end.name = listener.name;
    end.credentials = listener.credentials;
    socket.credentials = credentialsOf(task);
    end.join(socket);
    listener.pending.push(end);
    listener.readers.wakeOne(READABLE);
    return 0;
  });
}

export function accept(socket: UnixSocket, until: number): UnixSocket | Errno | Wait<UnixSocket> {
  if (socket.state !== "listening") return EINVAL;
  const end = socket.pending.shift();
  if (end) {
    socket.room.wakeAll();
    return end;
  }
  if ((socket.shut & RCV_SHUTDOWN) !== 0) return EINVAL;
  const wait = blockOn<UnixSocket>(socket.readers, until, () => accept(socket, until));
  if (typeof wait === "object" && "exclusive" in wait) wait.exclusive = true;
  return wait;
}
