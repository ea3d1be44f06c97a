import assert from "node:assert/strict";
import { test } from "node:test";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from "../../../abi/flags.ts";
import {
  AF_INET,
  AF_INET6,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  SO_BROADCAST,
  SO_ERROR,
  SO_LINGER,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_TCP,
} from "../../../abi/socket.ts";
import { userCred } from "../../security/cred.ts";
import { Caller, fakeKernel } from "../calls.fake.ts";

const start = (): Caller => new Caller(fakeKernel().kernel, 1);
const LOOPBACK = [127, 0, 0, 1];
const name = (c: Caller, port: number, address = LOOPBACK): [number, number] => [
  c.put(Uint8Array.of(2, 0, port >> 8, port & 255, ...address, 0, 0, 0, 0, 0, 0, 0, 0)),
  16,
];
const name6 = (c: Caller, port: number, address = [...new Array(15).fill(0), 1]): [number, number] => [
  c.put(Uint8Array.of(10, 0, port >> 8, port & 255, 0, 0, 0, 0, ...address, 0, 0, 0, 0)),
  28,
];
const socket = (c: Caller, family = AF_INET, type: number = SOCK_STREAM): number =>
  c.call("socket", family, type, 0) as number;
function address(c: Caller, call: string, fd: number): { port: number; address: number[] } | string {
  const at = c.room(28);
  const result = c.call(call, fd, at, c.int(28));
  if (result !== 0) return result as string;
  const six = c.memory[at] === 10;
  const from = six ? at + 8 : at + 4;
  return {
    port: (c.memory[at + 2]! << 8) | c.memory[at + 3]!,
    address: [...c.memory.slice(from, from + (six ? 16 : 4))],
  };
}
function listening(c: Caller, port: number, backlog = 5): number {
  const fd = socket(c);
  c.setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  assert.equal(c.call("bind", fd, ...name(c, port)), 0);
  assert.equal(c.call("listen", fd, backlog), 0);
  return fd;
}
function connection(c: Caller, port = 80): [client: number, server: number, listener: number] {
  const listener = listening(c, port);
  const client = socket(c);
  assert.equal(c.call("connect", client, ...name(c, port)), 0);
  return [client, c.call("accept", listener, 0, 0) as number, listener];
}

test("tcp(7): connect, names, both ways, half-close", () => {
  const c = start();
  const [client, server, listener] = connection(c);
  assert.equal(c.poll(listener), 0);
  const local = address(c, "getsockname", client);
  assert.deepEqual(local, address(c, "getpeername", server));
  assert.deepEqual(address(c, "getpeername", client), { port: 80, address: LOOPBACK });
  assert.ok(typeof local === "object" && local.port >= 32768 && local.port <= 60999);
  assert.equal(c.send(client, "question"), 8);
  assert.equal(c.poll(server), POLLIN | 0x40 | POLLOUT | 0x100);
  assert.equal(c.recv(server, 4, MSG_PEEK), "ques");
  assert.equal(c.recv(server, 100), "question");
  assert.equal(c.call("shutdown", client, 1), 0);
  assert.equal(c.recv(server, 1), "");
  assert.equal(c.poll(server) & (POLLRDHUP | POLLHUP), POLLRDHUP);
  assert.equal(c.send(server, "answer"), 6);
  assert.equal(c.recv(client, 100), "answer");
  assert.equal(c.recv(client, 100, MSG_DONTWAIT), "EAGAIN");
  c.close(server);
  assert.equal(c.recv(client, 100), "");
  assert.equal(c.poll(client) & POLLHUP, POLLHUP);
});

