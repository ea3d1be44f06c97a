// Network devices, as programs see them: `ip link`, SIOCGIF*, /proc/net/dev. The machine has the loopback device; a way
// out is another entry in Net.devices with routes through it (inet/route.ts).

export interface NetworkAddress {
  /** 4 or 16 bytes, as a byte string. */
  readonly address: string;
  /** Bits of the network part. */
  readonly prefix: number;
}

/** Counters of one direction: /proc/net/dev. */
export interface Traffic {
  bytes: number;
  packets: number;
}

export interface NetworkDevice {
  /** From 1 on. */
  readonly index: number;
  /** At most 15 bytes. */
  readonly name: string;
  /** IFF_*. */
  flags: number;
  mtu: number;
  /** ARPHRD_*: 772 for loopback, 1 for Ethernet. */
  readonly type: number;
  /** Six bytes. */
  readonly hardware: string;
  readonly addresses: NetworkAddress[];
  readonly received: Traffic;
  readonly sent: Traffic;
}

export const IFF_UP = 0x1;
export const IFF_LOOPBACK = 0x8;
export const IFF_RUNNING = 0x40;
export const IFF_LOWER_UP = 0x10000;
export const ARPHRD_LOOPBACK = 772;

export function loopback(up: boolean): NetworkDevice {
  const traffic = { bytes: 0, packets: 0 };
  const device: NetworkDevice = {
    index: 1,
    name: "lo",
    flags: IFF_LOOPBACK,
    mtu: 65536,
    type: ARPHRD_LOOPBACK,
    hardware: "\0\0\0\0\0\0",
    addresses: [],
    received: traffic,
    sent: traffic,
  };
  if (up) setDeviceFlags(device, device.flags | IFF_UP);
  return device;
}

/** IFF_UP, DEBUG, NOTRAILERS, NOARP, MULTICAST, PORTSEL, AUTOMEDIA, DYNAMIC: what SIOCSIFFLAGS changes. netdevice(7) */
export const CHANGEABLE_FLAGS = IFF_UP | 0x4 | 0x20 | 0x80 | 0x1000 | 0x2000 | 0x4000 | 0x8000;

/** Sets a device up or down. The loopback device gets its addresses when it comes up; down, it keeps those of IPv4. */
export function setDeviceFlags(device: NetworkDevice, flags: number): void {
  const up = (flags & IFF_UP) !== 0;
  device.flags = up ? flags | IFF_RUNNING : flags & ~IFF_RUNNING;
  if ((flags & IFF_LOOPBACK) === 0) return;
  const { addresses } = device;
  const without = (length: number): NetworkAddress[] => addresses.filter(({ address }) => address.length !== length);
  if (!up) addresses.splice(0, addresses.length, ...without(16));
  else {
    if (!addresses.some(({ address }) => address.length === 4)) addresses.push({ address: "\x7f\0\0\x01", prefix: 8 });
    if (!addresses.some(({ address }) => address.length === 16)) {
      addresses.push({ address: `${"\0".repeat(15)}\x01`, prefix: 128 });
    }
  }
}
