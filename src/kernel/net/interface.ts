// The ioctls on any socket that ask about network devices. netdevice(7)
import { EADDRNOTAVAIL, EFAULT, EINVAL, ENODEV, ENOTTY, EOPNOTSUPP, EPERM, type Errno } from "../../abi/errno.ts";
import * as abi from "../../abi/socket.ts";
import { fromBytes, toBytes } from "../../lib/byte-string.ts";
import { at, type UserAddress } from "../mm/user.ts";
import { CAP_NET_ADMIN } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { CHANGEABLE_FLAGS, type NetworkAddress, type NetworkDevice, setDeviceFlags } from "./device.ts";
import type { Net } from "./net.ts";

/** struct ifreq: a name of 16 bytes, then a union of 24. */
const IFREQ_SIZE = 40;
const NAME_SIZE = 16;

const mayConfigure = ({ cred }: Task, net: Net): boolean => cred.canIn(net.userNamespace, CAP_NET_ADMIN);

/** `net`: the namespace of the socket that is asked. */
export function interfaceIoctl(net: Net, task: Task, command: number, argument: UserAddress): number | Errno {
  if (command === abi.SIOCGIFCONF) return configuration(net, task, argument);
  if (command < 0x8900 || command > 0x89ff) return ENOTTY;
  const request = task.mm.read(argument, IFREQ_SIZE);
  if (typeof request === "number") return request;
  const view = new DataView(request.buffer, request.byteOffset);
  const { devices } = net;
  if (command === abi.SIOCGIFNAME) {
    const device = devices.find((candidate) => candidate.index === view.getInt32(NAME_SIZE, true));
    if (!device) return ENODEV;
    request.fill(0, 0, NAME_SIZE);
    request.set(toBytes(device.name));
    return task.mm.write(argument, request);
  }
  // "lo:1" is an alias of lo.
  const name = fromBytes(request, 0, NAME_SIZE).split("\0")[0]!.split(":")[0]!;
  const device = devices.find((candidate) => candidate.name === name);
  const result = device ? answer(net, task, command, device, request.subarray(NAME_SIZE), view) : known(command);
  if (result < 0) return result;
  return task.mm.write(argument, request) < 0 ? EFAULT : 0;
}

/** Unknown requests are no requests, whatever device they name. */
const known = (command: number): Errno => (getters.has(command) ? ENODEV : ENOTTY);
const getters = new Set<number>([
  abi.SIOCGIFFLAGS,
  abi.SIOCGIFADDR,
  abi.SIOCGIFDSTADDR,
  abi.SIOCGIFBRDADDR,
  abi.SIOCGIFNETMASK,
  abi.SIOCGIFMETRIC,
  abi.SIOCGIFMTU,
  abi.SIOCGIFHWADDR,
  abi.SIOCGIFINDEX,
  abi.SIOCGIFTXQLEN,
  abi.SIOCGIFMAP,
  abi.SIOCETHTOOL,
  abi.SIOCSIFFLAGS,
  abi.SIOCSIFADDR,
  abi.SIOCSIFNETMASK,
  abi.SIOCSIFMTU,
]);

function answer(
  net: Net,
  task: Task,
  command: number,
  device: NetworkDevice,
  union: Uint8Array,
  view: DataView,
): 0 | Errno {
  const ipv4 = device.addresses.find((address) => address.address.length === 4);
  switch (command) {
    case abi.SIOCGIFFLAGS:
      view.setUint16(NAME_SIZE, device.flags & 0xffff, true);
      return 0;
    case abi.SIOCGIFADDR:
    case abi.SIOCGIFDSTADDR:
      return putAddress(union, ipv4?.address);
    case abi.SIOCGIFBRDADDR:
      return putAddress(union, ipv4 && (device.flags & 2) !== 0 ? broadcast(ipv4) : ipv4 && "\0\0\0\0");
    case abi.SIOCGIFNETMASK:
      return putAddress(union, ipv4 && netmask(ipv4.prefix));
    case abi.SIOCGIFMETRIC:
      view.setInt32(NAME_SIZE, 0, true);
      return 0;
    case abi.SIOCGIFMTU:
      view.setInt32(NAME_SIZE, device.mtu, true);
      return 0;
    case abi.SIOCGIFHWADDR:
      union.fill(0);
      view.setUint16(NAME_SIZE, device.type, true);
      union.set(toBytes(device.hardware), 2);
      return 0;
    case abi.SIOCGIFINDEX:
      view.setInt32(NAME_SIZE, device.index, true);
      return 0;
    case abi.SIOCGIFTXQLEN:
      view.setInt32(NAME_SIZE, 1000, true);
      return 0;
    case abi.SIOCGIFMAP:
      union.fill(0);
      return 0;
    case abi.SIOCETHTOOL:
      return EOPNOTSUPP;
    case abi.SIOCSIFFLAGS:
      if (!mayConfigure(task, net)) return EPERM;
      setDeviceFlags(device, (device.flags & ~CHANGEABLE_FLAGS) | (view.getUint16(NAME_SIZE, true) & CHANGEABLE_FLAGS));
      return 0;
    case abi.SIOCSIFMTU:
      if (!mayConfigure(task, net)) return EPERM;
      device.mtu = view.getInt32(NAME_SIZE, true);
      return 0;
    case abi.SIOCSIFADDR:
    case abi.SIOCSIFNETMASK:
      return mayConfigure(task, net) ? EINVAL : EPERM;
    default:
      return ENOTTY;
  }
}

function putAddress(union: Uint8Array, address: string | undefined): 0 | Errno {
  if (address === undefined) return EADDRNOTAVAIL;
  union.fill(0, 0, 16);
  union[0] = abi.AF_INET;
  union.set(toBytes(address), 4);
  return 0;
}

/** 255.0.0.0 for 8, as a byte string. */
export function netmask(prefix: number): string {
  let mask = "";
  for (let i = 0; i < 4; i++) {
    const bits = Math.max(0, Math.min(8, prefix - i * 8));
    mask += String.fromCharCode((0xff << (8 - bits)) & 0xff);
  }
  return mask;
}

export function broadcast({ address, prefix }: NetworkAddress): string {
  const mask = netmask(prefix);
  let result = "";
  for (let i = 0; i < 4; i++) result += String.fromCharCode(address.charCodeAt(i) | (~mask.charCodeAt(i) & 0xff));
  return result;
}

/** SIOCGIFCONF: struct ifconf is a length and, at 8, a pointer; NULL asks for the length alone. */
function configuration(net: Net, task: Task, argument: UserAddress): number | Errno {
  const room = task.mm.readU32(argument);
  const buffer = task.mm.readU64(at(argument, 8));
  if (room === undefined || buffer === undefined) return EFAULT;
  let used = 0;
  for (const device of net.devices) {
    for (const { address } of device.addresses) {
      if (address.length !== 4) continue;
      if (buffer !== 0n) {
        if (used + IFREQ_SIZE > room) break;
        const request = new Uint8Array(IFREQ_SIZE);
        request.set(toBytes(device.name));
        putAddress(request.subarray(NAME_SIZE), address);
        if (task.mm.write(at(Number(buffer) as UserAddress, used), request) < 0) return EFAULT;
      }
      used += IFREQ_SIZE;
    }
  }
  return task.mm.writeU32(argument, used);
}