test("connect(2): refused, in progress, already connected, unreachable", () => {
  const c = start();
  const fd = socket(c);
  assert.equal(c.poll(fd), POLLOUT | 0x100 | POLLHUP);
  assert.equal(c.call("connect", fd, ...name(c, 9)), "ECONNREFUSED");
  assert.equal(c.kernel.net.inet.tcpPorts.at(32768), undefined);
  listening(c, 90);
  assert.equal(c.call("connect", fd, ...name(c, 90)), 0);
  assert.equal(c.kernel.net.inet.tcpPorts.at(32769)?.size, 1);
  c.close(fd);
  assert.equal(c.call("connect", socket(c), ...name(c, 9, [8, 8, 8, 8])), "ENETUNREACH");
  const busy = socket(c, AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  assert.equal(c.call("connect", busy, ...name(c, 9)), "EINPROGRESS");
  assert.equal(c.poll(busy) & (POLLOUT | POLLERR | POLLHUP), POLLOUT | POLLERR | POLLHUP);
  assert.equal(c.option(busy, SOL_SOCKET, SO_ERROR), 111);
  listening(c, 81, 0);
  const good = socket(c, AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  assert.equal(c.call("connect", good, ...name(c, 81)), "EINPROGRESS");
  assert.equal(c.poll(good), POLLOUT | 0x100);
  assert.equal(c.option(good, SOL_SOCKET, SO_ERROR), 0);
  assert.equal(c.call("connect", good, ...name(c, 81)), 0);
  assert.equal(c.call("connect", good, ...name(c, 81)), "EISCONN");
  const full = socket(c, AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  assert.equal(c.call("connect", full, ...name(c, 81)), "EINPROGRESS");
  assert.equal(c.poll(full), 0);
  assert.equal(c.call("connect", full, ...name(c, 81)), "EALREADY");
  assert.equal(c.send(socket(c), "x", MSG_NOSIGNAL), "EPIPE");
  assert.equal(c.recv(socket(c), 1), "ENOTCONN");
});

test("listen(2): a client that found the queue full gets in when accept makes room", () => {
  const c = start();
  const listener = listening(c, 80, 0);
  const first = socket(c);
  const second = socket(c);
  assert.equal(c.call("connect", first, ...name(c, 80)), 0);
  const wait = c.begin("connect", second, ...name(c, 80));
  const server = c.call("accept", listener, 0, 0) as number;
  assert.equal(c.retry(wait), 0);
  c.close(first);
  assert.equal(c.recv(server, 1), "");
  c.close(listener);
  assert.equal(c.recv(second, 1), "ECONNRESET");
});

test("close(2): unread bytes make it a reset, SO_LINGER of 0 too", () => {
  const c = start();
  const [client, server] = connection(c);
  c.send(client, "unread");
  c.close(server);
  assert.equal(c.recv(client, 1), "ECONNRESET");
  assert.equal(c.send(client, "x", MSG_NOSIGNAL), "EPIPE");
  const [a, b] = connection(c, 81);
  const linger = c.room(8);
  c.view.setInt32(linger, 1, true);
  c.call("setsockopt", a, SOL_SOCKET, SO_LINGER, linger, 8);
  c.close(a);
  assert.equal(c.poll(b) & (POLLERR | POLLHUP | POLLIN), POLLERR | POLLHUP | POLLIN);
  assert.equal(c.recv(b, 1), "ECONNRESET");
});

test("send(2) to a process that is gone: the first is lost, the second gives EPIPE", () => {
  const c = start();
  const [client, server] = connection(c);
  c.close(server);
  assert.equal(c.recv(client, 1), "");
  assert.equal(c.send(client, "lost"), 4);
  assert.equal(c.send(client, "x", MSG_NOSIGNAL), "EPIPE");
});

test("bind(2): conflicts by address, family, SO_REUSEADDR and SO_REUSEPORT", () => {
  const c = start();
  const bound = (options: number[], ...at: [number, number]): [number, number | string] => {
    const fd = socket(c);
    for (const option of options) c.setOption(fd, SOL_SOCKET, option, 1);
    return [fd, c.call("bind", fd, ...at)];
  };
  const any = [0, 0, 0, 0];
  assert.equal(bound([], ...name(c, 1000))[1], 0);
  assert.equal(bound([], ...name(c, 1000))[1], "EADDRINUSE");
  assert.equal(bound([], ...name(c, 1000, any))[1], "EADDRINUSE");
  assert.equal(bound([], ...name(c, 1000, [127, 0, 0, 2]))[1], 0);
  const [a] = bound([SO_REUSEADDR], ...name(c, 1001));
  const [b, second] = bound([SO_REUSEADDR], ...name(c, 1001));
  assert.equal(second, 0);
  assert.equal(c.call("listen", a, 1), 0);
  assert.equal(c.call("listen", b, 1), "EADDRINUSE");
  assert.equal(bound([SO_REUSEADDR], ...name(c, 1001))[1], "EADDRINUSE");
  assert.equal(bound([SO_REUSEPORT], ...name(c, 1002))[1], 0);
  assert.equal(bound([SO_REUSEPORT], ...name(c, 1002))[1], 0);
  assert.equal(bound([SO_REUSEADDR], ...name(c, 1002))[1], "EADDRINUSE");
  const six = (only: number): number | string => {
    const fd = socket(c, AF_INET6);
    c.setOption(fd, SOL_IPV6, 26, only);
    return c.call("bind", fd, ...name6(c, 1000, new Array(16).fill(0)));
  };
  assert.equal(six(0), "EADDRINUSE");
  assert.equal(six(1), 0);
  assert.equal(bound([], ...name(c, 1003, [10, 0, 0, 1]))[1], "EADDRNOTAVAIL");
  const user = new Caller(c.kernel, 2, userCred(1000, 1000));
  assert.equal(user.call("bind", socket(user), ...name(user, 80)), "EACCES");
});

test("tcp(7): the side that closes first keeps its port for a minute", () => {
  const c = start();
  const [client, server, listener] = connection(c);
  c.close(listener);
  c.close(server);
  c.close(client);
  const plain = socket(c);
  assert.equal(c.call("bind", plain, ...name(c, 80)), "EADDRINUSE");
  const reuse = socket(c);
  c.setOption(reuse, SOL_SOCKET, SO_REUSEADDR, 1);
  assert.equal(c.call("bind", reuse, ...name(c, 80)), 0);
  c.close(reuse);
  (c.kernel.host as { time?: number }).time = 61e9;
  c.kernel.timers.run();
  assert.equal(c.call("bind", plain, ...name(c, 80)), 0);
  assert.equal(c.kernel.net.inet.connections.size, 0);
  c.close(plain);
  assert.equal(c.kernel.net.inet.tcpSockets.size, 0);
  assert.equal(c.kernel.net.inet.tcpPorts.at(80), undefined);
});

test("ipv6(7): a dual-stack listener takes IPv4, with mapped addresses", () => {
  const c = start();
  const listener = socket(c, AF_INET6);
  assert.equal(c.call("bind", listener, ...name6(c, 80, new Array(16).fill(0))), 0);
  c.call("listen", listener, 5);
  const four = socket(c);
  assert.equal(c.call("connect", four, ...name(c, 80)), 0);
  const server = c.call("accept", listener, 0, 0) as number;
  const peer = address(c, "getpeername", server);
  assert.ok(typeof peer === "object");
  assert.deepEqual(peer.address, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...LOOPBACK]);
  const six = socket(c, AF_INET6);
  assert.equal(c.call("connect", six, ...name6(c, 80)), 0);
  const mapped = socket(c, AF_INET6);
  assert.equal(c.call("connect", mapped, ...name6(c, 80, peer.address)), 0);
});

test("tcp(7): a send that fills buffer and window waits until the reader has made room", () => {
  const c = start();
  const [client, server] = connection(c);
  c.setOption(client, SOL_SOCKET, SO_SNDBUF, 32768);
  const chunk = c.room(100_000);
  let total = 0;
  for (;;) {
    const sent = c.call("sendto", client, chunk, 100_000, MSG_DONTWAIT, 0, 0);
    if (typeof sent === "string") break;
    total += sent;
  }
  assert.equal(total, 65536 + 131072);
  assert.equal(c.poll(client) & POLLOUT, 0);
  const wait = c.begin("sendto", client, chunk, 100_000, 0, 0, 0);
  assert.equal(typeof wait, "object");
  let woken = 0;
  c.file(client)
    .ops.pollQueues?.(c.file(client))[1]
    ?.add({ wake: () => ++woken > 0 });
  assert.equal((c.call("recvfrom", server, chunk, 10_000, 0, 0, 0) as number) === 10_000 && woken, 0);
  c.call("recvfrom", server, chunk, 90_000, 0, 0, 0);
  assert.equal(woken, 1);
  assert.equal(c.retry(wait), 100_000);
});

test("tcp(7): options keep what they are given, within their ranges", () => {
  const c = start();
  const fd = socket(c);
  assert.equal(c.setOption(fd, SOL_TCP, 1, 5), 0);
  assert.equal(c.option(fd, SOL_TCP, 1), 1);
  assert.equal(c.setOption(fd, SOL_TCP, 4, 0), "EINVAL");
  assert.equal(c.option(fd, SOL_TCP, 4), 7200);
  assert.equal(c.setOption(fd, SOL_TCP, 999, 0), "ENOPROTOOPT");
  const info = c.room(256);
  assert.equal(c.call("getsockopt", fd, SOL_TCP, 11, info, c.int(256)), 0);
  assert.equal(c.memory[info], 7);
});

test("udp(7): datagrams, connected and not, and the refused one's error", () => {
  const c = start();
  const a = socket(c, AF_INET, SOCK_DGRAM);
  const b = socket(c, AF_INET, SOCK_DGRAM);
  assert.equal(c.call("bind", a, ...name(c, 53)), 0);
  assert.equal(c.send(b, "x"), "EDESTADDRREQ");
  assert.equal(c.call("sendto", b, c.put("hello"), 5, 0, ...name(c, 53)), 5);
  const from = c.room(16);
  assert.equal(c.call("recvfrom", a, c.room(10), 10, 0, from, c.int(16)), 5);
  assert.deepEqual([...c.memory.slice(from + 4, from + 8)], LOOPBACK);
  assert.equal(c.call("connect", b, ...name(c, 54)), 0);
  assert.equal(c.send(b, "nobody"), 6);
  assert.equal(c.poll(b) & POLLERR, POLLERR);
  assert.equal(c.send(b, "again"), "ECONNREFUSED");
  assert.equal(c.send(b, "again"), 5);
  assert.equal(c.option(b, SOL_SOCKET, SO_ERROR), 111);
  assert.equal(c.call("sendto", b, c.put("x"), 1, 0, ...name(c, 53, [127, 255, 255, 255])), "EACCES");
  c.setOption(b, SOL_SOCKET, SO_BROADCAST, 1);
  assert.equal(c.call("sendto", b, c.room(70000), 65508, 0, ...name(c, 53)), "EMSGSIZE");
  c.close(a);
  c.close(b);
  assert.equal(c.kernel.net.inet.udpSockets.size, 0);
});

test("icmp(7): a raw socket's echo request is answered", () => {
  const c = start();
  const fd = c.call("socket", AF_INET, SOCK_RAW, 1) as number;
  const request = c.put(Uint8Array.of(8, 0, 0, 0, 0, 1, 0, 1, 65));
  assert.equal(c.call("sendto", fd, request, 9, 0, ...name(c, 0)), 9);
  const own = c.recv(fd, 100);
  assert.equal(own.charCodeAt(20), 8);
  const reply = c.recv(fd, 100);
  assert.equal(reply.length, 29);
  assert.equal(reply.charCodeAt(20), 0);
  assert.equal(reply.charCodeAt(9), 1);
  const user = new Caller(c.kernel, 2, userCred(1000, 1000));
  assert.equal(user.call("socket", AF_INET, SOCK_RAW, 1), "EPERM");
});

test("socket(2): families and types that there are not", () => {
  const c = start();
  assert.equal(c.call("socket", 99, SOCK_STREAM, 0), "EAFNOSUPPORT");
  assert.equal(c.call("socket", AF_INET, 11, 0), "EINVAL");
  assert.equal(c.call("socket", AF_INET, SOCK_STREAM, 17), "EPROTONOSUPPORT");
  assert.equal(c.call("socket", AF_INET, 5, 0), "ESOCKTNOSUPPORT");
  assert.equal(c.call("socketpair", AF_INET, SOCK_STREAM, 0, c.room(8)), "EOPNOTSUPP");
  assert.equal(c.call("bind", 0, 0, 0), "EBADF");
});
