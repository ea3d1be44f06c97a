// A handler runs and returns by sigreturn to where the program was.
#include "start.h"
struct action {
  void (*handler)(int);
  unsigned long flags, mask;
};
static volatile int caught;
static void handler(int sig) { caught = sig; }
int start(long *stack) {
  (void)stack;
  struct action action = {handler, 0, 0};
  say_number(call(SYS_rt_sigaction, 10, &action, 0, 8));
  say_number(call(SYS_kill, call(SYS_getpid, 0), 10));
  say("\ncaught ");
  say_number(caught);
  say("\n");
  return 0;
}
