// RTM_NEWADDR and RTM_DELADDR: devices get addresses, and lose them, `ip address` and bubblewrap's loopback. rtnetlink(7)
import { EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, type Errno } from "../../../abi/errno.ts";
import * as abi from "../../../abi/netlink.ts";
import { AF_INET, AF_INET6 } from "../../../abi/socket.ts";
import { fromBytes } from "../../../lib/byte-string.ts";
import { IFF_LOOPBACK } from "../device.ts";
import type { Net } from "../net.ts";
import { attributesOf, type Request } from "./message.ts";
import { network } from "./route.ts";

/** struct ifaddrmsg: family, prefix, flags, scope, index. Errors: EINVAL, ENODEV, EEXIST, EADDRNOTAVAIL. */
export function changeAddress(net: Net, request: Request): Uint8Array[] | Errno {
  const { payload } = request;
  if (payload.length < 8) return EINVAL;
  const [family, prefix = 0] = payload;
  const bytes = family === AF_INET ? 4 : family === AF_INET6 ? 16 : 0;
  const attributes = attributesOf(payload, 8);
  const given = attributes.get(abi.IFA_LOCAL) ?? attributes.get(abi.IFA_ADDRESS);
  if (bytes === 0 || given?.length !== bytes || prefix > bytes * 8) return EINVAL;
  const index = new DataView(payload.buffer, payload.byteOffset).getUint32(4, true);
  const device = net.devices.find((candidate) => candidate.index === index);
  if (!device) return ENODEV;
  const address = fromBytes(given);
  const { addresses } = device;
  const at = addresses.findIndex((own) => own.address === address);
  const { entries } = net.inet.routes;
  if (request.type === abi.RTM_DELADDR) {
    if (at < 0) return EADDRNOTAVAIL;
    addresses.splice(at, 1);
    for (let i = entries.length - 1; i >= 0; i--) if (entries[i]!.source === address) entries.splice(i, 1);
    return [];
  }
  if (at >= 0) return (request.flags & abi.NLM_F_REPLACE) !== 0 ? [] : EEXIST;
  const own = { address, prefix };
  addresses.push(own);
  if ((device.flags & IFF_LOOPBACK) === 0 && prefix < bytes * 8) {
    entries.push({ network: network(own), prefix, device, source: address });
  }
  return [];
}
