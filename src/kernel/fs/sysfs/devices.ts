// Devices under /sys: each has a directory below /sys/devices/virtual/CLASS, and links to it from /sys/class and /sys/dev.

import { EINVAL } from "../../../abi/errno.ts";
import type { CharDevice } from "../../drivers/table.ts";
import type { Kernel } from "../../kernel.ts";
import { IFF_UP, type NetworkDevice } from "../../net/device.ts";
import { bind, type Directory, type Dynamic, directory, link, page, type Row } from "../rows/row.ts";

/** Linux's class of a driver, by its major number. */
const CLASSES: Readonly<Record<number, string>> = { 1: "mem", 4: "tty", 5: "tty", 10: "misc", 136: "tty", 204: "tty" };
const classOf = ({ name, major }: CharDevice): string => (name?.startsWith("rtc") ? "rtc" : (CLASSES[major] ?? "misc"));

const DT_DIR = 4;
const DT_LNK = 10;

function deviceRows(device: CharDevice): Row<Kernel>[] {
  const { name, major, minor, mode } = device;
  const number = `${major}:${minor}`;
  const shown = mode === undefined ? "" : `DEVMODE=0${mode.toString(8)}\n`;
  return [
    page("dev", 0o444, () => `${number}\n`),
    directory("power", [page("control", 0o644, () => "auto\n", { write: () => 0 })]),
    link("subsystem", () => `../../../../class/${classOf(device)}`),
    page("uevent", 0o644, () => `MAJOR=${major}\nMINOR=${minor}\nDEVNAME=${name}\n${shown}`, { write: () => 0 }),
  ];
}

// Addresses and counters of a network interface. sysfs-class-net in Linux's Documentation/ABI
const attribute = (name: string, text: (device: NetworkDevice) => string | number): Row<NetworkDevice> =>
  page(name, 0o444, (device) => `${text(device)}\n`);

const colons = (bytes: string): string =>
  [...bytes].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join(":");

const counters = [
  "collisions",
  "multicast",
  "rx_bytes",
  "rx_compressed",
  "rx_crc_errors",
  "rx_dropped",
  "rx_errors",
  "rx_fifo_errors",
  "rx_frame_errors",
  "rx_length_errors",
  "rx_missed_errors",
  "rx_nohandler",
  "rx_over_errors",
  "rx_packets",
  "tx_aborted_errors",
  "tx_bytes",
  "tx_carrier_errors",
  "tx_compressed",
  "tx_dropped",
  "tx_errors",
  "tx_fifo_errors",
  "tx_heartbeat_errors",
  "tx_packets",
  "tx_window_errors",
] as const;

function count(name: (typeof counters)[number], { received, sent }: NetworkDevice): number {
  switch (name) {
    case "rx_bytes":
      return received.bytes;
    case "rx_packets":
      return received.packets;
    case "tx_bytes":
      return sent.bytes;
    case "tx_packets":
      return sent.packets;
    default:
      return 0;
  }
}

const interfaceDirectory: Directory<NetworkDevice> = directory("interface", [
  attribute("addr_assign_type", () => 0),
  attribute("addr_len", ({ hardware }) => hardware.length),
  attribute("address", ({ hardware }) => colons(hardware)),
  attribute("broadcast", ({ hardware, type }) => colons(type === 772 ? hardware : "\xff".repeat(hardware.length))),
  attribute("carrier", ({ flags }) => ((flags & IFF_UP) !== 0 ? 1 : 0)),
  attribute("carrier_changes", () => 0),
  attribute("dev_id", () => "0x0"),
  attribute("dev_port", () => 0),
  attribute("dormant", () => 0),
  // What has no link to negotiate has neither speed nor duplex.
  page("duplex", 0o444, () => EINVAL),
  attribute("flags", ({ flags }) => `0x${(flags & 0xffff & ~0x40).toString(16)}`),
  attribute("ifalias", () => ""),
  attribute("ifindex", ({ index }) => index),
  attribute("iflink", ({ index }) => index),
  attribute("link_mode", () => 0),
  attribute("mtu", ({ mtu }) => mtu),
  page("name_assign_type", 0o444, () => EINVAL),
  attribute("netdev_group", () => 0),
  attribute("operstate", ({ type }) => (type === 772 ? "unknown" : "up")),
  directory("power", []),
  attribute("proto_down", () => 0),
  directory("queues", [directory("rx-0", []), directory("tx-0", [])]),
  page("speed", 0o444, () => EINVAL),
  directory(
    "statistics",
    counters.map((name) => attribute(name, (device) => count(name, device))),
  ),
  link("subsystem", () => "../../../../class/net"),
  attribute("testing", () => 0),
  attribute("tx_queue_len", () => 1000),
  attribute("type", ({ type }) => type),
  page("uevent", 0o644, ({ name, index }) => `INTERFACE=${name}\nIFINDEX=${index}\n`, { write: () => 0 }),
]);

