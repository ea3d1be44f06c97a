// A cpio archive in the "newc" format, which Linux unpacks as its first root: initramfs buffer format, kernel docs.

export interface Entry {
  readonly path: string;
  /** st_mode, the type included. */
  readonly mode: number;
  readonly bytes: Uint8Array;
}

export const DIRECTORY = 0o040755;
export const PROGRAM = 0o100755;

export function cpio(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  const push = (bytes: Uint8Array) => {
    parts.push(Buffer.from(bytes), Buffer.alloc(-bytes.length & 3));
    length += bytes.length + (-bytes.length & 3);
  };
  const add = ({ path, mode, bytes }: Entry, ino: number) => {
    const name = Buffer.from(`${path}\0`);
    // inode, mode, uid, gid, nlink, mtime, size, device (2), rdev (2), length of the name, checksum
    const fields = [ino, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
    push(Buffer.concat([Buffer.from(header), name]));
    push(bytes);
  };
  entries.forEach((entry, i) => {
    add(entry, i + 1);
  });
  add({ path: "TRAILER!!!", mode: 0, bytes: Buffer.alloc(0) }, 0);
  return Buffer.concat(parts, length);
}
