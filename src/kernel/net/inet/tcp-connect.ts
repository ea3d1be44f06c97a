// How TCP connections begin: listen, connect, accept. The handshake happens within connect, as on Linux it does over
// loopback before connect returns; a full accept queue keeps the client waiting. tcp(7), connect(2), accept(2)
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EALREADY,
  ECONNABORTED,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  type Errno,
  ETIMEDOUT,
} from "../../../abi/errno.ts";
import { AF_UNSPEC, familyOf } from "../../../abi/socket.ts";
import type { Wait } from "../../sched/wait-queue.ts";
import type { Task } from "../../task/task.ts";
import type { IoResult } from "../../vfs/file.ts";
import { blockOn, READABLE } from "../socket.ts";
import { ANY4, isAny, isBroadcast, isIpv4, isMulticast, parseEndpoint } from "./address.ts";
import { connectionKey } from "./inet.ts";
import { overlap } from "./ports.ts";
import { thisHost } from "./socket.ts";
import { TcpSocket } from "./tcp.ts";
import { abort, disconnect } from "./tcp-close.ts";
import { CLOSE, LISTEN, SYN_SENT } from "./tcp-state.ts";
import { TimeWait } from "./time-wait.ts";

/** net.ipv4.tcp_syn_retries 6: how long a client waits for a server that does not answer, nanoseconds. */
const CONNECT_TIMEOUT = 127_000_000_000;

export function listen(socket: TcpSocket, backlog: number): 0 | Errno {
  if (socket.state !== CLOSE && socket.state !== LISTEN) return EINVAL;
  if (socket.state === CLOSE) {
    if (socket.phase !== "unconnected") return EINVAL;
    socket.renew();
    const bound = socket.autobind();
    if (bound < 0) return bound;
    if (listenerInTheWay(socket)) return EADDRINUSE;
    socket.state = LISTEN;
    socket.implicit = false;
    socket.inet.addListener(socket);
  }
  socket.backlog = backlog;
  admit(socket);
  return 0;
}

/** SO_REUSEADDR lets several bind to one port, but only one of them listen. */
function listenerInTheWay(socket: TcpSocket): boolean {
  for (const other of socket.ports.at(socket.localPort) ?? []) {
    if (other === socket || !other.listening || !overlap(socket, other)) continue;
    if (!(socket.reusePort && other.reusePort && socket.owner === other.owner)) return true;
  }
  return false;
}

export function connect(socket: TcpSocket, _task: Task, name: Uint8Array, until: number): IoResult {
  if (name.length < 2) return EINVAL;
  if (familyOf(name) === AF_UNSPEC) {
    disconnect(socket);
    return 0;
  }
  if (socket.phase === "connecting") return socket.state === SYN_SENT && until === 0 ? EALREADY : settle(socket, until);
  if (socket.phase === "connected" || socket.state !== CLOSE) return EISCONN;
  const begun = begin(socket, name);
  if (begun < 0) return begun;
  // Even a connection that stands at once is told so only by the next look. connect(2)
  return until === 0 ? EINPROGRESS : settle(socket, until);
}

/** Chooses the addresses and sends the SYN. */
function begin(socket: TcpSocket, name: Uint8Array): 0 | Errno {
  const { inet } = socket;
  socket.renew();
  const endpoint = parseEndpoint(socket.family, name);
  if (typeof endpoint === "number") return endpoint;
  let { address } = endpoint;
  if (isAny(address)) address = thisHost(socket, address);
  if (isIpv4(address) && socket.v6only && address !== ANY4) return ENETUNREACH;
  if (isMulticast(address) || isBroadcast(address)) return ENETUNREACH;
  const route = inet.routes.lookup(address);
  if (!route?.local) return ENETUNREACH;
  const source = socket.addressGiven ? socket.localAddress : route.source;
  if (isIpv4(source) !== isIpv4(address)) return isIpv4(source) ? EAFNOSUPPORT : ENETUNREACH;
  const key = (port: number): string => connectionKey(source, port, address, endpoint.port);
  const free = (port: number): boolean => !(inet.connections.get(key(port)) instanceof TcpSocket);
  const before = socket.localAddress;
  socket.localAddress = source;
  if (socket.localPort === 0) {
    socket.implicit = true;
    const port = socket.ports.bindImplicit(socket, free);
    if (port === undefined) {
      socket.localAddress = before;
      return EADDRNOTAVAIL;
    }
    socket.localPort = port;
  } else if (!free(socket.localPort)) {
    socket.localAddress = before;
    return EADDRNOTAVAIL;
  }
  socket.remoteAddress = address;
  socket.remotePort = endpoint.port;
  socket.scope = endpoint.scope;
  socket.phase = "connecting";
  socket.state = SYN_SENT;
  socket.error = 0;
  socket.shut = 0;
  socket.finished = false;
  enter(socket, key(socket.localPort));
  if (address === source && endpoint.port === socket.localPort) {
    // A socket that connects to itself: both ends are one.
    socket.establish(socket);
    return 0;
  }
  synchronize(socket);
  return 0;
}

