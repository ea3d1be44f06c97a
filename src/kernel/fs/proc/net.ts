// /proc/net: the network stack's tables. Their text comes from the stack (kernel.net.tables, one entry for each page);
// what it does not supply shows the table's head, as on a machine without such sockets. proc_pid_net(5)
import type { Task } from "../../task/task.ts";
import { type Directory, directory, page } from "../rows/row.ts";

const socketHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const socketHead6 =
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

const loopback = (name: string): string =>
  `${name.padStart(6)}:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n`;

/** What each page shows when the stack has nothing to say. */
const EMPTY: Readonly<Record<string, string>> = {
  arp: "IP address       HW type     Flags       HW address            Mask     Device\n",
  dev: `Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n${loopback("lo")}`,
  dev_mcast: "",
  fib_trie: "",
  icmp: "",
  if_inet6: "00000000000000000000000000000001 01 80 10 80       lo\n",
  igmp: "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n",
  ipv6_route: "",
  netlink: "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n",
  netstat: "",
  packet: "sk       RefCnt Type Proto  Iface R Rmem   User   Inode\n",
  protocols: "",
  psched: "000003e8 00000040 000f4240 3b9aca00\n",
  ptype: "Type Device      Function\n",
  raw: `${socketHead} ref pointer drops\n`,
  raw6: `${socketHead6} ref pointer drops\n`,
  route: `${"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT".padEnd(127)}\n`,
  rt_cache: "",
  snmp: "",
  snmp6: "",
  sockstat:
    "sockets: used 0\nTCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0\nUDP: inuse 0 mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n",
  sockstat6: "TCP6: inuse 0\nUDP6: inuse 0\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n",
  softnet_stat:
    "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000\n",
  tcp: `${socketHead}`.padEnd(149).concat("\n"),
  tcp6: `${socketHead6}\n`,
  udp: `${socketHead} ref pointer drops`.padEnd(127).concat("\n"),
  udp6: `${socketHead6} ref pointer drops\n`,
  udplite: `${socketHead} ref pointer drops`.padEnd(127).concat("\n"),
  udplite6: `${socketHead6} ref pointer drops\n`,
  unix: "Num       RefCount Protocol Flags    Type St Inode Path\n",
  wireless:
    "Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n",
};

export const networkDirectory: Directory<Task> = directory(
  "net",
  Object.entries(EMPTY).map(([name, empty]) =>
    page(name, 0o444, (task) => task.kernel.net.tables.get(name)?.() ?? empty),
  ),
);
