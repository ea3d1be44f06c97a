// SOCK_STREAM: bytes in order. They lie in one ring; beside it, pieces remember where ancillary data begins and what the
// sender's buffer is charged. A read never crosses rights, nor credentials when they are asked for. unix(7)
import { EFAULT, EINVAL, EISCONN, ENOBUFS, ENOTCONN, EOPNOTSUPP } from "../../../abi/errno.ts";
import { MSG_OOB, MSG_PEEK, MSG_WAITALL, RCV_SHUTDOWN, SEND_SHUTDOWN, SOCK_STREAM } from "../../../abi/socket.ts";
import type { Task } from "../../task/task.ts";
import type { File, IoResult } from "../../vfs/file.ts";
import { ByteQueue } from "../byte-queue.ts";
import type { Credentials, Incoming, Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { blockOn, READABLE } from "../socket.ts";
import { formatAddress } from "./address.ts";
import { nobody, sameCredentials, sendersCredentials, takeRights } from "./ancillary.ts";
import { connect } from "./connect.ts";
import type { Rights } from "./rights.ts";
import { UnixSocket } from "./socket.ts";
import { STREAM_PIECE, streamTruesize } from "./truesize.ts";

interface Piece {
  /** Bytes not yet read. */
  length: number;
  readonly truesize: number;
  readonly sender: UnixSocket;
  readonly credentials: Credentials | undefined;
  rights: Rights | undefined;
}

export class UnixStream extends UnixSocket {
  private readonly bytes: ByteQueue;
  private readonly pieces: Piece[] = [];

  constructor(net: Net, type: number) {
    super(net, type);
    this.bytes = new ByteQueue(net.kernel.ram, net.frames);
  }
  get pendingInput(): boolean {
    return this.pieces.length > 0;
  }
  get inputBytes(): number {
    return this.bytes.length;
  }
  sibling(): UnixSocket {
    return new UnixStream(this.net, SOCK_STREAM);
  }
  connect(task: Task, address: Uint8Array, until: number): IoResult {
    return connect(this, task, address, until);
  }

  send(message: Outgoing, until: number): IoResult {
    if ((message.flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    if (message.name) return this.state === "connected" ? EISCONN : EOPNOTSUPP;
    if (!this.peer) return ENOTCONN;
    if ((this.shut & SEND_SHUTDOWN) !== 0) return this.brokenPipe(message.flags);
    return this.transfer(message, until, 0);
  }
  private transfer(message: Outgoing, until: number, done: number): IoResult {
    const { from } = message;
    while (from.length > 0) {
      const failure = this.sendFailure(message, done);
      if (failure !== 0) return failure;
      if (this.charged >= this.sendBuffer) {
        return this.transferLater(message, until, done);
      }
      const peer = this.peer as UnixStream;
      const size = Math.min(from.length, (this.sendBuffer >> 1) - 64, STREAM_PIECE);
      const sent = peer.bytes.fill(from, size);
      if (sent === 0) return done > 0 ? done : peer.bytes.starved ? ENOBUFS : EFAULT;
      const rights = takeRights(this, message);
      if (rights !== undefined && typeof rights === "number") {
        peer.bytes.trim(sent);
        return rights;
      }
      const truesize = streamTruesize(sent);
      this.charged += truesize;
      peer.pieces.push({
        length: sent,
        truesize,
        sender: this,
        credentials: sendersCredentials(this, peer, message),
        rights,
      });
      peer.readers.wakeAll(READABLE);
      done += sent;
      if (sent < size) return done;
    }
    return done;
  }
  private transferLater(message: Outgoing, until: number, done: number): IoResult {
    return blockOn(this.writers, until, () => this.transfer(message, until, done), done);
  }
  /** Why a write can't go on: an error that came meanwhile, or the connection's end. */
  private sendFailure(message: Outgoing, done: number): number {
    if ((this.shut & SEND_SHUTDOWN) !== 0) return done > 0 ? done : this.brokenPipe(message.flags);
    if (this.error !== 0) return done > 0 ? done : this.takeError();
    const { peer } = this;
    if (peer && !peer.dead && (peer.shut & RCV_SHUTDOWN) === 0) return 0;
    return done > 0 ? done : this.brokenPipe(message.flags);
  }

  receive(message: Incoming, until: number): IoResult {
    if ((message.flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    if (this.state !== "connected") return EINVAL;
    const { length } = message.into;
    const target = (message.flags & MSG_WAITALL) !== 0 ? length : Math.min(this.receiveLowWater, length);
    return this.gather(message, until, 0, Math.max(target, 1));
  }
  private gather(message: Incoming, until: number, done: number, target: number): IoResult {
    const { into, flags } = message;
    const peek = (flags & MSG_PEEK) !== 0;
    let index = 0;
    // A peek that waited goes on behind what it has seen.
    let skip = peek ? done : 0;
    while (skip > 0 && index < this.pieces.length && this.pieces[index]!.length <= skip)
      skip -= this.pieces[index++]!.length;
    // A receive of nothing still waits for something to be there.
    while (into.length > 0 || this.pieces.length === 0) {
      const piece = this.pieces[index];
      if (!piece) {
        if (done >= target) return done;
        if (this.error !== 0) {
          // Looked at, it is gone, even when bytes are what the call reports.
          const error = this.takeError();
          return done > 0 ? done : error;
        }
        if ((this.shut & RCV_SHUTDOWN) !== 0) return done;
        return this.gatherLater(message, until, done, target);
      }
      if (this.passCredentials) {
        if (!message.credentials) message.credentials = piece.credentials ?? nobody;
        else if (!sameCredentials(message.credentials, piece.credentials ?? nobody)) return done;
      }
      if (done === 0 && this.peer?.name !== undefined) message.name = formatAddress(this.peer.name);
      const want = Math.min(piece.length - skip, into.length);
      const got = peek ? this.bytes.peek(into, want, done) : this.bytes.drain(into, want);
      done += got;
      if (!peek) piece.length -= got;
      if (got < want) return done > 0 ? done : EFAULT;
      const stop = piece.rights !== undefined;
      if (piece.rights) this.deliver(message, piece, peek);
      if (peek) index++;
      else if (piece.length === 0) this.retire();
      skip = 0;
      if (stop) return done;
    }
    return done;
  }
  private gatherLater(message: Incoming, until: number, done: number, target: number): IoResult {
    return blockOn(this.readers, until, () => this.gather(message, until, done, target), done);
  }
  private deliver(message: Incoming, piece: Piece, peek: boolean): void {
    if (!piece.rights) return;
    if (peek) {
      message.rights = piece.rights.files.map((file: File) => file.ref());
      return;
    }
    message.rights = this.net.unix.inFlight.land(piece.rights);
    piece.rights = undefined;
  }
  /** The first piece has been read to its end. */
  private retire(): void {
    const piece = this.pieces.length === 1 ? this.pieces.pop()! : this.pieces.shift()!;
    piece.sender.uncharge(piece.truesize);
  }
  forEachRights(visit: (rights: Rights) => void): void {
    for (const piece of this.pieces) if (piece.rights) visit(piece.rights);
    for (const embryo of this.pending) embryo.forEachRights(visit);
  }
  purge(): void {
    this.bytes.clear();
    for (const piece of this.pieces.splice(0)) {
      piece.sender.uncharge(piece.truesize);
      if (piece.rights) this.net.unix.release(this.net.unix.inFlight.land(piece.rights));
    }
    for (const embryo of this.pending) embryo.purge();
  }
}
