// /dev/rtc0: the real-time clock as hwclock(8) reads and sets it. It keeps a time of its own, which starts as the
// system's; there are no interrupts, so alarms are refused. rtc(4)
import { EACCES, EBUSY, EINVAL, ENOTTY } from "../../abi/errno.ts";
import { RTC_ALM_READ, RTC_RD_TIME, RTC_SET_TIME } from "../../abi/ioctl.ts";
import type { Kernel } from "../kernel.ts";
import { CAP_SYS_TIME } from "../security/cred.ts";
import type { FileOperations } from "../vfs/file.ts";
import type { CharDevice } from "./table.ts";

/** struct rtc_time: nine ints; yday and isdst are not kept by the clock. */
const RTC_TIME_SIZE = 36;

function encodeTime(milliseconds: number): Uint8Array {
  const t = new Date(milliseconds);
  const start = Date.UTC(t.getUTCFullYear(), 0, 1);
  return new Uint8Array(
    new Int32Array([
      t.getUTCSeconds(),
      t.getUTCMinutes(),
      t.getUTCHours(),
      t.getUTCDate(),
      t.getUTCMonth(),
      t.getUTCFullYear() - 1900,
      t.getUTCDay(),
      Math.floor((milliseconds - start) / 86_400_000),
      0,
    ]).buffer,
  );
}

/** undefined when a field is out of its range. */
function decodeTime(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [second, minute, hour, day, month, year] = [0, 4, 8, 12, 16, 20].map((o) => view.getInt32(o, true)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (year < 70 || second < 0 || second > 59 || minute < 0 || minute > 59 || hour < 0 || hour > 23) return undefined;
  const t = Date.UTC(year + 1900, month, day, hour, minute, second);
  const check = new Date(t);
  return check.getUTCMonth() === month && check.getUTCDate() === day ? t : undefined;
}

export function rtcDevice(kernel: Kernel): CharDevice {
  let open = false;
  /** The clock's time minus CLOCK_MONOTONIC, milliseconds. */
  let offset: number | undefined;
  const monotonic = () => kernel.clock.monotonic() / 1e6;
  const now = () => (offset ??= Number(kernel.clock.realtime()) / 1e6 - monotonic()) + monotonic();

  const ops: FileOperations = {
    read: (_file, into) => (into.length < 4 ? EINVAL : 0),
    ioctl(_file, task, command, argument) {
      switch (command) {
        case RTC_RD_TIME:
          return task.mm.write(argument, encodeTime(Math.floor(now() / 1000) * 1000));
        case RTC_SET_TIME: {
          if (!task.cred.can(CAP_SYS_TIME)) return EACCES;
          const bytes = task.mm.read(argument, RTC_TIME_SIZE);
          if (typeof bytes === "number") return bytes;
          const time = decodeTime(bytes);
          if (time === undefined) return EINVAL;
          offset = time - monotonic();
          return 0;
        }
        case RTC_ALM_READ:
          return EINVAL;
        default:
          return ENOTTY;
      }
    },
    seek: (file) => file.position,
    release() {
      open = false;
    },
  };
  return {
    name: "rtc0",
    major: 254,
    minor: 0,
    mode: 0o600,
    open() {
      if (open) return EBUSY;
      open = true;
      return ops;
    },
  };
}
