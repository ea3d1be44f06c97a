// sigprocmask(2), sigpending(2), sigsuspend(2): masks and their errors.
#include "t.h"
static volatile int hits;
static void handler(int s) { (void)s; hits++; }
static int blocked(int s) {
  sigset_t m;
  sigprocmask(SIG_BLOCK, 0, &m);
  return sigismember(&m, s);
}
int main(void) {
  sigset_t s, old;
  sigemptyset(&s);
  sigaddset(&s, SIGUSR1);
  signal(SIGUSR1, handler);
  signal(SIGUSR2, handler);
  T(sigprocmask(9, &s, 0));
  T(syscall(SYS_rt_sigprocmask, 9, 0, &old, 8));
  T(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &s, 0, 4));
  T(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 16, 0, 8));
  T(sigprocmask(SIG_BLOCK, &s, 0));
  T(raise(SIGUSR1));
  T(raise(SIGUSR1));
  say("hits %d\n", hits);
  sigpending(&old);
  say("pending %d\n", sigismember(&old, SIGUSR1));
  T(sigprocmask(SIG_UNBLOCK, &s, 0));
  say("hits %d\n", hits); // ordinary signals don't queue
  sigfillset(&s);
  T(sigprocmask(SIG_SETMASK, &s, 0));
  say("KILL %d STOP %d TERM %d RTMAX %d\n", blocked(SIGKILL), blocked(SIGSTOP), blocked(SIGTERM), blocked(SIGRTMAX));
  // sigsuspend swaps the mask and puts it back, after the handler.
  hits = 0;
  raise(SIGUSR1);
  sigfillset(&s);
  sigdelset(&s, SIGUSR1);
  T(sigsuspend(&s));
  say("hits %d blocked again %d\n", hits, blocked(SIGUSR1));
  // With two signals it takes both that are let in before it returns.
  raise(SIGUSR1);
  raise(SIGUSR2);
  sigdelset(&s, SIGUSR2);
  T(sigsuspend(&s));
  say("hits %d\n", hits);
  // One that is ignored doesn't end it.
  pid_t me = getpid();
  signal(SIGUSR2, SIG_IGN);
  pid_t c = CHILD({
    until(me, 'S');
    kill(me, SIGUSR2);
    nap(20);
    kill(me, SIGUSR1);
  });
  hits = 0;
  T(sigsuspend(&s));
  say("hits %d\n", hits);
  REAP(c);
  T(syscall(SYS_rt_sigsuspend, &s, 4));
  T(syscall(SYS_rt_sigpending, &s, 16));
  // pause
  sigemptyset(&s);
  sigprocmask(SIG_SETMASK, &s, 0);
  c = CHILD(until(me, 'S'); kill(me, SIGUSR1));
  T(pause());
  REAP(c);
  return 0;
}
