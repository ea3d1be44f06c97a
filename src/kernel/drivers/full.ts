// /dev/full: reads zeros, has no room for a write. full(4)
import { ENOSPC } from "../../abi/errno.ts";
import type { FileOperations } from "../vfs/file.ts";
import { stayAtZero } from "./null.ts";
import type { CharDevice } from "./table.ts";
import { readZeros } from "./zero.ts";

const ops: FileOperations = { ...stayAtZero, read: readZeros, write: () => ENOSPC };

export const fullDevice: CharDevice = { name: "full", major: 1, minor: 7, mode: 0o666, open: () => ops };
