// The text of /proc/net's pages, from the state of the stack. proc_pid_net(5)
import { AF_INET } from "../../abi/socket.ts";
import { type IpAddress, isIpv4, mapped } from "./inet/address.ts";
import { IPPROTO_UDP, IPPROTO_UDPLITE } from "./inet/protocols.ts";
import type { RawSocket } from "./inet/raw.ts";
import type { InetSocket } from "./inet/socket.ts";
import { TcpSocket } from "./inet/tcp.ts";
import { CLOSE, ESTABLISHED, LISTEN, TIME_WAIT } from "./inet/tcp-state.ts";
import { TimeWait } from "./inet/time-wait.ts";
import type { UdpSocket } from "./inet/udp.ts";
import { netmask } from "./interface.ts";
import type { Net } from "./net.ts";
import type { UnixSocket } from "./unix/socket.ts";

/** Puts the pages where the proc filesystem looks for them. */
export function registerTables(net: Net): void {
  const { tables } = net;
  for (const [suffix, four] of [
    ["", true],
    ["6", false],
  ] as const) {
    tables.set(`tcp${suffix}`, () => tcp(net, four));
    tables.set(`udp${suffix}`, () => datagrams(udp(net, IPPROTO_UDP), four, true));
    tables.set(`udplite${suffix}`, () => datagrams(udp(net, IPPROTO_UDPLITE), four, true));
    tables.set(`raw${suffix}`, () => datagrams(net.inet.rawSockets, four, false));
  }
  tables.set("unix", () => unix(net));
  tables.set("dev", () => devices(net));
  tables.set("route", () => routes(net));
  tables.set("if_inet6", () => addresses6(net));
  tables.set("sockstat", () => statistics(net));
  tables.set("sockstat6", () => statistics6(net));
  tables.set("netlink", () => netlink(net));
}

/** The sockets of UDP or of UDP-Lite. */
const udp = (net: Net, protocol: number): UdpSocket[] =>
  [...net.inet.udpSockets].filter((socket) => socket.protocol === protocol);

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, "0");
/** A place in memory as the kernel shows it: none of ours has one, the inode number stands for it. */
const place = (ino: number): string => ino.toString(16).padStart(16, "0");

/** 32-bit words in host order, the last byte first, as the kernel prints them. */
function addressText(address: IpAddress, four: boolean): string {
  const bytes = four ? address : mapped(address);
  let text = "";
  for (let i = 0; i < bytes.length; i += 4) for (let j = 3; j >= 0; j--) text += hex(bytes.charCodeAt(i + j), 2);
  return text;
}

interface Line {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
}

const ends = (line: Line, four: boolean): string => {
  const local = addressText(isIpv4(line.localAddress) === four || !four ? line.localAddress : "\0\0\0\0", four);
  const remote = addressText(isIpv4(line.remoteAddress) === four || !four ? line.remoteAddress : "\0\0\0\0", four);
  return `${local}:${hex(line.localPort, 4)} ${remote}:${hex(line.remotePort, 4)}`;
};

const head = (four: boolean, tail: string): string =>
  four
    ? `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode${tail}`
    : `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode${tail}`;

function tcp(net: Net, four: boolean): string {
  const width = four ? 149 : 0;
  const lines = [head(four, "").padEnd(width)];
  const state = (socket: TcpSocket): number => socket.state;
  const add = (line: Line, st: number, queues: [number, number], tail: string): void => {
    const number = String(lines.length - 1).padStart(4);
    lines.push(
      `${number}: ${ends(line, four)} ${hex(st, 2)} ${hex(queues[0], 8)}:${hex(queues[1], 8)} ${tail}`.padEnd(width),
    );
  };
  const sockets = [...net.inet.tcpSockets].filter((s) => (s.family === AF_INET) === four && state(s) !== CLOSE);
  for (const socket of [...sockets.filter((s) => s.listening), ...sockets.filter((s) => !s.listening)]) {
    const sent = Math.max(0, (socket.peer?.unread ?? 0) - (socket.peer?.window ?? 0));
    const received = socket.state === LISTEN ? socket.pending.length : socket.input.length;
    const ino = socket.file?.inode.ino ?? 0;
    const owner = String(ino === 0 ? 0 : socket.owner).padStart(5);
    const rest = socket.listening ? "100 0 0 10 0" : "20 4 30 10 -1";
    add(
      socket,
      socket.state,
      [sent, received],
      `00:00000000 00000000 ${owner}        0 ${ino} 1 ${place(ino)} ${rest}`,
    );
  }
  for (const entry of net.inet.connections.values()) {
    if (!(entry instanceof TimeWait) || (entry.family === AF_INET) !== four) continue;
    add(entry, TIME_WAIT, [0, 0], "03:00001770 00000000     0        0 0 3 0000000000000000");
  }
  return `${lines.join("\n")}\n`;
}

