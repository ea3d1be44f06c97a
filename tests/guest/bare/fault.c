// A store to address 16 in a child is SIGSEGV for the child alone.
#include "start.h"
int start(long *stack) {
  (void)stack;
  long pid = call(SYS_clone, 17, 0, 0, 0, 0);
  if (pid == 0) {
    *(volatile int *)16 = 1;
    return 0;
  }
  int status = 0;
  call(SYS_wait4, pid, &status, 0, 0);
  say("signal ");
  say_number(status & 127);
  say("\n");
  pid = call(SYS_clone, 17, 0, 0, 0, 0);
  if (pid == 0) {
    asm volatile(".word 0");
    return 0;
  }
  call(SYS_wait4, pid, &status, 0, 0);
  say("signal ");
  say_number(status & 127);
  say("\n");
  return 0;
}
