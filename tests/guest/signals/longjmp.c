// Leaving handlers by siglongjmp; the mask with and without saving; contexts changed by the handler.
#include "t.h"
#include <setjmp.h>
#include <ucontext.h>
static sigjmp_buf b;
static void jump(int s) { siglongjmp(b, s); }
static int blocked(int s) {
  sigset_t m;
  sigprocmask(SIG_BLOCK, 0, &m);
  return sigismember(&m, s);
}
static void unblock(int s, siginfo_t *i, void *u) {
  (void)s, (void)i;
  // The mask to come back to is in the context.
  sigaddset(&((ucontext_t *)u)->uc_sigmask, SIGTERM);
}
static volatile int level;
static void within(int s) {
  level++;
  if (level < 5) raise(s == SIGUSR1 ? SIGUSR2 : SIGUSR1);
  say("leaving %d\n", level--);
}
static ucontext_t main_context, other;
static void routine(int x) {
  say("in the other context %d\n", x);
  swapcontext(&other, &main_context);
  say("again\n");
}
int main(void) {
  signal(SIGUSR1, jump);
  int r = sigsetjmp(b, 1);
  if (r == 0) raise(SIGUSR1);
  say("%s blocked %d\n", sig(r), blocked(SIGUSR1));
  r = sigsetjmp(b, 0);
  if (r == 0) raise(SIGUSR1);
  say("%s blocked %d\n", sig(r), blocked(SIGUSR1));
  sigset_t m;
  sigemptyset(&m);
  sigprocmask(SIG_SETMASK, &m, 0);
  for (volatile int i = 0; i < 1000; i++)
    if (sigsetjmp(b, 1) == 0) raise(SIGUSR1);
  say("a thousand times\n");
  struct sigaction a = {.sa_sigaction = unblock, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR2, &a, 0);
  raise(SIGUSR2);
  say("TERM blocked by the handler %d\n", blocked(SIGTERM));
  a = (struct sigaction){.sa_handler = within, .sa_flags = SA_NODEFER};
  sigaction(SIGUSR1, &a, 0);
  sigaction(SIGUSR2, &a, 0);
  raise(SIGUSR1);
  static char stack[65536];
  getcontext(&other);
  other.uc_stack.ss_sp = stack;
  other.uc_stack.ss_size = sizeof stack;
  other.uc_link = &main_context;
  makecontext(&other, (void (*)(void))routine, 1, 42);
  swapcontext(&main_context, &other);
  say("back\n");
  swapcontext(&main_context, &other);
  say("done\n");
  return 0;
}
