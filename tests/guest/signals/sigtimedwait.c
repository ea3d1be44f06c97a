// sigwaitinfo, sigtimedwait, sigwait: what they take, in what order, and when they give up.
#include "t.h"
static void handler(int s) { (void)s; }
int main(void) {
  sigset_t s, one;
  sigemptyset(&s);
  for (int i = 0; i < 3; i++) sigaddset(&s, SIGRTMIN + i);
  sigaddset(&s, SIGUSR1);
  sigaddset(&s, SIGCHLD);
  sigprocmask(SIG_BLOCK, &s, 0);
  siginfo_t si;
  struct timespec zero = {0, 0}, little = {0, 30000000}, bad = {0, 1000000000}, negative = {-1, 0};
  T(sigtimedwait(&s, &si, &zero));
  double t = now();
  T(sigtimedwait(&s, &si, &little));
  CHECK(now() - t >= 29);
  T(sigtimedwait(&s, &si, &bad));
  T(sigtimedwait(&s, &si, &negative));
  T(syscall(SYS_rt_sigtimedwait, &s, 0, &zero, 4));
  T(syscall(SYS_rt_sigtimedwait, 16, 0, &zero, 8));
  pid_t me = getpid();
  sigqueue(me, SIGRTMIN + 1, (union sigval){1});
  sigqueue(me, SIGRTMIN, (union sigval){2});
  sigqueue(me, SIGRTMIN + 1, (union sigval){3});
  kill(me, SIGUSR1);
  sigset_t rt = s;
  sigdelset(&rt, SIGUSR1);
  for (int i = 0; i < 3; i++) {
    int r = sigtimedwait(&rt, &si, &zero);
    say("%s %d\n", sig(r), si.si_value.sival_int);
  }
  sigpending(&one);
  say("USR1 still pending %d\n", sigismember(&one, SIGUSR1));
  int got;
  T(sigwait(&s, &got));
  say("%s\n", sig(got));
  // A pending thread-directed signal comes before a process-directed one of the same number.
  sigqueue(me, SIGRTMIN, (union sigval){5});
  siginfo_t mine = {.si_signo = SIGRTMIN, .si_code = SI_QUEUE, .si_value.sival_int = 6};
  syscall(SYS_rt_tgsigqueueinfo, me, syscall(SYS_gettid), SIGRTMIN, &mine);
  for (int i = 0; i < 2; i++) {
    sigwaitinfo(&s, &si);
    say("value %d\n", si.si_value.sival_int);
  }
  // Waiting for one that arrives.
  pid_t c = CHILD(until(me, 'S'); sigqueue(me, SIGRTMIN + 2, (union sigval){9}); _exit(0));
  int r = sigwaitinfo(&rt, &si);
  if (r == SIGCHLD) r = sigwaitinfo(&rt, &si);
  say("%s %d from child %d\n", sig(r), si.si_value.sival_int, si.si_pid == c);
  reap(c);
  while (sigtimedwait(&s, 0, &zero) > 0) {
  }
  // Another signal with a handler ends it; an ignored one doesn't.
  signal(SIGTERM, handler);
  sigdelset(&rt, SIGCHLD);
  c = CHILD(until(me, 'S'); kill(me, SIGTERM));
  T(sigwaitinfo(&rt, &si));
  reap(c);
  // SIGCHLD, ignored by default, can be waited for while blocked.
  while (sigtimedwait(&s, 0, &zero) > 0) {
  }
  c = CHILD(_exit(3));
  CHECK(sigwaitinfo(&s, &si) == SIGCHLD);
  CHECK(si.si_pid == c);
  say("status %d\n", si.si_status);
  reap(c);
  // SIGKILL in the set is never taken.
  sigaddset(&s, SIGKILL);
  c = CHILD(sigwaitinfo(&s, 0));
  until(c, 'S');
  kill(c, SIGKILL);
  REAP(c);
  return 0;
}
