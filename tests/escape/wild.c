// Wild values in each argument of each system call, from processes that may die of it: the kernel must not.
#include "e.h"
#include <sys/syscall.h>
static const unsigned long wild[] = {0, 1, 7, 0xfff, -1ul, -4096ul, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffff80000000, 0x3fffffffff, 0x4000000000, 0x7fffffff, 0xffffffff, 0x100000000};
static bool skipped(int n) {
  // Ends, waits for ever by right, or reaches the processes of this very test.
  static const int no[] = {SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_kill, SYS_tkill, SYS_tgkill, SYS_reboot, SYS_clone, 435, SYS_setpgid, SYS_setsid, SYS_vhangup};
  for (unsigned i = 0; i < COUNT(no); i++)
    if (no[i] == n) return true;
  return false;
}
int main(int argc, char **argv) {
  int from = argc > 1 ? atoi(argv[1]) : 0, to = argc > 2 ? atoi(argv[2]) : 470;
  static char page[8192] __attribute__((aligned(4096)));
  int calls = 0;
  for (int n = from; n < to; n++) {
    if (skipped(n)) continue;
    for (int arg = 0; arg < 6; arg++) {
      int status = reap(CHILD({
        // Whatever waits is ended; what would be written or read is this process's own.
        struct itimerval soon = {{0, 20000}, {0, 20000}};
        signal(SIGALRM, SIG_DFL);
        close(0);
        for (int fd = 3; fd < 10; fd++) close(fd);
        dup2(open("/dev/null", O_RDWR), 1), dup2(1, 2);
        struct rlimit small = {1 << 16, 1 << 16};
        setrlimit(RLIMIT_FSIZE, &small);
        setitimer(ITIMER_REAL, &soon, 0);
        for (unsigned w = 0; w < COUNT(wild); w++) {
          unsigned long a[6] = {(unsigned long)page, (unsigned long)page, 64, (unsigned long)page, 0, 0};
          // Every other round with small numbers elsewhere: descriptors, sizes, flags.
          if (w & 1) a[0] = 1, a[2] = 8;
          a[arg] = wild[w];
          syscall(n, a[0], a[1], a[2], a[3], a[4], a[5]);
        }
        _exit(0);
      }));
      (void)status;
      calls += COUNT(wild);
    }
    if (n % 10 == 0) say("held calls to %d\n", n);
  }
  say("%d calls\n", calls);
  return 0;
}
