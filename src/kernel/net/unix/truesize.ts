// What a message costs its sender's buffer. Linux charges the memory that its sk_buffs take, not the bytes, so that a
// buffer of 212992 bytes holds 278 messages of one byte; programs that fill a socket until EAGAIN see it. Measured on
// Linux 6.18 and equal to what net/core/skbuff.c's rules give.

const HEADER = 256;
const SHARED_INFO = 320;
const PAGE = 4096;
const MAX_HEAD = PAGE - SHARED_INFO;
/** A datagram's linear part may take four pages. */
const MAX_DATAGRAM_HEAD = 4 * PAGE - SHARED_INFO;
/** A stream's write is cut into pieces of at most this. */
export const STREAM_PIECE = MAX_HEAD + 32768;

const align = (size: number, to: number): number => Math.ceil(size / to) * to;

/** The allocator's size class for a linear part of `length` bytes. */
function linear(length: number): number {
  const need = align(length, 64) + SHARED_INFO;
  let size = 512;
  while (size < need) size *= 2;
  return size;
}

export function streamTruesize(length: number): number {
  const paged = length > MAX_HEAD ? Math.min(length, align(length - MAX_HEAD, PAGE)) : 0;
  return HEADER + linear(length - paged) + align(paged, PAGE);
}

export function datagramTruesize(length: number): number {
  const paged = length > MAX_DATAGRAM_HEAD ? align(Math.min(length - MAX_DATAGRAM_HEAD, 17 * PAGE), PAGE) : 0;
  return HEADER + linear(Math.max(0, length - paged)) + paged;
}
