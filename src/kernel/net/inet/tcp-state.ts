// The states of a TCP connection, with the numbers that TCP_INFO and /proc/net/tcp show. tcp(7), RFC 9293
import type { IoBuffer } from "../../mm/user.ts";

export const ESTABLISHED = 1;
export const SYN_SENT = 2;
export const FIN_WAIT2 = 5;
export const TIME_WAIT = 6;
export const CLOSE = 7;
export const CLOSE_WAIT = 8;
export const LISTEN = 10;

/** The other end of a connection, as a socket sees it. Over loopback that is the other socket itself; a device that
 *  leads outside brings an end of its own. */
export interface TcpPeer {
  /** Takes up to `count` bytes; fewer when user memory faults. The caller has asked for `room`. */
  deliver(from: IoBuffer, count: number): number;
  /** Bytes delivered that the program there has not read. */
  readonly unread: number;
  /** Bytes that it takes without burdening the sender's buffer. */
  readonly window: number;
  /** What is sent to this end is answered by a reset: no program has it any more, or it is closed for reading. */
  readonly refuses: boolean;
  /** An urgent byte. */
  urge(byte: number): void;
  /** This side sends no more: FIN. */
  finish(): void;
  /** This side broke off: RST. */
  reset(): void;
  /** This side's program has read: there is room in its queue again. */
  drained(): void;
}
