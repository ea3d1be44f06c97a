// Real-time signals: queued, in order, with values, lowest first; ordinary signals merge.
#include "t.h"
static void handler(int s, siginfo_t *i, void *u) {
  (void)u;
  say("%s value %d code %s\n", sig(s), i->si_value.sival_int, i->si_code == SI_QUEUE ? "SI_QUEUE" : i->si_code == SI_USER ? "SI_USER" : i->si_code == SI_TKILL ? "SI_TKILL" : "?");
}
int main(void) {
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &all, 0);
  struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigfillset(&a.sa_mask);
  for (int i = 0; i < 4; i++) sigaction(SIGRTMIN + i, &a, 0);
  sigaction(SIGUSR1, &a, 0);
  pid_t me = getpid();
  for (int i = 0; i < 3; i++)
    for (int s = 3; s >= 0; s--) MUST(sigqueue(me, SIGRTMIN + s, (union sigval){10 * s + i}));
  for (int i = 0; i < 3; i++) MUST(sigqueue(me, SIGUSR1, (union sigval){100 + i}));
  kill(me, SIGRTMIN);
  raise(SIGRTMIN + 1);
  sigprocmask(SIG_SETMASK, &none, 0);
  // From another process: pid and uid come along.
  sigprocmask(SIG_SETMASK, &all, 0);
  pid_t c = CHILD(setuid(1000); say("from another user %s\n", sigqueue(me, SIGRTMIN, (union sigval){1}) ? err(errno) : "0"));
  reap(c);
  c = CHILD(MUST(sigqueue(me, SIGRTMIN, (union sigval){.sival_ptr = (void *)0x123456789abcL})));
  reap(c);
  siginfo_t si;
  sigset_t rt;
  sigemptyset(&rt);
  sigaddset(&rt, SIGRTMIN);
  CHECK(sigwaitinfo(&rt, &si) == SIGRTMIN);
  CHECK(si.si_pid == c && si.si_uid == 0 && si.si_value.sival_ptr == (void *)0x123456789abcL);
  T(sigqueue(me, 65, (union sigval){0}));
  T(sigqueue(999999, SIGUSR1, (union sigval){0}));
  T(sigqueue(me, 0, (union sigval){0}));
  // The limit on queued signals.
  APART({
    struct rlimit l = {5, 5};
    setrlimit(RLIMIT_SIGPENDING, &l);
    MUST(setresuid(31340, 31340, 31340));
    int n = 0;
    while (sigqueue(getpid(), SIGRTMIN, (union sigval){n}) == 0 && n < 100) n++;
    say("queued %d then %s\n", n, err(errno));
    say("kill %s\n", kill(getpid(), SIGRTMIN + 1) ? err(errno) : "0");
    say("kill USR1 %s\n", kill(getpid(), SIGUSR1) ? err(errno) : "0");
    sigset_t p;
    sigpending(&p);
    say("pending %d %d\n", sigismember(&p, SIGRTMIN + 1), sigismember(&p, SIGUSR1));
  });
  // rt_sigqueueinfo: only to oneself may the code pretend to be the kernel's.
  siginfo_t fake = {.si_signo = SIGUSR1, .si_code = SI_USER};
  c = CHILD(T(syscall(SYS_rt_sigqueueinfo, me, SIGUSR1, &fake)));
  reap(c);
  fake.si_code = SI_TKILL;
  c = CHILD(T(syscall(SYS_rt_sigqueueinfo, me, SIGUSR1, &fake)));
  reap(c);
  fake.si_code = SI_USER;
  T(syscall(SYS_rt_sigqueueinfo, me, SIGUSR1, &fake));
  T(syscall(SYS_rt_tgsigqueueinfo, me, syscall(SYS_gettid), SIGUSR1, &fake));
  return 0;
}
