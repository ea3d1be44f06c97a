// What the machine says of itself: names, memory, log, processor, randomness. uname(2), sysinfo(2), syslog(2)
import { EFAULT, EINVAL, ENOSYS, EPERM, type Errno } from "../../abi/errno.ts";
import { UNAME26 } from "../../abi/personality.ts";
import { MACHINE, RELEASE, SYSNAME, VERSION } from "../../abi/version.ts";
import { toBytes } from "../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { memoryState } from "../mm/memory-state.ts";
import { type UserAddress, UserBuffer } from "../mm/user.ts";
import { CAP_SYS_ADMIN } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { In, Int, Out, OutBytes, type Row, Size, syscall, Text, UInt } from "./table.ts";

/** Each name with its NUL. */
const NAME_SIZE = 65;

function uname(task: Task, name: UserAddress): 0 | Errno {
  const { hostname, domainname } = task.uts;
  const bytes = new Uint8Array(6 * NAME_SIZE);
  // A program that can't read a version of two numbers is told 2.6 with a high third one: 60 more than the real second.
  const old = (task.group.personality & UNAME26) !== 0;
  const release = old ? RELEASE.replace(/^\d+\.(\d+)[.\d]*/, (_all, minor) => `2.6.${60 + Number(minor)}`) : RELEASE;
  [SYSNAME, hostname, release, VERSION, MACHINE, domainname].forEach((text, i) => {
    bytes.set(toBytes(text.slice(0, NAME_SIZE - 1)), i * NAME_SIZE);
  });
  return task.mm.write(name, bytes);
}

function newName(task: Task, name: UserAddress, length: number): string | Errno {
  if (!task.cred.canIn(task.uts.userNamespace, CAP_SYS_ADMIN)) return EPERM;
  if (length < 0 || length > NAME_SIZE - 1) return EINVAL;
  const raw = task.mm.read(name, length);
  if (typeof raw === "number") return raw;
  const text = String.fromCharCode(...raw);
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

function sethostname(task: Task, name: UserAddress, length: number): 0 | Errno {
  const text = newName(task, name, length);
  if (typeof text === "number") return text;
  task.uts.hostname = text;
  return 0;
}

function setdomainname(task: Task, name: UserAddress, length: number): 0 | Errno {
  const text = newName(task, name, length);
  if (typeof text === "number") return text;
  task.uts.domainname = text;
  return 0;
}

function sysinfo(task: Task, info: UserAddress): 0 | Errno {
  const { kernel, nsproxy } = task;
  const memory = memoryState(kernel);
  const view = new DataView(new ArrayBuffer(112));
  view.setBigInt64(0, BigInt(Math.ceil((kernel.clock.monotonic() + Number(nsproxy.time.boottime)) / 1e9)), true);
  kernel.scheduler.load.forEach((load, i) => {
    view.setBigUint64(8 + i * 8, BigInt(Math.round(load * 65536)), true);
  });
  const pages = [memory.total, memory.free, memory.shared, memory.buffers, memory.swapTotal, memory.swapFree];
  pages.forEach((count, i) => {
    view.setBigUint64(32 + i * 8, BigInt(count * PAGE_SIZE), true);
  });
  view.setUint16(80, kernel.tasks.taskCount, true);
  view.setUint32(104, 1, true); // mem_unit
  return task.mm.write(info, new Uint8Array(view.buffer));
}

function getcpu(task: Task, cpu: UserAddress, node: UserAddress): 0 | Errno {
  for (const address of [cpu, node]) if (address !== 0 && task.mm.writeU32(address, 0) < 0) return EFAULT;
  return 0;
}

const GRND_NONBLOCK = 1;
const GRND_RANDOM = 2;
const GRND_INSECURE = 4;

function getrandom(task: Task, buffer: UserAddress, count: number, flags: number): number | Errno {
  if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) !== 0) return EINVAL;
  if ((flags & GRND_RANDOM) !== 0 && (flags & GRND_INSECURE) !== 0) return EINVAL;
  const into = new UserBuffer(task.mm, buffer, Math.min(count, 0x7fffffff));
  const bytes = new Uint8Array(Math.min(into.length, 65536));
  let done = 0;
  while (into.length > 0) {
    const part = bytes.subarray(0, Math.min(bytes.length, into.length));
    task.kernel.host.random(part);
    const n = into.put(part);
    done += n;
    if (n < part.length) return done > 0 ? done : EFAULT;
  }
  return done;
}

/** The execution domain's flags: ASLR off, time-outs that stay… personality(2) */
function personality(task: Task, persona: number): number {
  const { group } = task;
  const old = group.personality;
  if (persona !== 0xffffffff) group.personality = persona;
  return old;
}

export const rows: readonly Row[] = [
  syscall(89, "acct", [Text("name")], () => ENOSYS, { gaps: "process accounting" }),
  syscall(92, "personality", [UInt("personality")], personality),
  syscall(160, "uname", [Out("name", "utsname")], uname),
  syscall(161, "sethostname", [Text("name"), Int("len")], sethostname),
  syscall(162, "setdomainname", [Text("name"), Int("len")], setdomainname),
  syscall(168, "getcpu", [Out("cpu", "unsigned"), Out("node", "unsigned"), In("unused", "void")], getcpu),
  syscall(179, "sysinfo", [Out("info", "sysinfo")], sysinfo),
  syscall(278, "getrandom", [OutBytes("buf", "count"), Size("count"), UInt("flags", "GRND")], getrandom),
];
