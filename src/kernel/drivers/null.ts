// /dev/null: swallows everything, holds nothing. null(4)
import type { FileOperations } from "../vfs/file.ts";
import type { CharDevice } from "./table.ts";

/** What null, zero and full share: a position that is always 0. */
export const stayAtZero: Pick<FileOperations, "seek"> = {
  seek: (file) => {
    file.position = 0;
    return 0;
  },
};

// The user's bytes are never looked at: a write from an address that is not mapped succeeds.
const ops: FileOperations = { ...stayAtZero, read: () => 0, write: (_file, from) => from.length };

export const nullDevice: CharDevice = { name: "null", major: 1, minor: 3, mode: 0o666, open: () => ops };
