import assert from "node:assert/strict";
import { test } from "node:test";
import { AF_INET, AF_NETLINK, MSG_DONTWAIT, SOCK_RAW, SOCK_STREAM } from "../../../abi/socket.ts";
import { Caller, fakeKernel } from "../calls.fake.ts";

interface Message {
  type: number;
  flags: number;
  body: string;
}

function request(c: Caller, fd: number, type: number, flags: number, payload: number[]): Message[] {
  const bytes = new Uint8Array(16 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, 5, true);
  bytes.set(payload, 16);
  assert.equal(c.call("sendto", fd, c.put(bytes), bytes.length, 0, 0, 0), bytes.length);
  const messages: Message[] = [];
  for (;;) {
    const text = c.recv(fd, 8192, MSG_DONTWAIT);
    if (text === "EAGAIN") return messages;
    const got = Buffer.from(text, "latin1");
    for (let at = 0; at < got.length; ) {
      const length = got.readUInt32LE(at);
      assert.equal(got.readUInt32LE(at + 8), 5);
      const body = got.subarray(at + 16, at + length).toString("hex");
      messages.push({ type: got.readUInt16LE(at + 4), flags: got.readUInt16LE(at + 6), body });
      at += (length + 3) & ~3;
    }
  }
}

const start = (): [Caller, number] => {
  const c = new Caller(fakeKernel().kernel, 1);
  return [c, c.call("socket", AF_NETLINK, SOCK_RAW, 0) as number];
};

// The bytes are Linux 6.18's own for its loopback device.
test("rtnetlink(7): RTM_GETADDR dumps the loopback device's addresses", () => {
  const [c, fd] = start();
  const cacheinfo = "14000600ffffffffffffffff1600000016000000";
  assert.deepEqual(
    request(c, fd, 22, 0x301, [0, 0, 0, 0]).map(({ body }) => body),
    [
      `020880fe01000000080001007f000001080002007f000001070003006c6f00000800080080000000${cacheinfo}`,
      `0a8080fe010000001400010000000000000000000000000000000001${cacheinfo}080008008000000005000b0001000000`,
      "00000000",
    ],
  );
  assert.equal(request(c, fd, 22, 0x301, [10, 0, 0, 0]).length, 2);
});

test("rtnetlink(7): RTM_GETROUTE dumps table local", () => {
  const [c, fd] = start();
  const routes = request(c, fd, 26, 0x301, [AF_INET, 0, 0, 0]).map(({ body }) => body);
  assert.deepEqual(routes, [
    "02080000ff02fe020000000008000f00ff000000080001007f000000080007007f0000010800040001000000",
    "02200000ff02fe020000000008000f00ff000000080001007f000001080007007f0000010800040001000000",
    "02200000ff02fd030000000008000f00ff000000080001007fffffff080007007f0000010800040001000000",
    "00000000",
  ]);
});

test("rtnetlink(7): RTM_GETLINK by name, and ENODEV", () => {
  const [c, fd] = start();
  const head = new Array(16).fill(0);
  const [link] = request(c, fd, 18, 1, [...head, 7, 0, 3, 0, 0x6c, 0x6f, 0, 0]);
  assert.equal(link?.type, 16);
  assert.match(link?.body ?? "", /^000004030100000049000100/);
  const [error] = request(c, fd, 18, 1, [...head, 7, 0, 3, 0, 0x78, 0x78, 0, 0]);
  assert.equal(error?.type, 2);
  assert.match(error?.body ?? "", /^edffffff/);
});

test("proc_pid_net(5): tcp shows a listener as Linux does", () => {
  const [c] = start();
  const fd = c.call("socket", AF_INET, SOCK_STREAM, 0) as number;
  c.call("bind", fd, c.put(Uint8Array.of(2, 0, 7, 0xe8, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)), 16);
  c.call("listen", fd, 5);
  const [, line] = c.kernel.net.tables.get("tcp")?.().split("\n") ?? [];
  assert.match(
    line ?? "",
    /^ {3}0: 0100007F:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {5}0 {8}0 \d+ 1 [0-9a-f]{16} 100 0 0 10 0 *$/,
  );
  assert.equal(line?.length, 149);
});
