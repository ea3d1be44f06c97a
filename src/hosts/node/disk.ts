// A disk for a machine that is gone with it: a file of the host without a name, which takes what room it needs.
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disk } from "../../kernel/drivers/disk.ts";
import { NodeFile } from "./folder.ts";

/** `size` in bytes. Errors of the host are thrown. */
export function temporaryDisk(name: string, size: number): Disk {
  const folder = fs.mkdtempSync(join(tmpdir(), "airside-"));
  try {
    const path = join(folder, name);
    const fd = fs.openSync(path, "wx+", 0o600);
    fs.ftruncateSync(fd, size);
    return { name, size, store: new NodeFile(fd) };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
