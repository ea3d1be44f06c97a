// Rights and credentials as a message takes them on its way. unix(7)
import type { Errno } from "../../../abi/errno.ts";
import type { Credentials, Outgoing } from "../message.ts";
import type { Rights } from "./rights.ts";
import type { UnixSocket } from "./socket.ts";

/** What a receiver sees of a sender that was not asked for credentials: the overflow ids. */
export const nobody: Credentials = { pid: 0, uid: 65534, gid: 65534 };

export function sameCredentials(a: Credentials, b: Credentials): boolean {
  return a.pid === b.pid && a.uid === b.uid && a.gid === b.gid;
}

/** The credentials to go with a message: those given, or the sender's own if either side wants them. */
export function sendersCredentials(
  sender: UnixSocket,
  receiver: UnixSocket,
  message: Outgoing,
): Credentials | undefined {
  if (message.credentials) return message.credentials;
  if (!sender.passCredentials && !receiver.passCredentials && receiver.file) return undefined;
  const task = sender.kernel.current;
  return task ? { pid: task.pid, uid: task.cred.uid, gid: task.cred.gid } : undefined;
}

/** The message's files, in flight from now on; only its first piece carries them. Errors: ETOOMANYREFS. */
export function takeRights(sender: UnixSocket, message: Outgoing): Rights | Errno | undefined {
  const { rights } = message;
  const task = sender.kernel.current;
  if (!rights || !task) return undefined;
  const launched = sender.net.unix.inFlight.launch(rights, task);
  if (typeof launched !== "number") message.rights = undefined;
  return launched;
}
