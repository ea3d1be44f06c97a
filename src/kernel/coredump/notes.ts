// The notes of a core file: what was known of the process and of each of its threads. core(5); linux/elfcore.h
import { NT_PRFPREG, NT_PRSTATUS } from "../../abi/ptrace.ts";
import { encodeSiginfo, SIGINFO_SIZE } from "../../abi/siginfo.ts";
import { fromBytes, toBytes } from "../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { UserAddress } from "../mm/user.ts";
import type { Vma } from "../mm/vma.ts";
import { registerSets } from "../ptrace/registers.ts";
import type { SignalInfo } from "../signal/pending.ts";
import type { Task } from "../task/task.ts";
import { childUsage, groupUsage, taskUsage, type Used } from "../task/usage.ts";
import { pathName } from "../vfs/path-name.ts";

const NT_PRPSINFO = 3;
const NT_AUXV = 6;
const NT_FILE = 0x46494c45;
const NT_SIGINFO = 0x53494749;

const PRSTATUS_SIZE = 376;
const PR_REG = 112;
const PR_FPVALID = 368;
const PRPSINFO_SIZE = 136;
const ARGUMENTS = 80;

/** A note: a header, its owner's name, its content, each padded to 4 bytes. */
function note(type: number, content: Uint8Array): Uint8Array {
  const owner = "CORE\0";
  const size = Math.ceil(content.length / 4) * 4;
  const bytes = new Uint8Array(12 + 8 + size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, owner.length, true);
  view.setUint32(4, content.length, true);
  view.setUint32(8, type, true);
  bytes.set(toBytes(owner), 12);
  bytes.set(content, 20);
  return bytes;
}

/** All notes: the thread that crashed first, then what there is once, then the other threads. */
export function coreNotes(task: Task, info: SignalInfo): Uint8Array {
  const siginfo = new Uint8Array(SIGINFO_SIZE);
  encodeSiginfo(info, new DataView(siginfo.buffer));
  const parts = [
    note(NT_PRSTATUS, threadStatus(task, info)),
    note(NT_PRPSINFO, processInfo(task)),
    note(NT_SIGINFO, siginfo),
    note(NT_AUXV, task.mm.auxv),
    note(NT_FILE, mappedFiles(task)),
    note(NT_PRFPREG, registerSets.get(NT_PRFPREG)!.read(task.context)),
  ];
  for (const thread of task.group.threads) {
    if (thread === task || thread.exiting) continue;
    parts.push(note(NT_PRSTATUS, threadStatus(thread, info)));
    parts.push(note(NT_PRFPREG, registerSets.get(NT_PRFPREG)!.read(thread.context)));
  }
  return join(parts);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** struct elf_prstatus. */
function threadStatus(task: Task, info: SignalInfo): Uint8Array {
  const { group } = task;
  const bytes = new Uint8Array(PRSTATUS_SIZE);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, info.signal, true);
  view.setInt32(4, info.code, true);
  view.setInt32(8, info.errno ?? 0, true);
  view.setInt16(12, info.signal, true);
  view.setBigUint64(16, BigInt.asUintN(64, task.pending.set), true);
  view.setBigUint64(24, BigInt.asUintN(64, task.blocked), true);
  for (const [i, id] of [task.tid, group.parent?.pid ?? 0, group.pgid, group.sid].entries())
    view.setInt32(32 + i * 4, id, true);
  const own = task.isLeader ? groupUsage(group) : taskUsage(task);
  times(view, 48, own);
  times(view, 80, childUsage(group));
  bytes.set(registerSets.get(NT_PRSTATUS)!.read(task.context), PR_REG);
  view.setInt32(PR_FPVALID, 1, true);
  return bytes;
}

/** Two struct timeval. */
function times(view: DataView, at: number, { utime, stime }: Used): void {
  for (const [i, time] of [utime, stime].entries()) {
    view.setBigInt64(at + i * 16, BigInt(Math.floor(time / 1e9)), true);
    view.setBigInt64(at + i * 16 + 8, BigInt(Math.floor((time % 1e9) / 1e3)), true);
  }
}

/** struct elf_prpsinfo. */
function processInfo(task: Task): Uint8Array {
  const { group, cred, mm } = task;
  const { leader } = group;
  const bytes = new Uint8Array(PRPSINFO_SIZE);
  const view = new DataView(bytes.buffer);
  bytes[1] = "R".charCodeAt(0);
  view.setInt8(3, leader.entity.nice);
  view.setUint32(16, cred.uid, true);
  view.setUint32(20, cred.gid, true);
  for (const [i, id] of [group.pid, group.parent?.pid ?? 0, group.pgid, group.sid].entries())
    view.setInt32(24 + i * 4, id, true);
  bytes.set(toBytes(leader.comm.slice(0, 15)), 40);
  const argv = new Uint8Array(Math.min(mm.argEnd - mm.argStart, ARGUMENTS - 1));
  const got = mm.copyIn(mm.argStart as UserAddress, argv);
  const line = fromBytes(argv, 0, got).replaceAll("\0", " ");
  bytes.set(toBytes(line), 56);
  return bytes;
}

/** Which files are mapped where: a table, then their names. */
function mappedFiles(task: Task): Uint8Array {
  const areas: Vma[] = [];
  for (const vma of task.mm.vmas()) if (vma.file) areas.push(vma);
  const table = new Uint8Array(16 + areas.length * 24);
  const view = new DataView(table.buffer);
  const word = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  word(0, areas.length);
  word(8, PAGE_SIZE);
  for (const [i, vma] of areas.entries()) {
    word(16 + i * 24, vma.start);
    word(24 + i * 24, vma.end);
    word(32 + i * 24, vma.offset / PAGE_SIZE);
  }
  const names = areas.map((vma) => `${pathName(vma.file!.path, task.fs.root)}\0`).join("");
  return join([table, toBytes(names)]);
}
