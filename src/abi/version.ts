// What uname(2) and /proc/version say of this kernel. Programs compare the release: its numbers are those of the Linux
// whose behaviour is meant.
export const SYSNAME = "Linux";
export const RELEASE = "6.12.0-airside";
export const VERSION = "#1 SMP PREEMPT_DYNAMIC Airside 0.1.0";
export const MACHINE = "riscv64";
