// Kernel modules in and out: init_module(2), finit_module(2), delete_module(2).
import {
  EBADF,
  EFAULT,
  EINVAL,
  EIO,
  ENOEXEC,
  ENOMEM,
  EOPNOTSUPP,
  EPERM,
  type Errno,
  ETXTBSY,
} from "../../abi/errno.ts";
import { O_PATH } from "../../abi/flags.ts";
import {
  MODULE_INIT_COMPRESSED_FILE,
  MODULE_INIT_IGNORE_MODVERSIONS,
  MODULE_INIT_IGNORE_VERMAGIC,
} from "../../abi/module.ts";
import { fromText, toText } from "../../lib/byte-string.ts";
import { KernelBuffer, type UserAddress } from "../mm/user.ts";
import { loadModule, unloadModule } from "../module/load.ts";
import { andThen } from "../sched/wait-queue.ts";
import { CAP_SYS_MODULE } from "../security/cred.ts";
import { fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import type { File, IoResult } from "../vfs/file.ts";
import { Address, Fd, Flags, type Row, Size, type SyscallResult, syscall, Text } from "./table.ts";

/** An ELF header. */
const LEAST = 64;
/** Modules are read whole: nothing sensible is larger. */
const MOST = 64 << 20;
const ARGUMENTS = 65536;
/** sizeof(struct module.name). */
const NAME = 56;

function mayLoad({ cred, kernel }: Task): 0 | Errno {
  return cred.can(CAP_SYS_MODULE) && kernel.sysctl.number("kernel/modules_disabled") === 0 ? 0 : EPERM;
}

const argumentsAt = (task: Task, address: UserAddress) => (): string | Errno => {
  const text = task.mm.readString(address, ARGUMENTS);
  return typeof text === "number" ? EFAULT : toText(text);
};

function init_module(task: Task, image: UserAddress, length: number, args: UserAddress): SyscallResult {
  const denied = mayLoad(task);
  if (denied < 0) return denied;
  if (length < LEAST) return ENOEXEC;
  if (length > MOST) return ENOMEM;
  const bytes = task.mm.read(image, length);
  return typeof bytes === "number" ? EFAULT : loadModule(task, bytes, argumentsAt(task, args), 0);
}

const KNOWN = MODULE_INIT_IGNORE_MODVERSIONS | MODULE_INIT_IGNORE_VERMAGIC | MODULE_INIT_COMPRESSED_FILE;

function finit_module(task: Task, fd: number, args: UserAddress, flags: number): SyscallResult {
  const denied = mayLoad(task);
  if (denied < 0) return denied;
  if ((flags & ~KNOWN) !== 0) return EINVAL;
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (!file.readable || (file.flags & O_PATH) !== 0) return EBADF;
  if (!file.isRegular) return EINVAL;
  const { size, writers } = file.inode;
  if (writers > 0) return ETXTBSY;
  if (size === 0) return EINVAL;
  if (size > MOST) return ENOMEM;
  const bytes = new Uint8Array(size);
  return andThen<number, number>(readWhole(file, new KernelBuffer(bytes)), (count) => {
    if ((flags & MODULE_INIT_COMPRESSED_FILE) !== 0) return EOPNOTSUPP;
    return count < LEAST ? ENOEXEC : loadModule(task, bytes.subarray(0, count), argumentsAt(task, args), flags);
  });
}

/** Until the file's end or the buffer's; the count. */
function readWhole(file: File, into: KernelBuffer): IoResult {
  const result = file.ops.read?.(file, into, into.position) ?? EIO;
  return andThen<number, number>(result, (count) =>
    count === 0 || into.length === 0 ? into.position : readWhole(file, into),
  );
}

function delete_module(task: Task, name: UserAddress, _flags: number): SyscallResult {
  const denied = mayLoad(task);
  if (denied < 0) return denied;
  const text = task.mm.readString(name, NAME);
  if (typeof text === "number") return EFAULT;
  return unloadModule(task, fromText(toText(text)));
}

export const rows: readonly Row[] = [
  syscall(105, "init_module", [Address("umod"), Size("len"), Text("uargs")], init_module),
  syscall(106, "delete_module", [Text("name_user"), Flags("flags", "DELETE_MODULE")], delete_module, {
    gaps: "O_TRUNC: no module is removed by force",
  }),
  syscall(273, "finit_module", [Fd("fd"), Text("uargs"), Flags("flags", "MODULE_INIT")], finit_module, {
    gaps: "compressed files (kmod unpacks them itself)",
  }),
];
