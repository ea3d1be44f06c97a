// /proc/sys: the tunables of sysctl.ts as files, and the values that the kernel keeps elsewhere. proc_sys(5)
import { EINVAL, EPERM } from "../../../abi/errno.ts";
import { SECCOMP_ACTIONS } from "../../../abi/seccomp.ts";
import { RELEASE, SYSNAME, VERSION } from "../../../abi/version.ts";
import type { Kernel } from "../../kernel.ts";
import type { NamespaceKind } from "../../namespace/namespace.ts";
import { LIMITED } from "../../namespace/ucounts.ts";
import { FIRST_USER_NAMESPACE, type UserNamespace } from "../../namespace/user.ts";
import { GLOBAL_TUNABLES } from "../../net/net.ts";
import { randomUuid } from "../../random-uuid.ts";
import { CAP_CHECKPOINT_RESTORE, CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../../security/cred.ts";
import { type Sysctl, type Tunable, tunables } from "../../sysctl.ts";
import { type Directory, directory, type Page, page, type Reader, type Row } from "../rows/row.ts";

/** A name with its page, before the names become folders. */
type Placed = readonly [string, Page<Kernel>];

const tunablePage = (tunable: Tunable): Placed => [
  tunable.name,
  page(
    tunable.name,
    tunable.mode ?? 0o644,
    (kernel, reader) => `${sysctlOf(tunable, kernel, reader).get(tunable.name)}\n`,
    {
      write: (kernel, text, reader) => (sysctlOf(tunable, kernel, reader).set(tunable, text) ? 0 : EINVAL),
      permits: (_kernel, reader) => mayTune(tunable.name, reader),
    },
  ),
];

/** Where a tunable is: some are the network or IPC namespace's own. */
function sysctlOf({ name }: Tunable, { sysctl }: Kernel, { task }: Reader): Sysctl {
  if (!task) return sysctl;
  if (name.startsWith("net/")) return GLOBAL_TUNABLES.has(name.slice(4)) ? sysctl : task.net.sysctl;
  return isIpc(name) ? task.ipc.sysctl : sysctl;
}

const isIpc = (name: string): boolean => /^(kernel\/(msg|sem$|shm)|fs\/mqueue\/)/.test(name);

/** Who is root of a namespace sets what is its own. */
function mayTune(name: string, { task }: Reader): boolean {
  if (!task) return true;
  const { cred, net, ipc } = task;
  if (name.startsWith("net/"))
    return !GLOBAL_TUNABLES.has(name.slice(4)) && cred.canIn(net.userNamespace, CAP_NET_ADMIN);
  return isIpc(name) && cred.euid === ipc.userNamespace.uid(0);
}

/** user/max_*_namespaces: of the reader's user namespace. */
const namespaceLimit = (kind: NamespaceKind): Placed => {
  const path = `user/max_${kind}_namespaces`;
  const own = ({ task }: Reader): UserNamespace => task?.cred.userNamespace ?? FIRST_USER_NAMESPACE;
  return [
    path,
    page(path, 0o644, ({ ucounts }, reader) => `${ucounts.limit(own(reader), kind)}\n`, {
      write({ ucounts }, text, reader) {
        const limit = /^\s*\d+\s*$/.test(text) ? Number(text) : -1;
        if (limit < 0 || limit > 0x7fffffff) return EINVAL;
        ucounts.setLimit(own(reader), kind, limit);
        return 0;
      },
      permits: (_kernel, reader) => reader.task?.cred.has(CAP_SYS_RESOURCE) ?? true,
    }),
  ];
};

const shown = (name: string, text: (kernel: Kernel) => string | number): Placed => [
  name,
  page(name, 0o444, (kernel) => `${text(kernel)}\n`),
];

const name = (path: string, key: "hostname" | "domainname"): Placed => [
  path,
  page(path, 0o644, ({ current, tasks }) => `${(current ?? tasks.init?.leader)?.uts[key] ?? ""}\n`, {
    write(_kernel, text, { task }) {
      if (!task?.cred.canIn(task.uts.userNamespace, CAP_SYS_ADMIN)) return EPERM;
      task.uts[key] = text.split(/[\n\0]/, 1)[0]!.slice(0, 64);
      return 0;
    },
  }),
];

function openFiles({ tasks }: Kernel): number {
  const seen = new Set<object>();
  for (const { files } of tasks.all) for (const [, file] of files?.open() ?? []) seen.add(file);
  return seen.size;
}

const placed: readonly Placed[] = [
  ...tunables.map(tunablePage),
  ...LIMITED.map(namespaceLimit),
  shown("fs/dentry-state", () => "0\t0\t45\t0\t0\t0"),
  shown("fs/file-nr", (kernel) => `${openFiles(kernel)}\t0\t${kernel.sysctl.get("fs/file-max")}`),
  shown("fs/inode-nr", () => "0\t0"),
  shown("fs/inode-state", () => "0\t0\t0\t0\t0\t0\t0"),
  name("kernel/domainname", "domainname"),
  name("kernel/hostname", "hostname"),
  [
    "kernel/ns_last_pid",
    page(
      "ns_last_pid",
      0o666,
      ({ tasks }, { task }) => {
        const own = task?.pidNamespace;
        return `${own?.parent ? own.last : tasks.lastPid}\n`;
      },
      {
        write({ tasks, sysctl }, text, { task }) {
          if (!task) return EPERM;
          const { cred, pidNamespace: own } = task;
          const owner = own.userNamespace;
          if (!cred.canIn(owner, CAP_SYS_ADMIN) && !cred.canIn(owner, CAP_CHECKPOINT_RESTORE)) return EPERM;
          const pid = /^\s*\d+\s*$/.test(text) ? Number(text) : -1;
          if (pid < 0 || pid > sysctl.number("kernel/pid_max")) return EINVAL;
          if (own.parent) own.last = pid;
          else tasks.lastPid = pid;
          return 0;
        },
      },
    ),
  ],
  [
    "kernel/printk",
    page("printk", 0o644, ({ log }) => `${log.consoleLevel}\t4\t1\t7\n`, {
      write({ log }, text) {
        const [level = ""] = text.trim().split(/\s+/);
        if (!/^\d{1,2}$/.test(level)) return EINVAL;
        log.consoleLevel = Number(level);
        return 0;
      },
    }),
  ],
  shown("kernel/osrelease", () => RELEASE),
  shown("kernel/ostype", () => SYSNAME),
  shown("kernel/random/boot_id", (kernel) => kernel.bootId),
  shown("kernel/random/entropy_avail", () => 256),
  shown("kernel/random/poolsize", () => 256),
  shown("kernel/random/urandom_min_reseed_secs", () => 60),
  shown("kernel/random/uuid", ({ host }) => randomUuid(host)),
  shown("kernel/random/write_wakeup_threshold", () => 256),
  shown("kernel/seccomp/actions_avail", () => [...SECCOMP_ACTIONS.values()].join(" ")),
  [
    "kernel/seccomp/actions_logged",
    page("actions_logged", 0o644, ({ audit }) => `${audit.actionsLogged}\n`, {
      write({ audit }, text, { task }) {
        if (!task?.cred.can(CAP_SYS_ADMIN)) return EPERM;
        return audit.setActionsLogged(text) ? 0 : EINVAL;
      },
    }),
  ],
  [
    "kernel/tainted",
    page("tainted", 0o644, ({ taints }) => `${taints.mask}\n`, {
      write({ taints }, text, { task }) {
        if (!task?.cred.can(CAP_SYS_ADMIN)) return EPERM;
        if (!/^\s*\d{1,10}\s*$/.test(text)) return EINVAL;
        taints.addMask(Number(text));
        return 0;
      },
    }),
  ],
  shown("kernel/version", () => VERSION),
  [
    "vm/nr_hugepages",
    // As many as can be had are set aside, and it is no error that there are none.
    page("nr_hugepages", 0o644, () => "0\n", { write: (_kernel, text) => (/^\s*\d+\s*$/.test(text) ? 0 : EINVAL) }),
  ],
];

/** Folds "a/b/c" into folders. */
function folders(pages: readonly Placed[]): Row<Kernel>[] {
  const groups = new Map<string, Placed[]>();
  for (const [path, content] of pages) {
    const slash = path.indexOf("/");
    const first = slash < 0 ? path : path.slice(0, slash);
    const rest: Placed = [slash < 0 ? "" : path.slice(slash + 1), content];
    const group = groups.get(first);
    if (group) group.push(rest);
    else groups.set(first, [rest]);
  }
  return [...groups].map(([first, rest]): Row<Kernel> => {
    const [only] = rest;
    return only && only[0] === ""
      ? { ...only[1], name: first }
      : (directory(first, folders(rest)) as Directory<Kernel>);
  });
}

export const sysctlRows: readonly Row<Kernel>[] = [...folders(placed), directory("dev", [])];
