// The images that need no description: what `airside run debian` and `airside run busybox` build the first time.
import type { BuildOptions } from "./build.ts";

const DEBIAN =
  "bash coreutils findutils grep sed gawk tar gzip procps util-linux less vim-tiny file python3 perl diffutils hostname " +
  "ncurses-bin login passwd mount debconf dpkg";

// What the tests that run real programs need: beside the prompt's, compilers, databases, servers, editors, tracers, and
// a Go (fzf) and a Rust (ripgrep) program.
const TEST =
  "git gcc libc6-dev make sqlite3 lua5.4 vim nodejs redis-server redis-tools nginx curl ca-certificates postgresql " +
  "stress-ng strace gdb openssl xz-utils zstd bzip2 fzf ripgrep bc psmisc lsof";

export const BUILT_IN: Readonly<Record<string, BuildOptions>> = {
  debian: { packages: DEBIAN.split(" ") },
  "debian-test": {
    packages: `${DEBIAN} ${TEST}`.split(" "),
    // A test makes a database cluster of its own; the one that the package would make takes minutes.
    files: { "/etc/postgresql-common/createcluster.conf": "create_main_cluster = false\n" },
  },
  // Debian's own tools for kernel modules.
  "debian-kmod": { packages: ["kmod", "dash", "coreutils", "mount"], bare: true },
  busybox: { packages: ["busybox-static"], bare: true },
};
