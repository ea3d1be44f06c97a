// IP addresses and their sockaddrs. An address is a byte string of 4 or 16 characters; an IPv4-mapped IPv6 address is
// kept as the 4 bytes it stands for, so that both families meet. ip(7), ipv6(7)
import { EAFNOSUPPORT, EINVAL, type Errno } from "../../../abi/errno.ts";
import {
  AF_INET,
  AF_INET6,
  familyOf,
  SOCKADDR_IN_SIZE,
  SOCKADDR_IN6_MIN,
  SOCKADDR_IN6_SIZE,
} from "../../../abi/socket.ts";
import { fromBytes } from "../../../lib/byte-string.ts";

/** 4 or 16 bytes in network order, as a byte string. */
export type IpAddress = string;

export interface Endpoint {
  readonly address: IpAddress;
  /** 0 to 65535. */
  readonly port: number;
  /** sin6_scope_id: the index of a device, 0 for none. */
  readonly scope: number;
}

export const ANY4: IpAddress = "\0\0\0\0";
export const ANY6: IpAddress = "\0".repeat(16);
export const LOOPBACK4: IpAddress = "\x7f\0\0\x01";
export const LOOPBACK6: IpAddress = `${"\0".repeat(15)}\x01`;
const MAPPED = `${"\0".repeat(10)}\xff\xff`;

export const isAny = (address: IpAddress): boolean => address === ANY4 || address === ANY6;
export const isIpv4 = (address: IpAddress): boolean => address.length === 4;
export const isBroadcast = (address: IpAddress): boolean => address === "\xff\xff\xff\xff";
export function isMulticast(address: IpAddress): boolean {
  const first = address.charCodeAt(0);
  return isIpv4(address) ? first >= 224 && first < 240 : first === 255;
}
export const isLinkLocal = (address: IpAddress): boolean =>
  address.length === 16 && address.charCodeAt(0) === 0xfe && (address.charCodeAt(1) & 0xc0) === 0x80;

/** Do the first `bits` bits agree? */
export function inPrefix(address: IpAddress, network: IpAddress, bits: number): boolean {
  if (address.length !== network.length) return false;
  for (let i = 0; bits > 0; i++, bits -= 8) {
    const mask = bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
    if (((address.charCodeAt(i) ^ network.charCodeAt(i)) & mask) !== 0) return false;
  }
  return true;
}

/** The address as IPv6 writes it in 16 bytes. */
export const mapped = (address: IpAddress): string => (isIpv4(address) ? MAPPED + address : address);
export const unmapped = (address: IpAddress): IpAddress =>
  address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;

/** The endpoint in a sockaddr for a socket of `family`. Errors: EINVAL when too short, EAFNOSUPPORT. */
export function parseEndpoint(family: number, name: Uint8Array): Endpoint | Errno {
  if (family === AF_INET) {
    if (name.length < SOCKADDR_IN_SIZE) return EINVAL;
    if (familyOf(name) !== AF_INET) return EAFNOSUPPORT;
    return { address: fromBytes(name, 4, 8), port: portOf(name), scope: 0 };
  }
  if (name.length < SOCKADDR_IN6_MIN) return EINVAL;
  if (familyOf(name) !== AF_INET6) return EAFNOSUPPORT;
  const scope = name.length >= SOCKADDR_IN6_SIZE ? new DataView(name.buffer, name.byteOffset).getUint32(24, true) : 0;
  return { address: unmapped(fromBytes(name, 8, 24)), port: portOf(name), scope };
}

const portOf = (name: Uint8Array): number => (name[2]! << 8) | name[3]!;

/** The sockaddr of an endpoint for a socket of `family`. */
export function formatEndpoint(family: number, address: IpAddress, port: number, scope = 0): Uint8Array {
  const name = new Uint8Array(family === AF_INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE);
  name[0] = family;
  name[2] = port >> 8;
  name[3] = port;
  const bytes = family === AF_INET ? (isIpv4(address) ? address : ANY4) : mapped(address);
  const start = family === AF_INET ? 4 : 8;
  for (let i = 0; i < bytes.length; i++) name[start + i] = bytes.charCodeAt(i);
  if (family === AF_INET6 && isLinkLocal(address)) new DataView(name.buffer).setUint32(24, scope, true);
  return name;
}
