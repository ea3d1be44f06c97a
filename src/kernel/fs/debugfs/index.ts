// debugfs: what helps to find faults in the kernel itself, for root alone. Linux: Documentation/filesystems/debugfs.rst
import { rowsFilesystem } from "../rows/filesystem.ts";
import { directory } from "../rows/row.ts";
import { provokeCrash } from "./provoke-crash.ts";

export const debugfs = rowsFilesystem("debugfs", {
  magic: 0x64626720,
  root: directory("", [provokeCrash], { mode: 0o700 }),
});
