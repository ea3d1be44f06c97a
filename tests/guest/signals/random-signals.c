// Random masks, sends, handlers and waits on one process: what is pending, what was delivered, in what order.
#include "random.h"
#include <sys/signalfd.h>
static char log_[400];
static int at;
static void note(int s, siginfo_t *i, void *u) {
  (void)u;
  if (at < 350) at += sprintf(log_ + at, " %d:%d:%d", s, i->si_code, s >= SIGRTMIN ? i->si_value.sival_int : 0);
}
static const int list[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD, SIGCONT, SIGURG, SIGHUP, 40, 41, 42};
enum { N = sizeof list / sizeof *list };
static sigset_t some(void) {
  sigset_t s;
  sigemptyset(&s);
  for (int i = 0; i < N; i++)
    if (rnd(2)) sigaddset(&s, list[i]);
  return s;
}
static void pending(void) {
  sigset_t p, m;
  sigpending(&p);
  sigprocmask(SIG_BLOCK, 0, &m);
  say("  pending");
  for (int i = 0; i < N; i++)
    if (sigismember(&p, list[i])) say(" %d", list[i]);
  say(" blocked");
  for (int i = 0; i < N; i++)
    if (sigismember(&m, list[i])) say(" %d", list[i]);
  say(" log%s\n", log_);
  at = 0;
  log_[0] = 0;
}
int main(int argc, char **argv) {
  seed(argc, argv);
  // None may kill us: each has a handler or is ignored, save those that are ignored by default.
  for (int i = 0; i < N; i++) {
    struct sigaction a = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    sigaction(list[i], &a, 0);
  }
  int fd = -1;
  pid_t me = getpid();
  for (int step = 0; step < 800; step++) {
    int s = list[rnd(N)], value = rnd(100);
    long r = 0;
    sigset_t set = some();
    siginfo_t si;
    memset(&si, 0, sizeof si);
    struct timespec zero = {0, rnd(2) ? 0 : 1000};
    errno = 0;
    switch (rnd(13)) {
      case 0:
        r = sigprocmask(rnd(3), &set, 0);
        say("%d mask", step);
        break;
      case 1:
      case 2:
        say("%d kill %d", step, s);
        r = kill(me, s);
        break;
      case 3:
        say("%d tkill %d", step, s);
        r = raise(s);
        break;
      case 4:
      case 5:
        say("%d queue %d", step, s);
        r = sigqueue(me, s, (union sigval){value});
        break;
      case 6:
      case 7:
        r = sigtimedwait(&set, &si, &zero);
        say("%d wait: %d %d", step, si.si_signo, si.si_code);
        break;
      case 8: {
        struct sigaction a = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | (rnd(2) ? SA_NODEFER : 0), .sa_mask = set};
        int how = rnd(4);
        if (how == 0) a.sa_handler = SIG_IGN, a.sa_flags = 0;
        if (how == 1 && (s == SIGCHLD || s == SIGCONT || s == SIGURG)) a.sa_handler = SIG_DFL, a.sa_flags = 0;
        r = sigaction(s, &a, 0);
        say("%d action %d %d", step, s, how);
        break;
      }
      case 9: {
        sigset_t all;
        sigfillset(&all);
        // Only with something to take, lest it sleep for ever.
        sigset_t p;
        sigpending(&p);
        bool any = false;
        struct sigaction a;
        for (int i = 0; i < N; i++) {
          sigaction(list[i], 0, &a);
          if (sigismember(&p, list[i]) && a.sa_handler != SIG_IGN && a.sa_handler != SIG_DFL) sigdelset(&all, list[i]), any = true;
        }
        if (!any) continue;
        say("%d suspend", step);
        r = sigsuspend(&all);
        break;
      }
      case 10:
        fd = signalfd(fd, &set, SFD_NONBLOCK);
        r = fd;
        say("%d signalfd", step);
        break;
      case 11: {
        if (fd < 0) continue;
        struct signalfd_siginfo i[3];
        r = read(fd, i, sizeof i);
        say("%d read", step);
        for (int k = 0; k < r / (long)sizeof *i; k++) say(" %d:%d:%d", i[k].ssi_signo, i[k].ssi_code, i[k].ssi_signo >= 34 ? i[k].ssi_int : 0);
        break;
      }
      case 12: {
        sigset_t m;
        sigprocmask(SIG_BLOCK, 0, &m);
        pid_t c = CHILD(sigset_t p; sigpending(&p); int k = 0; for (int i = 0; i < N; i++) k += sigismember(&p, list[i]); _exit(k));
        int st = 0;
        while (waitpid(c, &st, 0) == -1 && errno == EINTR) {
        }
        say("%d child pends %d", step, WEXITSTATUS(st));
        break;
      }
    }
    say(": %ld %s\n", r, r < 0 ? err(errno) : "");
    pending();
  }
  return 0;
}
