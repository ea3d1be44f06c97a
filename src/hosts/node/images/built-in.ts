// The images that need no description: what `airside run debian` and `airside run busybox` build the first time.
import type { BuildOptions } from "./build.ts";

const DEBIAN =
  "bash coreutils findutils grep sed gawk tar gzip procps util-linux less vim-tiny file python3 perl diffutils hostname " +
  "ncurses-bin login passwd debconf dpkg";

export const BUILT_IN: Readonly<Record<string, BuildOptions>> = {
  debian: { packages: DEBIAN.split(" ") },
  busybox: { packages: ["busybox-static"], bare: true },
};