const interfaces = (
  type: number,
  show: (device: NetworkDevice) => ReturnType<Dynamic<Kernel>["find"]>,
): Dynamic<Kernel> => ({
  list: ({ net }) => net.devices.map(({ name }) => ({ name, type })),
  find({ net }, name) {
    const device = net.devices.find((candidate) => candidate.name === name);
    return device ? show(device) : undefined;
  },
});

interface DeviceTrees {
  /** /sys/devices/virtual. */
  readonly virtual: Row<Kernel>;
  /** /sys/class. */
  readonly classes: Row<Kernel>;
  /** /sys/dev. */
  readonly numbers: Row<Kernel>;
}

/** Classes of the drivers that there may be. */
const DEVICE_CLASSES = ["mem", "misc", "rtc", "tty"];
/** Classes that programs look for, though nothing is in them here. */
const EMPTY_CLASSES = ["block", "graphics", "hwmon", "input", "power_supply", "thermal"];

type Device = CharDevice & { readonly name: string };

/** Devices that have a name, as they are now: modules bring theirs. */
const devicesOf = ({ devices }: Kernel, which: (device: CharDevice) => boolean): Device[] =>
  devices.all().filter((device): device is Device => device.name !== undefined && which(device));

function entries(
  which: (device: CharDevice) => boolean,
  type: number,
  nameOf: (device: Device) => string,
  show: (device: Device) => Row<Kernel>,
): Dynamic<Kernel> {
  return {
    list: (kernel) => devicesOf(kernel, which).map((device) => ({ name: nameOf(device), type })),
    find(kernel, name) {
      const device = devicesOf(kernel, which).find((each) => nameOf(each) === name);
      return device && { show: bind(show(device), kernel, undefined), key: device };
    },
  };
}

const numberOf = ({ major, minor }: Device): string => `${major}:${minor}`;
const targetOf = (device: Device): string => `../../devices/virtual/${classOf(device)}/${device.name}`;

/** The three views of the devices. */
export function deviceTrees(): DeviceTrees {
  const inClass = (kind: string) => (device: CharDevice) => classOf(device) === kind;
  const numbered = (name: string, block: boolean): Row<Kernel> =>
    directory(name, [], {
      dynamic: entries(
        (device) => "block" in device === block,
        DT_LNK,
        numberOf,
        (device) => link(numberOf(device), () => targetOf(device)),
      ),
    });
  const virtual = DEVICE_CLASSES.map((kind) =>
    directory<Kernel>(kind, [], {
      dynamic: entries(
        inClass(kind),
        DT_DIR,
        ({ name }) => name,
        (device) => directory(device.name, deviceRows(device)),
      ),
    }),
  );
  const classes = DEVICE_CLASSES.map((kind) =>
    directory<Kernel>(kind, [], {
      dynamic: entries(
        inClass(kind),
        DT_LNK,
        ({ name }) => name,
        (device) => link(device.name, () => targetOf(device)),
      ),
    }),
  );
  for (const kind of EMPTY_CLASSES) classes.push(directory(kind, []));
  virtual.push(
    directory("net", [], {
      dynamic: interfaces(DT_DIR, (device) => ({ show: bind(interfaceDirectory, device, undefined), key: device })),
    }),
  );
  classes.push(
    directory("net", [], {
      dynamic: interfaces(DT_LNK, (device) => ({
        show: bind(
          link<NetworkDevice>(device.name, ({ name }) => `../../devices/virtual/net/${name}`),
          device,
          undefined,
        ),
        key: device,
      })),
    }),
  );
  return {
    virtual: directory("virtual", virtual),
    classes: directory("class", classes),
    numbers: directory("dev", [numbered("block", true), numbered("char", false)]),
  };
}
