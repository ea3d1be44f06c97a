// Calls that the kernel does not have and programs try all the same: how their arguments are written.
import { flagNames, hex, table, valueName } from "../../abi/flag-table.ts";
import { address, type Call, int, uint } from "./call.ts";
import { descriptor } from "./descriptors.ts";
import { early, type Piece } from "./pieces.ts";
import { path } from "./text.ts";

type Kind = (call: Call, index: number) => string;

const at = (call: Call, index: number): bigint => call.args[index] ?? 0n;
const name: Kind = (call, index) => path(call, at(call, index));
const pointer: Kind = (call, index) => address(at(call, index));
const signed: Kind = (call, index) => String(int(at(call, index)));
const unsigned: Kind = (call, index) => String(uint(at(call, index)));
const fd: Kind = (call, index) => descriptor(call, int(at(call, index)));
const value =
  (unknown: string, names: string): Kind =>
  (call, index) =>
    valueName(table(unknown, names), int(at(call, index)));
const flags =
  (unknown: string, names: string): Kind =>
  (call, index) =>
    flagNames(table(unknown, names), uint(at(call, index)));

const quota: Kind = (call, index) => {
  const command = uint(at(call, index));
  const kind = valueName(table("???QUOTA", "USRQUOTA=0 GRPQUOTA=1 PRJQUOTA=2"), command & 0xff);
  return `QCMD(${valueName(table("Q_???", "Q_SYNC=0x800001 Q_QUOTAON=0x800002 Q_QUOTAOFF=0x800003 Q_GETFMT=0x800004"), command >>> 8)}, ${kind})`;
};

const arguments_: Readonly<Record<string, readonly Kind[]>> = {
  reboot: [
    value("LINUX_REBOOT_MAGIC_???", "LINUX_REBOOT_MAGIC1=0xfee1dead"),
    value(
      "LINUX_REBOOT_MAGIC_???",
      "LINUX_REBOOT_MAGIC2=0x28121969 LINUX_REBOOT_MAGIC2A=0x5121996 LINUX_REBOOT_MAGIC2B=0x16041998 LINUX_REBOOT_MAGIC2C=0x20112000",
    ),
    value(
      "LINUX_REBOOT_CMD_???",
      `LINUX_REBOOT_CMD_RESTART=0x1234567 LINUX_REBOOT_CMD_HALT=0xcdef0123 LINUX_REBOOT_CMD_CAD_ON=0x89abcdef
      LINUX_REBOOT_CMD_CAD_OFF=0 LINUX_REBOOT_CMD_POWER_OFF=0x4321fedc LINUX_REBOOT_CMD_RESTART2=0xa1b2c3d4
      LINUX_REBOOT_CMD_SW_SUSPEND=0xd000fce2 LINUX_REBOOT_CMD_KEXEC=0x45584543`,
    ),
  ],
  swapon: [name, (call, index) => hex(uint(at(call, index)))],
  swapoff: [name],
  quotactl: [quota, name],
  bpf: [value("BPF_???", "BPF_MAP_CREATE=0 BPF_MAP_LOOKUP_ELEM=1 BPF_PROG_LOAD=5"), pointer, unsigned],
  perf_event_open: [
    pointer,
    signed,
    signed,
    fd,
    flags(
      "PERF_FLAG_???",
      "PERF_FLAG_FD_NO_GROUP=1 PERF_FLAG_FD_OUTPUT=2 PERF_FLAG_PID_CGROUP=4 PERF_FLAG_FD_CLOEXEC=8",
    ),
  ],
  userfaultfd: [flags("UFFD_???", "O_NONBLOCK=04000 O_CLOEXEC=02000000 UFFD_USER_MODE_ONLY=1")],
  io_uring_setup: [unsigned, pointer],
  memfd_secret: [flags("FD_???", "FD_CLOEXEC=1")],
  pkey_alloc: [unsigned, unsigned],
  pkey_free: [signed],
  io_setup: [unsigned, pointer],
  io_destroy: [pointer],
};

/** Undefined for a call whose arguments are not known. */
export function absentPieces(call: string): readonly Piece[] | undefined {
  return arguments_[call]?.map((kind, index) => early((each) => kind(each, index)));
}
