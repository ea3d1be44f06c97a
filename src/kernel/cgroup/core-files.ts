// The files that every group has, whatever controllers it has: cgroup.* and cpu.stat. cgroups(7)
import { EINVAL, EOPNOTSUPP, ERANGE, type Errno } from "../../abi/errno.ts";
import { SI_KERNEL, SIGKILL } from "../../abi/signal.ts";
import { pressureFile, pressureSwitch } from "../psi/files.ts";
import { sendToGroup } from "../signal/send.ts";
import { attachByPid } from "./attach.ts";
import type { Cgroup } from "./cgroup.ts";
import type { CgroupFile } from "./controller.ts";
import { bandwidthStatistics } from "./cpu.ts";
import { setFreeze } from "./freeze.ts";
import { microseconds, parseInt32, parseMaximum, showMaximum } from "./numbers.ts";
import { makeThreaded, typeOf } from "./threaded.ts";

/** What the reader calls these processes, or threads; 0 where it does not see one. */
function numbers({ kernel: { current } }: Cgroup, pids: Iterable<number>): string {
  return [...pids].map((pid) => `${current?.pidNamespace.of(pid) ?? pid}\n`).join("");
}

/** The processes in a group; in a thread root those of its whole threaded subtree. Errors: EOPNOTSUPP in a threaded one. */
function processes(cgroup: Cgroup): string | Errno {
  if (cgroup.threaded) return EOPNOTSUPP;
  const pids = new Set<number>();
  for (const each of cgroup.threadedChildren > 0 ? cgroup.subtree() : [cgroup]) {
    if (each.domain === cgroup) for (const task of each.members()) pids.add(task.pid);
  }
  return numbers(cgroup, pids);
}

function statistics(cgroup: Cgroup): string {
  const { controllers } = cgroup.kernel.cgroups;
  const counts = controllers.map(({ name }) => {
    let count = 0;
    if (cgroup.own[name]) for (const each of cgroup.subtree()) if (each.own[name]) count++;
    return `nr_subsys_${name} ${count}\n`;
  });
  // What is removed is gone at once: nothing dies slowly here.
  const dying = controllers.map(({ name }) => `nr_dying_subsys_${name} 0\n`);
  return [`nr_descendants ${cgroup.descendants}\n`, ...counts, "nr_dying_descendants 0\n", ...dying].join("");
}

/** cgroup.kill: SIGKILL for every process in it and below. Errors: ERANGE, EOPNOTSUPP for a threaded group. */
function kill(cgroup: Cgroup, text: string): 0 | Errno {
  const value = parseInt32(text);
  if (value !== 1) return value === undefined ? EINVAL : ERANGE;
  if (cgroup.threaded) return EOPNOTSUPP;
  killAll(cgroup);
  return 0;
}

/** SIGKILL for every process in a group and below. */
export function killAll(cgroup: Cgroup): void {
  const victims = new Set([...cgroup.subtree()].flatMap((each) => [...each.members()].map(({ group }) => group)));
  for (const group of victims) sendToGroup(group, { signal: SIGKILL, code: SI_KERNEL });
}

/** cpu.stat's first lines. */
function processorTime({ usage: { user, system, nice } }: Cgroup): string {
  const parts = [`usage_usec ${microseconds(user + system)}`, `user_usec ${microseconds(user)}`];
  parts.push(`system_usec ${microseconds(system)}`, `nice_usec ${microseconds(nice)}`);
  return `${parts.join("\n")}\n`;
}

const names = (controllers: Iterable<string>): string => `${[...controllers].join(" ")}\n`;

export const coreFiles: readonly CgroupFile[] = [
  {
    name: "cgroup.type",
    show: (cgroup) => `${typeOf(cgroup)}\n`,
    write: makeThreaded,
  },
  {
    name: "cgroup.procs",
    where: "everywhere",
    delegatable: true,
    show: processes,
    write: (cgroup, text, opener) => attachByPid(cgroup, text, true, opener),
  },
  {
    name: "cgroup.threads",
    where: "everywhere",
    delegatable: true,
    show: (cgroup) =>
      numbers(
        cgroup,
        [...cgroup.members()].map(({ tid }) => tid),
      ),
    write: (cgroup, text, opener) => attachByPid(cgroup, text, false, opener),
  },
  {
    name: "cgroup.controllers",
    where: "everywhere",
    show: (cgroup) => names(cgroup.kernel.cgroups.available(cgroup).map(({ name }) => name)),
  },
  {
    name: "cgroup.subtree_control",
    where: "everywhere",
    delegatable: true,
    show({ kernel, subtreeControl }) {
      return names(kernel.cgroups.controllers.map(({ name }) => name).filter((name) => subtreeControl.has(name)));
    },
    write: (cgroup, text) => cgroup.kernel.cgroups.control(cgroup, text),
  },
  {
    name: "cgroup.events",
    show: ({ populated, frozen }) => `populated ${populated ? 1 : 0}\nfrozen ${frozen ? 1 : 0}\n`,
  },
  {
    name: "cgroup.max.descendants",
    where: "everywhere",
    show: ({ maxDescendants }) => showMaximum(maxDescendants),
    write: (cgroup, text) => parseMaximum(text, (value) => (cgroup.maxDescendants = value)),
  },
  {
    name: "cgroup.max.depth",
    where: "everywhere",
    show: ({ maxDepth }) => showMaximum(maxDepth),
    write: (cgroup, text) => parseMaximum(text, (value) => (cgroup.maxDepth = value)),
  },
  { name: "cgroup.stat", where: "everywhere", show: statistics },
  {
    name: "cgroup.freeze",
    show: ({ freeze }) => `${freeze ? 1 : 0}\n`,
    write(cgroup, text) {
      const value = parseInt32(text);
      if (value !== 0 && value !== 1) return value === undefined ? EINVAL : ERANGE;
      setFreeze(cgroup, value === 1);
      return 0;
    },
  },
  { name: "cgroup.kill", write: kill },
  pressureSwitch,
  pressureFile("cpu"),
  pressureFile("io"),
  pressureFile("memory"),
  {
    name: "cpu.stat",
    where: "everywhere",
    show: (cgroup) => processorTime(cgroup) + bandwidthStatistics(cgroup),
  },
  {
    name: "cpu.stat.local",
    where: "everywhere",
    show: ({ own }) => (own.cpu ? `throttled_usec ${microseconds(own.cpu.heldTime)}\n` : ""),
  },
];
