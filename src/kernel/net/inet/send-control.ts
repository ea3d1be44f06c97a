// Control messages that come with a datagram to be sent: its hop limit, its class, its source. ip(7), ipv6(7)
import { EINVAL, type Errno } from "../../../abi/errno.ts";
import * as abi from "../../../abi/inet.ts";
import { SOL_IP, SOL_IPV6, SOL_UDP } from "../../../abi/socket.ts";
import { fromBytes } from "../../../lib/byte-string.ts";
import type { Control } from "../message.ts";
import { intOf } from "../options.ts";
import { ANY4, ANY6, type IpAddress, unmapped } from "./address.ts";

export interface SendControl {
  ttl?: number;
  tos?: number;
  source?: IpAddress;
  /** UDP_SEGMENT: the size of the datagrams to cut the bytes into. */
  segment?: number;
}

const none: SendControl = {};

/** Errors: EINVAL for one that is unknown, too short or out of range. */
export function sendControl(control: readonly Control[] | undefined): SendControl | Errno {
  if (!control) return none;
  const found: SendControl = {};
  for (const { level, type, data } of control) {
    let error: 0 | Errno = 0;
    if (level === SOL_IP) error = ipControl(found, type, data);
    else if (level === SOL_IPV6) error = ipv6Control(found, type, data);
    else if (level === SOL_UDP) {
      if (type !== abi.UDP_SEGMENT || data.length !== 2) return EINVAL;
      found.segment = data[0]! | (data[1]! << 8);
    }
    if (error < 0) return error as Errno;
  }
  return found;
}

function ipControl(found: SendControl, type: number, data: Uint8Array): 0 | Errno {
  switch (type) {
    case abi.IP_TTL:
      if (data.length !== 4 || intOf(data) < 1 || intOf(data) > 255) return EINVAL;
      found.ttl = intOf(data);
      return 0;
    case abi.IP_TOS: {
      if (data.length !== 4 && data.length !== 1) return EINVAL;
      const tos = data.length === 4 ? intOf(data) : data[0]!;
      if (tos < 0 || tos > 255) return EINVAL;
      found.tos = tos;
      return 0;
    }
    case abi.IP_PKTINFO:
      if (data.length !== 12) return EINVAL;
      if (fromBytes(data, 4, 8) !== ANY4) found.source = fromBytes(data, 4, 8);
      return 0;
    case abi.IP_RETOPTS:
      return 0;
    default:
      return EINVAL;
  }
}

function ipv6Control(found: SendControl, type: number, data: Uint8Array): 0 | Errno {
  switch (type) {
    case abi.IPV6_HOPLIMIT:
    case abi.IPV6_TCLASS: {
      if (data.length !== 4 || intOf(data) < -1 || intOf(data) > 255) return EINVAL;
      const value = intOf(data);
      if (value < 0) return 0;
      if (type === abi.IPV6_HOPLIMIT) found.ttl = value;
      else found.tos = value;
      return 0;
    }
    case abi.IPV6_PKTINFO:
      if (data.length < 20) return EINVAL;
      if (fromBytes(data, 0, 16) !== ANY6) found.source = unmapped(fromBytes(data, 0, 16));
      return 0;
    case abi.IPV6_DONTFRAG:
    case abi.IPV6_FLOWINFO:
      return data.length < 4 ? EINVAL : 0;
    default:
      return EINVAL;
  }
}
