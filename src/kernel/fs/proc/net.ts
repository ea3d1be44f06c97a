// /proc/net: the network stack's tables. Their text comes from the stack (kernel.net.tables, one entry for each page);
// what it does not supply shows the table's head, as where there is nothing of the kind. proc_pid_net(5)
import type { Task } from "../../task/task.ts";
import { type Directory, directory, page } from "../rows/row.ts";

const socketHead = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const socketHead6 =
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

/** Pages that the stack supplies. */
const SUPPLIED = [
  "dev",
  "if_inet6",
  "netlink",
  "raw",
  "raw6",
  "route",
  "sockstat",
  "sockstat6",
  "tcp",
  "tcp6",
  "udp",
  "udp6",
  "unix",
];

/** What the others show when the stack has nothing to say. */
const EMPTY: Readonly<Record<string, string>> = {
  arp: "IP address       HW type     Flags       HW address            Mask     Device\n",
  dev_mcast: "",
  fib_trie: "",
  icmp: "",
  igmp: "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n",
  ipv6_route: "",
  netstat: "",
  packet: "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n",
  protocols: "",
  psched: "000003e8 00000040 000f4240 3b9aca00\n",
  ptype: "Type Device      Function\n",
  rt_cache: "",
  snmp: "",
  snmp6: "",
  softnet_stat:
    "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000\n",
  udplite: `${socketHead} ref pointer drops`.padEnd(127).concat("\n"),
  udplite6: `${socketHead6} ref pointer drops\n`,
  wireless:
    "Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n",
};

export const networkDirectory: Directory<Task> = directory(
  "net",
  [...SUPPLIED, ...Object.keys(EMPTY)].map((name) =>
    page(name, 0o444, (task) => task.net.tables.get(name)?.() ?? EMPTY[name] ?? ""),
  ),
);
