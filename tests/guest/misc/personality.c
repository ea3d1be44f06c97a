// Small calls: personality, umask, vhangup, sync, membarrier, getpagesize, sethostname's peers, acct.
#include "t.h"
#include <linux/membarrier.h>
#include <sys/personality.h>
#include <sys/swap.h>
#include <sys/klog.h>
#include <sys/select.h>
#include <sys/utsname.h>
#include <poll.h>
static bool executable(void *at) {
  char line[512], mode[5] = "";
  FILE *maps = fopen("/proc/self/maps", "r");
  unsigned long from, to;
  while (fgets(line, sizeof line, maps))
    if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) == 3 && (unsigned long)at >= from && (unsigned long)at < to) break;
  fclose(maps);
  return mode[2] == 'x';
}
static void nothing(int signal) { (void)signal; }
static void domains(void) {
  // STICKY_TIMEOUTS: the time that is left is not told, and a signal ends the call.
  struct timespec time = {0, 1000000};
  T(personality(STICKY_TIMEOUTS));
  T(syscall(SYS_pselect6, 0, 0, 0, 0, &time, 0));
  say("left %ld\n", time.tv_nsec);
  T(syscall(SYS_ppoll, 0, 0, &time, 0, 0));
  say("left %ld\n", time.tv_nsec);
  signal(SIGALRM, nothing);
  setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 1000}}, 0);
  time.tv_sec = 100;
  T(syscall(SYS_ppoll, 0, 0, &time, 0, 0));
  say("left %ld %ld\n", time.tv_sec, time.tv_nsec);
  T(personality(0) == STICKY_TIMEOUTS);
  time = (struct timespec){0, 1000000};
  T(syscall(SYS_pselect6, 0, 0, 0, 0, &time, 0));
  say("left %ld\n", time.tv_nsec);

  // READ_IMPLIES_EXEC: for what is mapped and protected from then on.
  char *before = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  T(personality(READ_IMPLIES_EXEC));
  char *m = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(executable(before));
  CHECK(executable(m));
  MUST(mprotect(m, 4096, PROT_WRITE));
  CHECK(executable(m));
  MUST(mprotect(m, 4096, PROT_READ));
  CHECK(executable(m));
  MUST(mprotect(m, 4096, PROT_NONE));
  CHECK(executable(m));
  T(personality(0) == READ_IMPLIES_EXEC);
  MUST(mprotect(m, 3 * 4096, PROT_READ));
  CHECK(executable(m));

  struct utsname name;
  T(personality(0x0020000)); // UNAME26
  T(uname(&name));
  CHECK(strncmp(name.release, "2.6.", 4) == 0 && atoi(name.release + 4) >= 60);
  T(personality(0) == 0x0020000);
  T(uname(&name));
  CHECK(strncmp(name.release, "2.6.", 4) != 0);
}
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
  domains();
  return 0;
}
