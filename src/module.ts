// What kernel modules are written with: types of what the kernel hands them, and the numbers that Linux's interfaces are
// made of. docs/modules.md
export * from "./abi/errno.ts";
export { O_NONBLOCK, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "./abi/flags.ts";
export type { CharDevice } from "./kernel/drivers/table.ts";
export type { Reader, Row } from "./kernel/fs/rows/row.ts";
export type { IoBuffer, UserAddress } from "./kernel/mm/user.ts";
export type { ModuleFilesystem, ModuleKernel } from "./kernel/module/api.ts";
export type { ModuleCode } from "./kernel/module/module.ts";
export type { Parameter } from "./kernel/module/parameters.ts";
export type { Wait, WaitQueue } from "./kernel/sched/wait-queue.ts";
export type { File, FileOperations, IoResult } from "./kernel/vfs/file.ts";
