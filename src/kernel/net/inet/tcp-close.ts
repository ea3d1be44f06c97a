// How TCP connections end: shutdown, close, FIN, RST, TIME_WAIT. tcp(7), shutdown(2), RFC 9293
import { ECONNREFUSED, ECONNRESET, EINVAL, ENOTCONN, EPIPE, type Errno } from "../../../abi/errno.ts";
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK } from "../../../abi/socket.ts";
import type { TcpSocket } from "./tcp.ts";
import { refuseWaiting } from "./tcp-connect.ts";
import { CLOSE, CLOSE_WAIT, ESTABLISHED, FIN_WAIT2, LISTEN, SYN_SENT } from "./tcp-state.ts";
import { TimeWait } from "./time-wait.ts";

/** net.ipv4.tcp_fin_timeout, nanoseconds: how long a closed end waits for the other's FIN. */
const FIN_TIMEOUT = 60_000_000_000;

export function shutdown(socket: TcpSocket, how: number): 0 | Errno {
  if (how < 0 || how > 2) return EINVAL;
  const mask = how + 1;
  switch (socket.state) {
    case CLOSE:
      socket.shut |= mask;
      socket.stateChanged();
      return ENOTCONN;
    case LISTEN:
      if ((mask & RCV_SHUTDOWN) !== 0) disconnect(socket);
      break;
    case SYN_SENT:
      disconnect(socket);
      break;
    default:
      socket.shut |= mask;
      if ((mask & SEND_SHUTDOWN) !== 0) sendFin(socket);
  }
  socket.stateChanged();
  return 0;
}

/** Sends the FIN unless it is out. */
function sendFin(socket: TcpSocket): void {
  const { peer } = socket;
  if (socket.state === ESTABLISHED) {
    socket.state = FIN_WAIT2;
    peer?.finish();
  } else if (socket.state === CLOSE_WAIT) {
    // The other side's FIN has come before: this is the end of both.
    done(socket);
    peer?.finish();
  }
}

/** The peer's FIN has come. */
export function finish(socket: TcpSocket): void {
  if (socket.state === CLOSE) return;
  socket.finished = true;
  socket.shut |= RCV_SHUTDOWN;
  if (socket.state === ESTABLISHED) socket.state = CLOSE_WAIT;
  else if (socket.state === FIN_WAIT2) {
    if (socket.key !== undefined) new TimeWait(socket, socket.key);
    done(socket, true);
  }
  socket.stateChanged();
}

/** The peer's RST has come: an error for the next call, and the end. */
export function reset(socket: TcpSocket): void {
  if (socket.state === CLOSE) return;
  if (socket.state === SYN_SENT) socket.error = ECONNREFUSED;
  else socket.error = socket.state === CLOSE_WAIT ? EPIPE : ECONNRESET;
  done(socket);
  socket.stateChanged();
}

/** No connection any more. The port goes back unless bind(2) chose it. */
function done(socket: TcpSocket, keepsKey = false): void {
  const { inet } = socket;
  socket.state = CLOSE;
  socket.shut = SHUTDOWN_MASK;
  if (socket.key !== undefined && !keepsKey) inet.connections.delete(socket.key);
  socket.key = undefined;
  if (socket.orphan) release(socket);
  else if (!socket.portGiven && socket.localPort !== 0) {
    socket.ports.remove(socket.localPort, socket);
    socket.portReturned = true;
  }
}

/** Neither a file nor a connection: nothing is left of it. */
function release(socket: TcpSocket): void {
  socket.inet.tcpSockets.delete(socket);
  if (!socket.portReturned && socket.localPort !== 0) socket.ports.remove(socket.localPort, socket);
  socket.portReturned = true;
  socket.input.clear();
}

/** Breaks the connection off: RST. */
export function abort(socket: TcpSocket): void {
  const { peer } = socket;
  leaveQueue(socket);
  if (socket.state !== CLOSE) done(socket);
  if (peer !== socket) peer?.reset();
  socket.peer = undefined;
}

/** A client that gives up waits in no listener's queue. */
function leaveQueue(socket: TcpSocket): void {
  const { waitsFor } = socket;
  if (!waitsFor) return;
  const index = waitsFor.waiting.indexOf(socket);
  if (index >= 0) waitsFor.waiting.splice(index, 1);
  socket.waitsFor = undefined;
}

/** connect(2) with AF_UNSPEC, shutdown of a listener: back to a new socket that may still have its port. */
export function disconnect(socket: TcpSocket): void {
  if (socket.state === LISTEN) stopListening(socket);
  else abort(socket);
  socket.state = CLOSE;
  socket.phase = "unconnected";
  socket.shut = 0;
  socket.finished = false;
  socket.input.clear();
  socket.remoteAddress = socket.any;
  socket.remotePort = 0;
  // The port goes back, but getsockname(2) goes on showing it.
  if (!socket.portGiven && !socket.portReturned && socket.localPort !== 0) {
    socket.ports.remove(socket.localPort, socket);
    socket.portReturned = true;
  }
  if (!socket.addressGiven) socket.localAddress = socket.any;
  socket.stateChanged();
}

function stopListening(socket: TcpSocket): void {
  socket.inet.removeListener(socket);
  socket.state = CLOSE;
  for (const child of socket.pending.splice(0)) {
    child.orphan = true;
    abort(child);
    release(child);
  }
  refuseWaiting(socket);
}

/** close(2) of the last descriptor. Unread bytes, or SO_LINGER of 0 seconds, make it a reset. */
export function close(socket: TcpSocket): void {
  if (socket.state === LISTEN) stopListening(socket);
  socket.orphan = true;
  socket.shut = SHUTDOWN_MASK;
  if (socket.state === SYN_SENT || socket.input.length > 0 || socket.linger === 0) {
    abort(socket);
    release(socket);
    return;
  }
  sendFin(socket);
  if (socket.state === CLOSE) {
    release(socket);
    return;
  }
  // FIN_WAIT2 without a process: the other side's FIN ends it, or time.
  const { kernel } = socket;
  kernel.timers.set(kernel.clock.monotonic() + FIN_TIMEOUT, () => {
    if (socket.state !== FIN_WAIT2) return;
    done(socket);
    socket.peer = undefined;
  });
}
