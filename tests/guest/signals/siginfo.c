// siginfo of every common source: kill, tgkill, child, timer, pipe, fault.
#include "t.h"
#include <poll.h>
static siginfo_t got;
static volatile int hits;
static void handler(int s, siginfo_t *i, void *u) {
  (void)s, (void)u;
  got = *i;
  hits++;
}
static const char *code(void) {
  switch (got.si_code) {
    case SI_USER: return "SI_USER";
    case SI_QUEUE: return "SI_QUEUE";
    case SI_TIMER: return "SI_TIMER";
    case SI_TKILL: return "SI_TKILL";
    case SI_KERNEL: return "SI_KERNEL";
    case SI_ASYNCIO: return "SI_ASYNCIO";
    case SI_MESGQ: return "SI_MESGQ";
  }
  static char t[20];
  sprintf(t, "%d", got.si_code);
  return t;
}
static void show(const char *what) {
  while (!hits) nap(1);
  say("%s: %s code %s errno %d\n", what, sig(got.si_signo), code(), got.si_errno);
  hits = 0;
}
int main(void) {
  struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
  int list[] = {SIGUSR1, SIGCHLD, SIGALRM, SIGVTALRM, SIGPIPE, SIGRTMIN, SIGXFSZ, SIGIO};
  for (int i = 0; i < 8; i++) sigaction(list[i], &a, 0);
  pid_t me = getpid();
  kill(me, SIGUSR1);
  show("kill");
  CHECK(got.si_pid == me && got.si_uid == getuid());
  raise(SIGUSR1);
  show("raise");
  CHECK(got.si_pid == me);
  pid_t c = CHILD(kill(me, SIGUSR1); nap(30));
  show("child's kill");
  CHECK(got.si_pid == c);
  show("child's end");
  CHECK(got.si_pid == c && got.si_status == 0 && got.si_uid == 0);
  reap(c);
  const char *names[] = {"?", "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"};
  c = CHILD(_exit(5));
  while (!hits) nap(1);
  say("%s %d\n", names[got.si_code], got.si_status);
  reap(c);
  hits = 0;
  c = CHILD(for (;;) pause());
  kill(c, SIGSTOP);
  while (!hits) nap(1);
  say("%s %s\n", names[got.si_code], sig(got.si_status));
  hits = 0;
  kill(c, SIGCONT);
  while (!hits) nap(1);
  say("%s %s\n", names[got.si_code], sig(got.si_status));
  hits = 0;
  kill(c, SIGTERM);
  while (!hits) nap(1);
  say("%s %s\n", names[got.si_code], sig(got.si_status));
  reap(c);
  hits = 0;
  struct itimerval it = {.it_value = {0, 10000}};
  setitimer(ITIMER_REAL, &it, 0);
  show("setitimer");
  setitimer(ITIMER_VIRTUAL, &it, 0);
  while (!hits) {
  }
  show("virtual timer");
  timer_t t;
  struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77};
  timer_create(CLOCK_MONOTONIC, &ev, &t);
  struct itimerspec its = {.it_value = {0, 10000000}};
  timer_settime(t, 0, &its, 0);
  show("timer_create");
  CHECK(got.si_value.sival_int == 77 && got.si_overrun == 0);
  int p[2];
  pipe(p);
  close(p[0]);
  T(write(p[1], "x", 1));
  show("broken pipe");
  CHECK(got.si_pid == me);
  struct rlimit l = {10, 10};
  setrlimit(RLIMIT_FSIZE, &l);
  int fd = open("f", O_WRONLY | O_CREAT, 0644);
  T(pwrite(fd, "x", 1, 100));
  show("file too large");
  return 0;
}
