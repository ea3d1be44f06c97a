// What uname(2) and /proc/version say of this kernel. Programs compare the release: its numbers are those of the Linux
// whose behaviour is meant. docs/stability.md
export const SYSNAME = "Linux";
export const RELEASE = "6.12.0-airside";
/** This package's own version. */
export const AIRSIDE = "0.1.0";
export const VERSION = `#1 SMP PREEMPT_DYNAMIC Airside ${AIRSIDE}`;
export const MACHINE = "riscv64";
/** What a module must have been built for. */
export const VERMAGIC = `${RELEASE} airside-${AIRSIDE} SMP preempt mod_unload riscv`;
