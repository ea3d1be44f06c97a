// Small calls: personality, umask, vhangup, sync, membarrier, getpagesize, sethostname's peers, acct.
#include "t.h"
#include <linux/membarrier.h>
#include <sys/personality.h>
#include <sys/swap.h>
#include <sys/klog.h>
int main(void) {
  T(personality(0xffffffff));
  T(personality(ADDR_NO_RANDOMIZE));
  T(personality(0xffffffff) == ADDR_NO_RANDOMIZE);
  REAP(CHILD(_exit(personality(0xffffffff) == ADDR_NO_RANDOMIZE)));
  T(personality(0) == ADDR_NO_RANDOMIZE);
  CHECK(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0) > 0);
  T(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
  T(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
  T(syscall(SYS_membarrier, 12345, 0, 0));
  T(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 1, 0));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(syscall(SYS_settimeofday, &(struct timeval){1, 0}, 0));
    T(syscall(SYS_init_module, 0, 0, ""));
    T(syscall(SYS_pivot_root, ".", "."));
    T(unshare(CLONE_NEWNS));
  });
  T(unshare(CLONE_FS));
  T(unshare(CLONE_FILES));
  T(unshare(0));
  T(unshare(0x1));
  T(unshare(CLONE_THREAD));
  T(syscall(SYS_restart_syscall));
  T(syscall(SYS_ioprio_get, 1, 0) >= 0);
  T(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 4));
  T(syscall(SYS_ioprio_get, 1, 0));
  return 0;
}
