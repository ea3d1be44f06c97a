import assert from "node:assert/strict";
import { test } from "node:test";
import { POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from "../../../abi/flags.ts";
import {
  AF_UNIX,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SO_ERROR,
  SO_PASSCRED,
  SO_PEERCRED,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from "../../../abi/socket.ts";
import { Wait } from "../../sched/wait-queue.ts";
import { userCred } from "../../security/cred.ts";
import { Caller, fakeKernel } from "../calls.fake.ts";

const start = (): Caller => new Caller(fakeKernel().kernel, 1);
const types = [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET];
const abstract = (c: Caller, name: string): [number, number] => {
  const bytes = `\x01\0\0${name}`;
  return [c.put(bytes), bytes.length];
};

interface Ancillary {
  result: number | string;
  flags: number;
  controls: { type: number; ints: number[] }[];
  text: string;
}

function message(c: Caller, text: string, control: Uint8Array): number {
  const header = c.room(56);
  const iov = c.room(16);
  c.view.setBigUint64(iov, BigInt(c.put(text)), true);
  c.view.setBigUint64(iov + 8, BigInt(text.length), true);
  c.view.setBigUint64(header + 16, BigInt(iov), true);
  c.view.setBigUint64(header + 24, 1n, true);
  c.view.setBigUint64(header + 32, BigInt(c.put(control)), true);
  c.view.setBigUint64(header + 40, BigInt(control.length), true);
  return header;
}
function cmsg(type: number, ...ints: number[]): Uint8Array {
  const bytes = new Uint8Array(16 + Math.ceil(ints.length / 2) * 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(16 + ints.length * 4), true);
  view.setInt32(8, SOL_SOCKET, true);
  view.setInt32(12, type, true);
  for (const [i, value] of ints.entries()) view.setInt32(16 + i * 4, value, true);
  return bytes;
}
function receive(c: Caller, fd: number, size: number, room: number, flags = 0): Ancillary {
  const header = message(c, "\0".repeat(size), new Uint8Array(room));
  const result = c.call("recvmsg", fd, header, flags);
  const control = Number(c.view.getBigUint64(header + 32, true));
  const used = Number(c.view.getBigUint64(header + 40, true));
  const controls: Ancillary["controls"] = [];
  for (let at = control; at < control + used; ) {
    const length = Number(c.view.getBigUint64(at, true));
    const ints: number[] = [];
    for (let i = at + 16; i + 4 <= at + length; i += 4) ints.push(c.view.getInt32(i, true));
    controls.push({ type: c.view.getInt32(at + 12, true), ints });
    at += (length + 7) & ~7;
  }
  const iov = Number(c.view.getBigUint64(header + 16, true));
  const text = c.text(Number(c.view.getBigUint64(iov, true)), typeof result === "number" ? result : 0);
  return { result, flags: c.view.getUint32(header + 48, true), controls, text };
}

test("unix(7): messages of 212992 bytes of sk_buff fit, as on Linux", () => {
  // Bytes a message, then how many Linux 6.18 takes before EAGAIN on a stream and on a datagram socket.
  for (const [size, stream, datagram] of [
    [1, 278, 278],
    [500, 167, 167],
    [1000, 93, 93],
    [4096, 44, 26],
    [16384, 13, 11],
    [100000, 3, 3],
  ] as const) {
    for (const [type, expected] of [
      [SOCK_STREAM, stream],
      [SOCK_DGRAM, datagram],
      [SOCK_SEQPACKET, datagram],
    ] as const) {
      const c = start();
      const [a] = c.pair(type);
      const buffer = c.room(size);
      let count = 0;
      while (typeof c.call("sendto", a, buffer, size, MSG_DONTWAIT, 0, 0) === "number") count++;
      assert.equal(count, expected, `${size} bytes, type ${type}`);
      assert.equal(c.poll(a) & POLLOUT, 0);
    }
  }
});

test("unix(7): a stream joins writes, datagrams keep their boundaries", () => {
  const c = start();
  const [a, b] = c.pair(SOCK_STREAM);
  c.send(a, "one");
  c.send(a, "two");
  assert.equal(c.recv(b, 2, MSG_PEEK), "on");
  assert.equal(c.recv(b, 100, MSG_PEEK), "onetwo");
  assert.equal(c.recv(b, 4), "onet");
  assert.equal(c.recv(b, 100), "wo");
  assert.equal(c.recv(b, 1, MSG_DONTWAIT), "EAGAIN");
  for (const type of [SOCK_DGRAM, SOCK_SEQPACKET]) {
    const [x, y] = c.pair(type);
    c.send(x, "first");
    c.send(x, "");
    c.send(x, "second");
    assert.equal(c.recv(y, 3, MSG_PEEK), "fir");
    assert.equal(c.call("recvfrom", y, c.room(8), 3, MSG_TRUNC, 0, 0), 5);
    assert.equal(c.recv(y, 10), "");
    assert.equal(c.recv(y, 10), "second");
  }
});

test("recv(2): MSG_WAITALL waits for all, and gives what is there at the end", () => {
  const c = start();
  const [a, b] = c.pair(SOCK_STREAM);
  c.send(a, "ab");
  const buffer = c.room(4);
  const wait = c.begin("recvfrom", b, buffer, 4, MSG_WAITALL, 0, 0);
  assert.ok(wait instanceof Wait);
  c.send(a, "c");
  const again = wait.retry();
  assert.ok(again instanceof Wait);
  c.close(a);
  assert.equal(c.retry(again), 3);
  assert.equal(c.text(buffer, 3), "abc");
});

test("unix(7): the end of a peer, by type", () => {
  const c = start();
  const [a, b] = c.pair(SOCK_STREAM);
  c.send(a, "x");
  c.close(a);
  assert.equal(c.poll(b), POLLIN | 0x40 | POLLHUP | POLLRDHUP | POLLOUT | 0x100 | 0x200);
  assert.equal(c.recv(b, 9), "x");
  assert.equal(c.recv(b, 9), "");
  assert.equal(c.send(b, "y"), "EPIPE");
  assert.ok(c.pending.has(13));
  const [d, e] = c.pair(SOCK_DGRAM);
  c.close(d);
  assert.equal(c.send(e, "y"), "ECONNREFUSED");
  assert.equal(c.send(e, "y"), "ENOTCONN");
  const [f, g] = c.pair(SOCK_STREAM);
  c.send(f, "unread");
  c.close(g);
  assert.equal(c.option(f, SOL_SOCKET, SO_ERROR), 104);
  assert.equal(c.send(f, "x", MSG_NOSIGNAL), "EPIPE");
});

test("shutdown(2): halves", () => {
  const c = start();
  const [a, b] = c.pair(SOCK_STREAM);
  assert.equal(c.call("shutdown", a, 1), 0);
  assert.equal(c.recv(b, 1), "");
  assert.equal(c.poll(b) & (POLLRDHUP | POLLHUP | POLLIN), POLLRDHUP | POLLIN);
  assert.equal(c.send(b, "back"), 4);
  assert.equal(c.recv(a, 9), "back");
  assert.equal(c.send(a, "x", MSG_NOSIGNAL), "EPIPE");
  assert.equal(c.call("shutdown", a, 3), "EINVAL");
});

test("connect(2) to an abstract name: refused, backlog, accept, names", () => {
  const c = start();
  const server = c.call("socket", AF_UNIX, SOCK_STREAM, 0) as number;
  const client = c.call("socket", AF_UNIX, SOCK_STREAM, 0) as number;
  assert.equal(c.poll(client), POLLOUT | 0x300 | POLLHUP);
  assert.equal(c.call("listen", server, 1), "EINVAL");
  assert.equal(c.call("connect", client, ...abstract(c, "srv")), "ECONNREFUSED");
  assert.equal(c.call("bind", server, ...abstract(c, "srv")), 0);
  assert.equal(c.call("bind", client, ...abstract(c, "srv")), "EADDRINUSE");
  assert.equal(c.call("bind", server, ...abstract(c, "other")), "EINVAL");
  assert.equal(c.call("connect", client, ...abstract(c, "srv")), "ECONNREFUSED");
  assert.equal(c.call("listen", server, 0), 0);
  assert.equal(c.call("accept", server, 0, 0), "blocked");
  assert.equal(c.call("connect", client, ...abstract(c, "srv")), 0);
  assert.equal(c.call("connect", client, ...abstract(c, "srv")), "blocked");
  const second = c.call("socket", AF_UNIX, SOCK_STREAM | 0o4000, 0) as number;
  assert.equal(c.call("connect", second, ...abstract(c, "srv")), "EAGAIN");
  const blocking = c.call("socket", AF_UNIX, SOCK_STREAM, 0) as number;
  const wait = c.begin("connect", blocking, ...abstract(c, "srv"));
  assert.equal(c.poll(server) & POLLIN, POLLIN);
  const length = c.int(110);
  const address = c.room(110);
  const connection = c.call("accept", server, address, length) as number;
  assert.ok(connection > 0);
  assert.equal(c.view.getInt32(length, true), 2);
  assert.equal(c.retry(wait), 0);
  c.call("accept", server, 0, 0);
  assert.equal(c.call("connect", client, ...abstract(c, "srv")), "EISCONN");
  assert.equal(c.call("connect", second, ...abstract(c, "srv")), 0);
  c.view.setInt32(length, 110, true);
  assert.equal(c.call("getpeername", client, address, length), 0);
  assert.equal(c.text(address + 2, c.view.getInt32(length, true) - 2), "\0srv");
  c.send(client, "early");
  assert.equal(c.recv(connection, 9), "early");
  c.close(connection);
  const dgram = c.call("socket", AF_UNIX, SOCK_DGRAM, 0) as number;
  assert.equal(c.call("connect", dgram, ...abstract(c, "srv")), "EPROTOTYPE");
  c.close(server);
  assert.equal(c.option(second, SOL_SOCKET, SO_ERROR), 104);
});

test("bind(2): autobind gives five hexadecimal digits", () => {
  const c = start();
  const fd = c.call("socket", AF_UNIX, SOCK_DGRAM, 0) as number;
  assert.equal(c.call("bind", fd, c.put("\x01\0"), 2), 0);
  const address = c.room(110);
  const length = c.int(110);
  c.call("getsockname", fd, address, length);
  assert.match(c.text(address + 2, c.view.getInt32(length, true) - 2), /^\0[0-9a-f]{5}$/);
});

test("unix(7): a named datagram socket holds 11 messages of others", () => {
  const c = start();
  const receiver = c.call("socket", AF_UNIX, SOCK_DGRAM, 0) as number;
  const sender = c.call("socket", AF_UNIX, SOCK_DGRAM, 0) as number;
  c.call("bind", receiver, ...abstract(c, "r"));
  c.call("connect", sender, ...abstract(c, "r"));
  let count = 0;
  while (c.send(sender, "m", MSG_DONTWAIT) === 1) count++;
  assert.equal(count, 11);
  assert.equal(c.poll(sender) & POLLOUT, 0);
  const wait = c.begin("sendto", sender, c.put("last"), 4, 0, 0, 0);
  let woken = 0;
  c.file(sender)
    .ops.pollQueues?.(c.file(sender))[1]
    ?.add({ wake: () => ++woken > 0 });
  assert.equal(c.recv(receiver, 9), "m");
  assert.equal(woken > 0, true);
  assert.equal(c.retry(wait), 4);
});

test("unix(7): SCM_RIGHTS passes files, only the first byte's read gets them, MSG_CTRUNC when there is no room", () => {
  for (const type of types) {
    const c = start();
    const [a, b] = c.pair(type);
    const [x, y] = c.pair(SOCK_STREAM);
    assert.equal(c.call("sendmsg", a, message(c, "fd", cmsg(SCM_RIGHTS, x, y)), 0), 2);
    c.send(a, "more");
    c.close(x);
    const got = receive(c, b, 100, 100);
    assert.equal(got.text, "fd");
    assert.equal(got.controls.length, 1);
    const [p] = got.controls[0]!.ints as [number];
    c.send(p, "through");
    assert.equal(c.recv(y, 10), "through");
    assert.equal(c.call("sendmsg", a, message(c, "fd", cmsg(SCM_RIGHTS, y, y, y)), 0), 2);
    assert.equal(c.recv(b, 4), "more");
    const cut = receive(c, b, 10, 16 + 8);
    assert.equal(cut.controls[0]!.ints.length, 2);
    assert.equal(cut.flags & MSG_CTRUNC, MSG_CTRUNC);
    assert.equal(c.call("sendmsg", a, message(c, "fd", cmsg(SCM_RIGHTS, 999)), 0), "EBADF");
  }
});

test("unix(7): a socket in its own queue, and two in each other's, are collected", () => {
  const c = start();
  const { unix } = c.kernel.net;
  const [a, b] = c.pair(SOCK_STREAM);
  c.call("sendmsg", a, message(c, "x", cmsg(SCM_RIGHTS, b)), 0);
  c.call("sendmsg", b, message(c, "x", cmsg(SCM_RIGHTS, a)), 0);
  c.close(a);
  c.close(b);
  const [d, e] = c.pair(SOCK_DGRAM);
  c.call("sendmsg", d, message(c, "x", cmsg(SCM_RIGHTS, e)), 0);
  c.close(e);
  assert.equal(unix.sockets.size > 0, true);
  c.close(d);
  const [f, g] = c.pair(SOCK_DGRAM);
  c.close(f);
  c.close(g);
  assert.equal(unix.sockets.size, 0);
});

test("unix(7): sockets packed 5000 deep are released without recursion", () => {
  const c = start();
  let [a, b] = c.pair(SOCK_STREAM);
  for (let i = 0; i < 5000; i++) {
    const [x, y] = c.pair(SOCK_STREAM);
    assert.equal(c.call("sendmsg", x, message(c, "x", cmsg(SCM_RIGHTS, a, b)), 0), 1);
    c.close(a);
    c.close(b);
    [a, b] = [x, y];
  }
  c.close(a);
  c.close(b);
  assert.equal(c.kernel.net.unix.sockets.size, 0);
});

test("unix(7): SO_PASSCRED, SCM_CREDENTIALS and SO_PEERCRED", () => {
  const { kernel } = fakeKernel();
  const root = new Caller(kernel, 7);
  const [a, b] = root.pair(SOCK_STREAM);
  root.setOption(b, SOL_SOCKET, SO_PASSCRED, 1);
  root.send(a, "x");
  assert.deepEqual(receive(root, b, 1, 100).controls, [{ type: SCM_CREDENTIALS, ints: [7, 0, 0] }]);
  const value = root.room(12);
  root.call("getsockopt", a, SOL_SOCKET, SO_PEERCRED, value, root.int(12));
  assert.equal(root.view.getInt32(value, true), 7);
  const user = new Caller(kernel, 8, userCred(1000, 1000));
  const [c, d] = user.pair(SOCK_DGRAM);
  assert.equal(user.call("sendmsg", c, message(user, "x", cmsg(SCM_CREDENTIALS, 8, 0, 0)), 0), "EPERM");
  assert.equal(user.call("sendmsg", c, message(user, "x", cmsg(SCM_CREDENTIALS, 8, 1000, 1000)), 0), 1);
  assert.equal(receive(user, d, 1, 100).controls.length, 0);
});

test("recv(2): SO_RCVTIMEO gives EAGAIN at its time, and EINTR for a signal", () => {
  const c = start();
  const [, b] = c.pair(SOCK_STREAM);
  const timeval = c.room(16);
  c.view.setBigInt64(timeval + 8, 500_000n, true);
  assert.equal(c.call("setsockopt", b, SOL_SOCKET, 20, timeval, 16), 0);
  const wait = c.begin("recvfrom", b, c.room(8), 8, 0, 0, 0);
  assert.ok(wait instanceof Wait);
  assert.equal(wait.deadline, 500_000_000);
  assert.equal(wait.onTimeout(), -11);
  assert.equal(wait.interrupt, -4);
});