function datagrams(sockets: Iterable<UdpSocket | RawSocket>, four: boolean, udp: boolean): string {
  const width = four ? 127 : 0;
  // UDP's own head is one column further to the right.
  const margin = four && udp ? " " : "";
  const lines = [(margin + head(four, " ref pointer drops")).padEnd(udp ? width : 0)];
  for (const socket of sockets) {
    if ((socket.family === AF_INET) !== four) continue;
    const raw = socket.ports === undefined;
    if (!raw && socket.localPort === 0) continue;
    const line: Line = raw ? { ...endsOf(socket), localPort: socket.protocol } : socket;
    const state = socket.remotePort !== 0 ? ESTABLISHED : CLOSE;
    const ino = socket.file?.inode.ino ?? 0;
    const number = String(raw ? socket.protocol : socket.localPort).padStart(5);
    const queues = `${hex(0, 8)}:${hex(socket.queue.memory, 8)}`;
    const tail = `00:00000000 00000000 ${String(socket.owner).padStart(5)}        0 ${ino} 2 ${place(ino)} ${socket.queue.drops}`;
    lines.push(`${number}: ${ends(line, four)} ${hex(state, 2)} ${queues} ${tail}`.padEnd(width));
  }
  return `${lines.join("\n")}\n`;
}

const endsOf = ({ localAddress, localPort, remoteAddress, remotePort }: InetSocket): Line => ({
  localAddress,
  localPort,
  remoteAddress,
  remotePort,
});

function unix(net: Net): string {
  let text = "Num       RefCount Protocol Flags    Type St Inode Path\n";
  // SS_UNCONNECTED 1, SS_CONNECTED 3; listening shows in the flags: __SO_ACCEPTCON.
  const state = (socket: UnixSocket): string => (socket.state === "connected" ? "03" : "01");
  for (const socket of net.unix.sockets) {
    const ino = socket.file?.inode.ino ?? 0;
    const flags = socket.listening ? "00010000" : "00000000";
    const type = hex(socket.type, 4);
    const name = socket.name === undefined ? "" : ` ${socket.name.replaceAll("\0", "@")}`;
    text += `${place(ino)}: ${hex(socket.peer ? 3 : 2, 8)} 00000000 ${flags} ${type} ${state(socket)} ${String(ino).padStart(5)}${name}\n`;
  }
  return text;
}

function devices(net: Net): string {
  let text =
    "Inter-|   Receive                                                |  Transmit\n" +
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
  for (const { name, received, sent } of net.devices) {
    const n = (value: number, width: number): string => String(value).padStart(width);
    text += `${name.padStart(6)}: ${n(received.bytes, 7)} ${n(received.packets, 7)}    0    0    0     0          0         0 `;
    text += `${n(sent.bytes, 8)} ${n(sent.packets, 7)}    0    0    0     0       0          0\n`;
  }
  return text;
}

function routes(net: Net): string {
  const line = (text: string): string => `${text.padEnd(127)}\n`;
  let text = line("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
  for (const { network, prefix, device, gateway } of net.inet.routes.entries) {
    if (!isIpv4(network)) continue;
    const flags = gateway ? "0003" : "0001";
    const to = `${addressText(network, true)}\t${addressText(gateway ?? "\0\0\0\0", true)}`;
    text += line(`${device.name}\t${to}\t${flags}\t0\t0\t0\t${addressText(netmask(prefix), true)}\t0\t0\t0`);
  }
  return text;
}

function addresses6(net: Net): string {
  let text = "";
  for (const device of net.devices) {
    for (const { address, prefix } of device.addresses) {
      if (isIpv4(address)) continue;
      let bytes = "";
      for (let i = 0; i < 16; i++) bytes += address.charCodeAt(i).toString(16).padStart(2, "0");
      const scope = device.index === 1 ? "10" : "00";
      text += `${bytes} ${hex(device.index, 2).toLowerCase()} ${hex(prefix, 2).toLowerCase()} ${scope} 80 ${device.name.padStart(8)}\n`;
    }
  }
  return text;
}

function statistics(net: Net): string {
  const { inet } = net;
  const four = (socket: InetSocket): boolean => socket.family === AF_INET;
  const all = [...inet.tcpSockets];
  const used = all.filter((s) => s.file).length + inet.udpSockets.size + inet.rawSockets.size + net.unix.sockets.size;
  const inuse = all.filter((s) => four(s) && s.state !== CLOSE).length;
  const orphans = all.filter((s) => s.orphan).length;
  const waiting = [...inet.connections.values()].filter((entry) => !(entry instanceof TcpSocket)).length;
  const udp = [...inet.udpSockets].filter((s) => four(s) && s.localPort !== 0).length;
  const raw = [...inet.rawSockets].filter(four).length;
  return (
    `sockets: used ${used + net.netlink.size}\n` +
    `TCP: inuse ${inuse} orphan ${orphans} tw ${waiting} alloc ${all.length} mem 0\n` +
    `UDP: inuse ${udp} mem 0\nUDPLITE: inuse 0\nRAW: inuse ${raw}\nFRAG: inuse 0 memory 0\n`
  );
}

function statistics6(net: Net): string {
  const count = (sockets: Iterable<InetSocket>): number =>
    [...sockets].filter((socket) => socket.family !== AF_INET).length;
  const { tcpSockets, udpSockets, rawSockets } = net.inet;
  return `TCP6: inuse ${count(tcpSockets)}\nUDP6: inuse ${count(udpSockets)}\nUDPLITE6: inuse 0\nRAW6: inuse ${count(rawSockets)}\nFRAG6: inuse 0 memory 0\n`;
}

function netlink(net: Net): string {
  let text = "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n";
  for (const socket of net.netlink) {
    const ino = socket.file?.inode.ino ?? 0;
    const groups = (socket.groups >>> 0).toString(16).padStart(8, "0");
    text += `${place(ino)} ${String(socket.protocol).padEnd(3)} ${String(socket.port).padEnd(10)} ${groups} 0        0        0     2        0        ${String(ino).padEnd(8)}\n`;
  }
  return text;
}