/** Puts a connection into the table, in place of what is left of an old one. */
function enter(socket: TcpSocket, key: string): void {
  const { connections } = socket.inet;
  const old = connections.get(key);
  if (old instanceof TimeWait) old.end();
  connections.set(key, socket);
  socket.key = key;
}

/** The SYN's answer. */
function synchronize(client: TcpSocket): void {
  const { inet } = client;
  const listener = inet.listener(client.remoteAddress, client.remotePort);
  if (!listener) {
    client.reset();
    return;
  }
  if (listener.pending.length > listener.backlog) {
    listener.waiting.push(client);
    client.waitsFor = listener;
    return;
  }
  const child = new TcpSocket(listener.net, listener.family);
  inherit(child, listener);
  child.localAddress = client.remoteAddress;
  child.localPort = client.remotePort;
  child.remoteAddress = client.localAddress;
  child.remotePort = client.localPort;
  child.phase = "connected";
  child.ports.add(child.localPort, child);
  enter(child, connectionKey(child.localAddress, child.localPort, child.remoteAddress, child.remotePort));
  child.establish(client);
  client.establish(child);
  listener.pending.push(child);
  listener.readers.wakeOne(READABLE);
}

function inherit(child: TcpSocket, listener: TcpSocket): void {
  child.reuseAddress = listener.reuseAddress;
  child.reusePort = listener.reusePort;
  child.keepAlive = listener.keepAlive;
  child.linger = listener.linger;
  child.priority = listener.priority;
  child.outOfBandInline = listener.outOfBandInline;
  child.receiveLowWater = listener.receiveLowWater;
  child.sendTimeout = listener.sendTimeout;
  child.receiveTimeout = listener.receiveTimeout;
  child.boundDevice = listener.boundDevice;
  child.v6only = listener.v6only;
  child.inheritBuffers(listener);
  for (const [name, value] of listener.tcp) child.tcp.set(name, value);
  child.congestion = listener.congestion;
  child.ip.inherit(listener.ip);
}

/** Lets clients in that wait for room. */
function admit(listener: TcpSocket): void {
  while (listener.waiting.length > 0 && listener.pending.length <= listener.backlog) {
    const client = listener.waiting.shift()!;
    client.waitsFor = undefined;
    synchronize(client);
    client.stateChanged();
  }
}

/** Waits for the handshake's end and tells how it went. */
function settle(socket: TcpSocket, until: number): IoResult {
  if (socket.state === SYN_SENT) {
    const wait = blockOn(socket.writers, until, () => settle(socket, until), 0, EINPROGRESS);
    if (typeof wait === "object" && wait.deadline === undefined) {
      wait.deadline = socket.kernel.clock.monotonic() + CONNECT_TIMEOUT;
      wait.onTimeout = () => {
        abort(socket);
        socket.phase = "unconnected";
        return ETIMEDOUT;
      };
    }
    return wait;
  }
  if (socket.state === CLOSE) {
    socket.phase = "unconnected";
    const error = socket.takeError();
    disconnect(socket);
    return error === 0 ? ECONNABORTED : error;
  }
  socket.phase = "connected";
  return 0;
}

export function accept(listener: TcpSocket, until: number): TcpSocket | Errno | Wait<TcpSocket> {
  if (listener.state !== LISTEN) return EINVAL;
  const child = listener.pending.shift();
  if (child) {
    admit(listener);
    return child;
  }
  const wait = blockOn<TcpSocket>(listener.readers, until, () => accept(listener, until));
  if (typeof wait === "object" && "exclusive" in wait) wait.exclusive = true;
  return wait;
}

/** The listener is gone: clients that wait are refused. */
export function refuseWaiting(listener: TcpSocket): void {
  for (const client of listener.waiting.splice(0)) {
    client.waitsFor = undefined;
    client.reset();
  }
}
