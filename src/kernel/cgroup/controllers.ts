// The controllers that there are, in Linux's order (include/linux/cgroup_subsys.h).
import type { Controller } from "./controller.ts";
import { cpu } from "./cpu.ts";
import { cpuset } from "./cpuset.ts";
import { io } from "./io.ts";
import { memory } from "./memory.ts";
import { pids } from "./pids.ts";

export const controllers: readonly Controller[] = [cpuset, cpu, io, memory, pids];
