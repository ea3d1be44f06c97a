// Where a task stands in the tree: root, working directory, umask. Shared by threads (CLONE_FS).
import type { Path } from "../vfs/mount.ts";

export class FsContext {
  root: Path;
  cwd: Path;
  umask: number;
  constructor(root: Path, cwd: Path, umask: number) {
    this.root = root;
    this.cwd = cwd;
    this.umask = umask;
  }
  copy(): FsContext {
    return new FsContext(this.root, this.cwd, this.umask);
  }
}
