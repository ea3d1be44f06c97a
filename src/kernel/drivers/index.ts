// The drivers that every machine has.
import type { Console } from "../../host/host.ts";
import type { Kernel } from "../kernel.ts";
import { consoleDevices } from "./console.ts";
import { controllingTtyDevice } from "./controlling-tty.ts";
import { type Disk, diskDevice } from "./disk.ts";
import { fullDevice } from "./full.ts";
import { kmsgDevice } from "./kmsg.ts";
import { nullDevice } from "./null.ts";
import { ptmxDevice } from "./ptmx.ts";
import { randomDevices } from "./random.ts";
import { rtcDevice } from "./rtc.ts";
import { zeroDevice } from "./zero.ts";

/** Registers the drivers; `console` is the terminal outside that /dev/console leads to. */
export function registerDrivers(kernel: Kernel, options: { console?: Console; disks?: readonly Disk[] } = {}): void {
  const devices = [
    nullDevice,
    zeroDevice(kernel),
    fullDevice,
    ...randomDevices(kernel),
    kmsgDevice(kernel),
    rtcDevice(kernel),
    controllingTtyDevice(kernel),
    ptmxDevice(kernel),
    ...consoleDevices(kernel, options.console),
    ...(options.disks ?? []).map((disk, index) => diskDevice(kernel, disk, index)),
  ];
  for (const device of devices) kernel.devices.register(device);
}
