// mask: getppid\(\) = \w+
#include "s.h"
#include <sys/prctl.h>
int main(void) {
  BEGIN();
  call(getpid);
  call(getppid);
  call(gettid);
  call(getuid);
  call(geteuid);
  call(getgid);
  call(getegid);
  call(getpgid, 99999);
  call(getsid, 99999);
  call(setpgid, 99999, 5);
  call(sched_yield);
  call(set_tid_address, WILD);
  call(prctl, PR_SET_NAME, "a name that is too long");
  char b[20];
  call(prctl, PR_GET_NAME, b);
  call(prctl, PR_SET_PDEATHSIG, SIGTERM);
  int v;
  call(prctl, PR_GET_PDEATHSIG, &v);
  call(prctl, PR_GET_DUMPABLE);
  call(prctl, PR_SET_DUMPABLE, 0);
  call(prctl, PR_SET_DUMPABLE, 1);
  call(prctl, PR_SET_KEEPCAPS, 1);
  call(prctl, PR_GET_KEEPCAPS);
  call(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  call(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  call(prctl, PR_SET_CHILD_SUBREAPER, 1);
  call(prctl, PR_GET_CHILD_SUBREAPER, &v);
  call(prctl, PR_CAPBSET_READ, 5);
  call(prctl, PR_GET_TIMERSLACK);
  call(prctl, PR_SET_TIMERSLACK, 50000);
  call(prctl, PR_GET_SECUREBITS);
  call(prctl, 7777, 1, 2, 3, 4);
  call(prctl, PR_SET_PDEATHSIG, 99);
  call(personality, 0xffffffff);
  call(getpriority, PRIO_PROCESS, 0);
  call(setpriority, PRIO_PROCESS, 0, 5);
  call(setpriority, 9, 0, 5);
  call(ioprio_get, 1, 0);
  call(ioprio_set, 1, 0, 0x4003);
  call(exit, 3);
  return 0;
}
