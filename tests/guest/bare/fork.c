// clone(SIGCHLD), exit and wait4: memory is copied, the status comes back.
#include "start.h"
static int shared = 1;
int start(long *stack) {
  (void)stack;
  long pid = call(SYS_clone, 17, 0, 0, 0, 0);
  if (pid == 0) {
    shared = 2;
    say("child\n");
    return 5;
  }
  int status = -1;
  long got = call(SYS_wait4, pid, &status, 0, 0);
  say(got == pid ? "reaped\n" : "not reaped\n");
  say("status ");
  say_number(status);
  say(" memory ");
  say_number(shared);
  say("\n");
  say_number(call(SYS_wait4, -1, 0, 0, 0)); // ECHILD
  say("\n");
  return 0;
}
