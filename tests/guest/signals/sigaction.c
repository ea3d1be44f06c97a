// sigaction(2): flags, the mask while a handler runs, resets, errors.
#include "t.h"
static volatile int depth, most, count;
static void nested(int s) {
  count++;
  if (++depth > most) most = depth;
  if (count < 4) raise(s);
  depth--;
}
static void show(int s) {
  sigset_t m;
  sigprocmask(SIG_BLOCK, 0, &m);
  say("in %s: own %d USR2 %d TERM %d\n", sig(s), sigismember(&m, s), sigismember(&m, SIGUSR2), sigismember(&m, SIGTERM));
}
static void order(int s) { say("%s ", sig(s)); }
int main(void) {
  struct sigaction a = {.sa_handler = show}, old;
  T(sigaction(0, &a, 0));
  T(sigaction(65, &a, 0));
  T(sigaction(SIGKILL, &a, 0));
  T(sigaction(SIGSTOP, &a, 0));
  T(sigaction(SIGKILL, 0, &old));
  say("default %d\n", old.sa_handler == SIG_DFL);
  T(syscall(SYS_rt_sigaction, SIGUSR1, 0, 0, 4));
  T(syscall(SYS_rt_sigaction, SIGUSR1, 16, 0, 8));
  sigaddset(&a.sa_mask, SIGTERM);
  sigaction(SIGUSR1, &a, 0);
  raise(SIGUSR1);
  a.sa_flags = SA_NODEFER;
  sigaction(SIGUSR1, &a, 0);
  raise(SIGUSR1);
  // What sigaction reports is what was set; SIGKILL and SIGSTOP fall out of the mask.
  sigfillset(&a.sa_mask);
  a.sa_flags = SA_RESTART | SA_NODEFER | SA_ONSTACK | SA_RESETHAND;
  sigaction(SIGUSR2, &a, 0);
  sigaction(SIGUSR2, 0, &old);
  say("flags %d mask %d %d %d\n", (old.sa_flags & ~0x04000000) == a.sa_flags, sigismember(&old.sa_mask, SIGTERM),
      sigismember(&old.sa_mask, SIGKILL), sigismember(&old.sa_mask, SIGSTOP));
  // SA_RESETHAND: once.
  raise(SIGUSR2);
  sigaction(SIGUSR2, 0, &old);
  say("reset %d flags kept %d\n", old.sa_handler == SIG_DFL, (old.sa_flags & SA_RESETHAND) != 0);
  // A flag no kernel knows is forgotten.
  a.sa_flags = 0x00000100;
  sigaction(SIGUSR2, &a, 0);
  sigaction(SIGUSR2, 0, &old);
  say("unknown flag %x\n", old.sa_flags & 0x100);
  // Nested by SA_NODEFER, one after the other without.
  a = (struct sigaction){.sa_handler = nested, .sa_flags = SA_NODEFER};
  sigaction(SIGUSR1, &a, 0);
  raise(SIGUSR1);
  say("count %d most %d\n", count, most);
  count = most = 0;
  a.sa_flags = 0;
  sigaction(SIGUSR1, &a, 0);
  raise(SIGUSR1);
  say("count %d most %d\n", count, most);
  // Several at once: lowest number first, but the last handler set up runs first.
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &all, 0);
  a = (struct sigaction){.sa_handler = order};
  sigfillset(&a.sa_mask);
  int list[] = {SIGTERM, SIGHUP, SIGUSR1, SIGINT, SIGRTMIN + 2, SIGRTMIN};
  for (int i = 0; i < 6; i++) sigaction(list[i], &a, 0), raise(list[i]);
  sigprocmask(SIG_SETMASK, &none, 0);
  say("\n");
  sigprocmask(SIG_SETMASK, &all, 0);
  sigemptyset(&a.sa_mask);
  for (int i = 0; i < 6; i++) sigaction(list[i], &a, 0), raise(list[i]);
  sigprocmask(SIG_SETMASK, &none, 0);
  say("\n");
  // Setting SIG_IGN throws away what is pending; so does SIG_DFL for those ignored by default.
  sigprocmask(SIG_SETMASK, &all, 0);
  raise(SIGUSR1);
  raise(SIGCHLD);
  signal(SIGUSR1, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  sigset_t p;
  sigpending(&p);
  say("pending %d %d\n", sigismember(&p, SIGUSR1), sigismember(&p, SIGCHLD));
  // Blocked and ignored is not kept; blocked and default-ignored is.
  raise(SIGUSR1);
  raise(SIGCHLD);
  sigpending(&p);
  say("pending %d %d\n", sigismember(&p, SIGUSR1), sigismember(&p, SIGCHLD));
  return 0;
}
