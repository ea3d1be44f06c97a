// What makes an unpacked system usable before any maintainer script has run: accounts, name services, the aliased
// directories of a merged /usr, and the alternatives that postinst scripts would have chosen. Each thing is made only
// where no package brought it, and is what the scripts themselves would make, so running them later changes nothing.
import { TYPE_CHAR } from "../../kernel/fs/imagefs/layout.ts";
import type { ContentWriter } from "../content.ts";
import { type ImageTree, makeDevice, ROOT_OWNED } from "../tree.ts";

// The directories that are links into /usr on riscv64. file-hierarchy(7)
const MERGED = ["bin", "sbin", "lib"];

const DIRECTORIES: readonly (readonly [string, number])[] = [
  ["/usr/bin", 0o755],
  ["/usr/sbin", 0o755],
  ["/usr/lib", 0o755],
  ["/etc", 0o755],
  ["/etc/alternatives", 0o755],
  ["/dev", 0o755],
  ["/proc", 0o755],
  ["/sys", 0o755],
  ["/run", 0o755],
  ["/run/lock", 0o1777],
  ["/home", 0o755],
  ["/mnt", 0o755],
  ["/media", 0o755],
  ["/opt", 0o755],
  ["/srv", 0o755],
  ["/root", 0o700],
  ["/tmp", 0o1777],
  ["/var", 0o755],
  ["/var/tmp", 0o1777],
  ["/var/log", 0o755],
  ["/var/lib", 0o755],
];

/** Before the first package, so that all of them unpack through the links. */
export const prepareRoot = (tree: ImageTree): void => {
  for (const [path, mode] of DIRECTORIES) tree.directory(path, { ...ROOT_OWNED, mode });
  for (const name of MERGED) tree.symlink(`/${name}`, `usr/${name}`);
};

const NSSWITCH = `passwd:         files
group:          files
shadow:         files
gshadow:        files

hosts:          files dns
networks:       files

protocols:      db files
services:       db files
ethers:         db files
rpc:            db files

netgroup:       nis
`;

