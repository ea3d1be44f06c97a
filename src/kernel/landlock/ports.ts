// May a domain bind TCP sockets to this port, or connect them to it? Linux's security/landlock/net.c
import { EACCES, EAFNOSUPPORT, EINVAL, type Errno } from "../../abi/errno.ts";
import { LANDLOCK_ACCESS_NET_CONNECT_TCP } from "../../abi/landlock.ts";
import { AF_INET, AF_INET6, AF_UNSPEC, familyOf, SOCK_STREAM } from "../../abi/socket.ts";
import type { Socket } from "../net/socket.ts";
import type { Domain } from "./ruleset.ts";

const SOCKADDR_IN_SIZE = 16;
/** Without the scope, as the first RFC had it. */
const SOCKADDR_IN6_SIZE = 24;

/** `access`: LANDLOCK_ACCESS_NET_. Errors: EACCES; EINVAL and EAFNOSUPPORT, as the socket would answer itself. */
export function mayUsePort(domain: Domain, socket: Socket, address: Uint8Array, access: number): 0 | Errno {
  if ((domain.handledNet & access) === 0) return 0;
  if (socket.type !== SOCK_STREAM || (socket.family !== AF_INET && socket.family !== AF_INET6)) return 0;
  if (address.length < 2) return EINVAL;
  const family = familyOf(address);
  if (family !== AF_UNSPEC && family !== AF_INET && family !== AF_INET6) return 0;
  if (address.length < (family === AF_INET6 ? SOCKADDR_IN6_SIZE : SOCKADDR_IN_SIZE)) return EINVAL;
  if (family === AF_UNSPEC) {
    // Undoes a connection; for bind it stands for AF_INET with any address.
    if (access === LANDLOCK_ACCESS_NET_CONNECT_TCP) return 0;
    if (address.subarray(4, 8).some((byte) => byte !== 0)) return EAFNOSUPPORT;
  } else if (family !== socket.family) return EINVAL;
  const port = (address[2]! << 8) | address[3]!;
  const allows = ({ rules }: Domain): boolean =>
    (rules.handledNet & access) === 0 || ((rules.ports.get(port) ?? 0) & access) !== 0;
  return domain.layers.every(allows) ? 0 : EACCES;
}
