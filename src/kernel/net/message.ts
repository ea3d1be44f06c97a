// What send and receive pass between the system calls and the sockets: bytes, an address, ancillary data. The layouts in
// user memory are syscalls/socket-message.ts's.
import type { IoBuffer } from "../mm/user.ts";
import type { File } from "../vfs/file.ts";

/** Who sent a message: SCM_CREDENTIALS, SO_PEERCRED. Ids as numbers of this machine. */
export interface Credentials {
  pid: number;
  uid: number;
  gid: number;
}

/** One piece of ancillary data other than rights and credentials. cmsg(3) */
export interface Control {
  level: number;
  type: number;
  data: Uint8Array;
}

export interface Outgoing {
  readonly from: IoBuffer;
  /** MSG_*; MSG_DONTWAIT also when the file is non-blocking. */
  readonly flags: number;
  /** The destination, if one was given. */
  readonly name?: Uint8Array | undefined;
  /** SCM_RIGHTS: files, referenced; taking them clears the field, and the caller lets go of what is left. */
  rights?: readonly File[] | undefined;
  /** SCM_CREDENTIALS, checked. */
  readonly credentials?: Credentials | undefined;
  readonly control?: readonly Control[] | undefined;
}

export interface Incoming {
  readonly into: IoBuffer;
  /** MSG_* asked for. */
  readonly flags: number;
  // answers
  /** MSG_TRUNC, MSG_CTRUNC, MSG_EOR, MSG_OOB, MSG_ERRQUEUE. */
  outFlags: number;
  /** The sender's address. */
  name: Uint8Array | undefined;
  /** Files for the receiver, referenced. */
  rights: readonly File[] | undefined;
  credentials: Credentials | undefined;
  control: Control[] | undefined;
}

export function incoming(into: IoBuffer, flags: number): Incoming {
  return {
    into,
    flags,
    outFlags: 0,
    name: undefined,
    rights: undefined,
    credentials: undefined,
    control: undefined,
  };
}