const HOSTS = `127.0.0.1\tlocalhost
127.0.1.1\tairside
::1\tlocalhost ip6-localhost ip6-loopback
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

// Files that a postinst copies from where its package keeps them. [to, from]
const COPIES: readonly (readonly [string, string])[] = [
  ["/etc/passwd", "/usr/share/base-passwd/passwd.master"],
  ["/etc/group", "/usr/share/base-passwd/group.master"],
  ["/etc/profile", "/usr/share/base-files/profile"],
  ["/etc/motd", "/usr/share/base-files/motd"],
  ["/etc/nsswitch.conf", "/usr/share/libc-bin/nsswitch.conf"],
  ["/etc/nsswitch.conf", "/usr/share/base-files/nsswitch.conf"],
  ["/root/.profile", "/usr/share/base-files/dot.profile"],
  ["/root/.bashrc", "/usr/share/base-files/dot.bashrc"],
];

const TEXTS: readonly (readonly [string, string])[] = [
  ["/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"],
  ["/etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"],
  ["/etc/nsswitch.conf", NSSWITCH],
  ["/etc/hosts", HOSTS],
  ["/etc/hostname", "airside\n"],
  ["/etc/resolv.conf", ""],
  ["/etc/fstab", ""],
  [
    "/etc/shells",
    "# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n/usr/bin/dash\n",
  ],
  ["/etc/environment", ""],
  ["/etc/default/locale", "LANG=C.UTF-8\n"],
  ["/etc/locale.conf", "LANG=C.UTF-8\n"],
  ["/etc/timezone", "Etc/UTC\n"],
  ["/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n"],
];

// What pam-auth-update would make of pam_unix alone.
const PAM: readonly (readonly [string, string])[] = [
  ["/etc/pam.d/common-auth", "auth required pam_unix.so nullok\n"],
  ["/etc/pam.d/common-account", "account required pam_unix.so\n"],
  ["/etc/pam.d/common-password", "password required pam_unix.so obscure yescrypt\n"],
  ["/etc/pam.d/common-session", "session required pam_unix.so\n"],
  ["/etc/pam.d/common-session-noninteractive", "session required pam_unix.so\n"],
];

// update-alternatives' choices: [name, link, what to point at, best first].
const ALTERNATIVES: readonly (readonly [string, string, readonly string[]])[] = [
  ["awk", "/usr/bin/awk", ["/usr/bin/gawk", "/usr/bin/mawk"]],
  ["nawk", "/usr/bin/nawk", ["/usr/bin/gawk", "/usr/bin/mawk"]],
  ["which", "/usr/bin/which", ["/usr/bin/which.debianutils"]],
  ["pager", "/usr/bin/pager", ["/usr/bin/less", "/usr/bin/more"]],
  ["editor", "/usr/bin/editor", ["/usr/bin/vim.basic", "/usr/bin/vim.tiny", "/bin/nano"]],
  ["vi", "/usr/bin/vi", ["/usr/bin/vim.basic", "/usr/bin/vim.tiny"]],
  ["view", "/usr/bin/view", ["/usr/bin/vim.basic", "/usr/bin/vim.tiny"]],
  ["ex", "/usr/bin/ex", ["/usr/bin/vim.basic", "/usr/bin/vim.tiny"]],
  ["vim", "/usr/bin/vim", ["/usr/bin/vim.basic"]],
  ["vimdiff", "/usr/bin/vimdiff", ["/usr/bin/vim.basic"]],
  ["cc", "/usr/bin/cc", ["/usr/bin/gcc"]],
  ["c89", "/usr/bin/c89", ["/usr/bin/c89-gcc"]],
  ["c99", "/usr/bin/c99", ["/usr/bin/c99-gcc"]],
  ["c++", "/usr/bin/c++", ["/usr/bin/g++"]],
  ["lua-interpreter", "/usr/bin/lua", ["/usr/bin/lua5.4"]],
  ["lua-compiler", "/usr/bin/luac", ["/usr/bin/luac5.4"]],
  ["nc", "/usr/bin/nc", ["/bin/nc.openbsd"]],
];

/**
 * After the last package. Returns the paths that stand in for what a script chooses or writes: they are to go before the
 * scripts run, which would otherwise take them for the administrator's own changes.
 */
export const completeRoot = (tree: ImageTree, contents: ContentWriter): string[] => {
  const provisional: string[] = [];
  const owned = { ...ROOT_OWNED, mode: 0o644 };
  for (const [to, from] of COPIES) {
    const original = tree.find(from);
    if (original?.content && !tree.find(to, false)) tree.file(to, owned, original.content);
  }
  for (const [path, text] of TEXTS) if (!tree.find(path, false)) tree.file(path, owned, contents.putText(text));
  if (!tree.find("/etc/localtime", false)) tree.symlink("/etc/localtime", "/usr/share/zoneinfo/Etc/UTC");
  if (!tree.find("/etc/mtab", false)) tree.symlink("/etc/mtab", "../proc/self/mounts");
  if (!tree.find("/var/run", false)) tree.symlink("/var/run", "/run");
  if (!tree.find("/var/lock", false)) tree.symlink("/var/lock", "/run/lock");
  // dash's postinst puts /bin/sh there when its package does not.
  if (!tree.find("/usr/bin/sh", false) && tree.find("/usr/bin/dash")) tree.symlink("/usr/bin/sh", "dash");
  for (const [name, link, targets] of ALTERNATIVES) {
    const target = targets.find((one) => tree.find(one));
    if (!target || tree.find(link, false)) continue;
    tree.symlink(`/etc/alternatives/${name}`, target);
    tree.symlink(link, `/etc/alternatives/${name}`);
    // Scripts use awk themselves, before the package that brings it is configured.
    if (name !== "awk") provisional.push(`/etc/alternatives/${name}`, link);
  }
  if (tree.find("/etc/pam.d")) {
    for (const [path, text] of PAM) {
      if (tree.find(path, false)) continue;
      tree.file(path, owned, contents.putText(text));
      provisional.push(path);
    }
  }
  makeDevices(tree);
  return provisional;
};

// Enough for a program that is started before /dev is mounted. mknod(2)
const makeDevices = (tree: ImageTree): void => {
  const devices: readonly (readonly [string, number, number, number])[] = [
    ["null", 1, 3, 0o666],
    ["zero", 1, 5, 0o666],
    ["full", 1, 7, 0o666],
    ["random", 1, 8, 0o666],
    ["urandom", 1, 9, 0o666],
    ["tty", 5, 0, 0o666],
    ["console", 5, 1, 0o600],
    ["ptmx", 5, 2, 0o666],
  ];
  for (const [name, major, minor, mode] of devices)
    if (!tree.find(`/dev/${name}`, false))
      tree.special(`/dev/${name}`, TYPE_CHAR, { ...ROOT_OWNED, mode }, makeDevice(major, minor));
};
