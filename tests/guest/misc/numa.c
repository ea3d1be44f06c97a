// Memory policy on one node: checks and answers. kcmp: what fork and clone share.
#include "t.h"
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static long get(int *mode, unsigned long *mask, unsigned long max, void *address, unsigned long flags) {
  return syscall(SYS_get_mempolicy, mode, mask, max, address, flags);
}

int main(void) {
  int mode = -1;
  unsigned long mask[16] = {0}, one = 1, two = 2, none = 0;
  char *page = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page[0] = 1;
  T(get(&mode, mask, 1024, 0, 0));
  say("mode %d mask %lx\n", mode, mask[0]);
  T(get(0, mask, 1024, 0, MPOL_F_MEMS_ALLOWED));
  say("allowed %lx\n", mask[0] & 1);
  T(get(&mode, mask, 1024, page, 0));
  T(get(&mode, mask, 1024, 0, 8));
  T(get(&mode, 0, 0, page, MPOL_F_NODE | MPOL_F_ADDR));
  say("node %d\n", mode);
  T(get(&mode, 0, 0, (void *)4096, MPOL_F_NODE | MPOL_F_ADDR));
  T(syscall(SYS_set_mempolicy, MPOL_BIND, &one, 64ul));
  T(get(&mode, mask, 1024, 0, 0));
  say("mode %d mask %lx\n", mode, mask[0]);
  T(syscall(SYS_set_mempolicy, MPOL_BIND, &none, 64ul));
  T(syscall(SYS_set_mempolicy, MPOL_DEFAULT, &one, 64ul));
  T(syscall(SYS_set_mempolicy, 77, &one, 64ul));
  T(syscall(SYS_set_mempolicy, MPOL_DEFAULT, 0, 0ul));
  T(syscall(SYS_mbind, page, 8192ul, MPOL_PREFERRED, &one, 64ul, 0ul));
  T(syscall(SYS_mbind, page + 1, 4096ul, MPOL_DEFAULT, 0, 0ul, 0ul));
  T(syscall(SYS_mbind, page, 4096ul, MPOL_DEFAULT, 0, 0ul, 99ul));
  void *pages[2] = {page, page + 4096};
  int status[2] = {9, 9}, node[1] = {0};
  T(syscall(SYS_move_pages, 0, 2ul, pages, 0, status, 0));
  say("status %d %d\n", status[0], status[1]);
  T(syscall(SYS_move_pages, 0, 1ul, pages, node, status, MPOL_MF_MOVE));
  T(syscall(SYS_move_pages, 0, 1ul, pages, node, status, 1));
  T(syscall(SYS_move_pages, 999999, 1ul, pages, node, status, 0));
  (void)two;
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  int self = getpid(), copy = dup(1);
  T(syscall(SYS_kcmp, self, self, 0, 1, copy));
  T(syscall(SYS_kcmp, self, child, 0, 1, 1));
  T(syscall(SYS_kcmp, self, child, 1, 0, 0) > 0);
  T(syscall(SYS_kcmp, self, child, 2, 0, 0) > 0);
  T(syscall(SYS_kcmp, self, self, 2, 0, 0));
  T(syscall(SYS_kcmp, self, self, 0, 1, 99));
  T(syscall(SYS_kcmp, self, self, 99, 0, 0));
  T(syscall(SYS_kcmp, self, 999999, 1, 0, 0));
  kill(child, SIGKILL);
  wait(0);
  return 0;
}
