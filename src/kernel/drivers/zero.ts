// /dev/zero: an endless run of zero bytes; mapped, it is anonymous memory. zero(4)
import { EFAULT } from "../../abi/errno.ts";
import { MAP_SHARED, MAP_TYPE } from "../../abi/flags.ts";
import type { Kernel } from "../kernel.ts";
import { sharedAnonymous } from "../mm/map.ts";
import type { FileOperations } from "../vfs/file.ts";
import { stayAtZero } from "./null.ts";
import type { CharDevice } from "./table.ts";

export const readZeros: NonNullable<FileOperations["read"]> = (_file, into) => {
  const want = into.length;
  const done = into.zero(want);
  return done === 0 && want > 0 ? EFAULT : done;
};

export function zeroDevice(kernel: Kernel): CharDevice {
  const ops: FileOperations = {
    ...stayAtZero,
    read: readZeros,
    write: (_file, from) => from.length,
    mmap(_file, vma) {
      // Private: plain anonymous memory. Shared: pages of their own, which children share.
      if ((vma.flags & MAP_TYPE) !== MAP_SHARED) return 0;
      const pages = sharedAnonymous(kernel, vma.end - vma.start, vma.flags);
      if (typeof pages === "number") return pages;
      vma.pages = pages;
      return 0;
    },
  };
  return { name: "zero", major: 1, minor: 5, mode: 0o666, open: () => ops };
}
