// seccomp(2): operations, flags, what a filter answers, and the structs of its listeners. linux/seccomp.h

export const SECCOMP_MODE_DISABLED = 0;
export const SECCOMP_MODE_STRICT = 1;
export const SECCOMP_MODE_FILTER = 2;

export const SECCOMP_SET_MODE_STRICT = 0;
export const SECCOMP_SET_MODE_FILTER = 1;
export const SECCOMP_GET_ACTION_AVAIL = 2;
export const SECCOMP_GET_NOTIF_SIZES = 3;

export const SECCOMP_FILTER_FLAG_TSYNC = 1;
export const SECCOMP_FILTER_FLAG_LOG = 2;
export const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
export const SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 16;
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;
export const SECCOMP_FILTER_FLAG_MASK = 63;

// Answers, the one that counts most first (as signed numbers, the smallest). The low half is data for the action.
export const SECCOMP_RET_KILL_PROCESS = 0x80000000;
export const SECCOMP_RET_KILL_THREAD = 0x00000000;
export const SECCOMP_RET_TRAP = 0x00030000;
export const SECCOMP_RET_ERRNO = 0x00050000;
export const SECCOMP_RET_USER_NOTIF = 0x7fc00000;
export const SECCOMP_RET_TRACE = 0x7ff00000;
export const SECCOMP_RET_LOG = 0x7ffc0000;
export const SECCOMP_RET_ALLOW = 0x7fff0000;
export const SECCOMP_RET_ACTION_FULL = 0xffff0000;
export const SECCOMP_RET_DATA = 0x0000ffff;

/** By number, the name that /proc/sys/kernel/seccomp uses. */
export const SECCOMP_ACTIONS: ReadonlyMap<number, string> = new Map([
  [SECCOMP_RET_KILL_PROCESS, "kill_process"],
  [SECCOMP_RET_KILL_THREAD, "kill_thread"],
  [SECCOMP_RET_TRAP, "trap"],
  [SECCOMP_RET_ERRNO, "errno"],
  [SECCOMP_RET_USER_NOTIF, "user_notif"],
  [SECCOMP_RET_TRACE, "trace"],
  [SECCOMP_RET_LOG, "log"],
  [SECCOMP_RET_ALLOW, "allow"],
]);

/** struct seccomp_data: number, architecture, the address behind the call, six arguments. */
export const SECCOMP_DATA_SIZE = 64;
export const SECCOMP_DATA_NR = 0;
export const SECCOMP_DATA_ARCH = 4;

/** struct seccomp_notif: id, pid, flags, struct seccomp_data. */
export const SECCOMP_NOTIF_SIZE = 80;
/** struct seccomp_notif_resp: id, val, error, flags. */
export const SECCOMP_NOTIF_RESP_SIZE = 24;
/** struct seccomp_notif_addfd: id, flags, srcfd, newfd, newfd_flags. */
export const SECCOMP_NOTIF_ADDFD_SIZE = 24;
/** The call is made after all. */
export const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
export const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;
export const SECCOMP_ADDFD_FLAG_SETFD = 1;
export const SECCOMP_ADDFD_FLAG_SEND = 2;

/** si_code of SIGSYS: a filter's SECCOMP_RET_TRAP or its end. */
export const SYS_SECCOMP = 1;
