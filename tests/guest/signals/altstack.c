// sigaltstack(2): where handlers run, its flags and errors.
#include "t.h"
#include <setjmp.h>
static char stack[65536];
static bool on(void) {
  char here;
  return &here >= stack && &here < stack + sizeof stack;
}
static volatile int level;
static sigjmp_buf back;
static void handler(int s) {
  stack_t ss;
  sigaltstack(0, &ss);
  say("%s on the alternate stack %d, SS_ONSTACK %d\n", sig(s), on(), (ss.ss_flags & SS_ONSTACK) != 0);
  if (level++ == 0) {
    ss.ss_flags = 0;
    ss.ss_sp = stack;
    ss.ss_size = 16384;
    T(sigaltstack(&ss, 0)); // not while on it
    raise(SIGUSR2);
  }
}
static void jump(int s) {
  say("jump, on %d\n", on());
  siglongjmp(back, s);
}
int main(void) {
  stack_t ss, old;
  T(sigaltstack(0, &old));
  say("disabled %d size %ld\n", old.ss_flags == SS_DISABLE, (long)old.ss_size);
  ss = (stack_t){.ss_sp = stack, .ss_size = 100};
  T(sigaltstack(&ss, 0));
  ss = (stack_t){.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 0x99};
  T(sigaltstack(&ss, 0));
  T(sigaltstack((stack_t *)16, 0));
  ss.ss_flags = 0;
  T(sigaltstack(&ss, &old));
  T(sigaltstack(0, &old));
  say("set %d %d %d\n", old.ss_sp == stack, old.ss_size == sizeof stack, old.ss_flags);
  struct sigaction a = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &a, 0);
  a.sa_flags = 0;
  sigaction(SIGUSR2, &a, 0);
  raise(SIGUSR1); // USR2 stays on the stack it interrupts
  level = 1;
  raise(SIGUSR2);
  // Leaving by siglongjmp frees it again.
  a = (struct sigaction){.sa_handler = jump, .sa_flags = SA_ONSTACK};
  sigaction(SIGTERM, &a, 0);
  for (volatile int i = 0; i < 2; i++)
    if (sigsetjmp(back, 1) == 0) raise(SIGTERM);
  sigaltstack(0, &old);
  say("flags %d\n", old.ss_flags);
  // SS_AUTODISARM: off while the handler runs.
  ss.ss_flags = 1u << 31;
  T(sigaltstack(&ss, 0));
  level = 1;
  raise(SIGUSR1);
  sigaltstack(0, &old);
  say("armed again %d\n", old.ss_flags == (int)(1u << 31));
  // fork keeps it, disabling takes it away.
  REAP(CHILD(sigaltstack(0, &old); _exit(old.ss_sp == stack)));
  ss.ss_flags = SS_DISABLE;
  T(sigaltstack(&ss, 0));
  level = 1;
  raise(SIGUSR1);
  return 0;
}
