// Two processes that never yield: each must get its turn, by preemption.
#include "start.h"
int start(long *stack) {
  (void)stack;
  volatile int *flag = (volatile int *)call(SYS_mmap, 0, 4096, 3, 0x21, -1, 0);
  long pid = call(SYS_clone, 17, 0, 0, 0, 0);
  if (pid == 0) {
    while (flag[0] == 0) {
    }
    flag[1] = 1;
    return 0;
  }
  flag[0] = 1;
  while (flag[1] == 0) {
  }
  call(SYS_wait4, pid, 0, 0, 0);
  say("both ran\n");
  return 0;
}
