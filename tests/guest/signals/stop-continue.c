// Stopping and continuing: what is discarded, what is held back, orphaned groups.
#include "t.h"
static volatile int conts, terms;
static void cont(int s) { (void)s; conts++; say("SIGCONT handler\n"); }
static void term(int s) { (void)s; terms++; say("SIGTERM handler\n"); }
int main(void) {
  int status;
  gate g = gate_new();
  pid_t c = CHILD({
    setpgid(0, 0);
    signal(SIGCONT, cont);
    signal(SIGTERM, term);
    gate_open(g);
    for (;;) pause();
  });
  gate_wait(g);
  kill(c, SIGSTOP);
  MUST(waitpid(c, &status, WUNTRACED));
  CHECK(state_of(c) == 'T');
  // Held until it goes on; SIGCONT continues even though it is handled.
  kill(c, SIGTERM);
  nap(20);
  say("still stopped\n");
  kill(c, SIGCONT);
  MUST(waitpid(c, &status, WCONTINUED));
  until(c, 'S');
  nap(10);
  say("%s\n", status_text(status));
  // A stop signal throws away a pending SIGCONT and the other way round.
  kill(c, SIGKILL);
  reap(c);
  sigset_t s;
  sigset_t p;
  sigfillset(&s);
  APART({
    sigprocmask(SIG_SETMASK, &s, 0);
    raise(SIGCONT);
    sigpending(&p);
    say("CONT %d", sigismember(&p, SIGCONT));
    raise(SIGTSTP);
    sigpending(&p);
    say(" then CONT %d TSTP %d", sigismember(&p, SIGCONT), sigismember(&p, SIGTSTP));
    raise(SIGCONT);
    sigpending(&p);
    say(" then CONT %d TSTP %d\n", sigismember(&p, SIGCONT), sigismember(&p, SIGTSTP));
  });
  // SIGKILL works on a stopped process.
  c = CHILD(raise(SIGSTOP));
  MUST(waitpid(c, &status, WUNTRACED));
  kill(c, SIGKILL);
  REAP(c);
  // A blocked SIGCONT continues all the same.
  c = CHILD({
    sigprocmask(SIG_SETMASK, &s, 0);
    raise(SIGSTOP);
    sigpending(&p);
    say("went on, pending %d\n", sigismember(&p, SIGCONT));
  });
  MUST(waitpid(c, &status, WUNTRACED));
  say("%s\n", status_text(status));
  kill(c, SIGCONT);
  REAP(c);
  // An orphaned process group is not stopped by the terminal's signals.
  c = CHILD({
    setsid();
    raise(SIGTSTP);
    raise(SIGTTIN);
    say("orphaned: went on\n");
    raise(SIGSTOP);
    say("continued\n");
  });
  MUST(waitpid(c, &status, WUNTRACED));
  say("%s\n", status_text(status));
  kill(c, SIGCONT);
  REAP(c);
  // When a group becomes orphaned with a stopped member: SIGHUP, then SIGCONT.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  c = CHILD({
    setsid();
    pid_t k = CHILD({
      setpgid(0, 0);
      raise(SIGSTOP);
      say("not reached\n");
    });
    MUST(waitpid(k, &status, WUNTRACED));
    _exit(0);
  });
  REAP(c);
  MUST(wait(&status));
  say("orphan %s\n", status_text(status));
  // Sleeping calls resume after a stop without EINTR.
  c = CHILD({
    double t = now();
    struct timespec ts = {0, 150000000};
    int r = nanosleep(&ts, 0);
    CHECK(r == 0);
    CHECK(now() - t >= 149);
  });
  until(c, 'S');
  kill(c, SIGSTOP);
  MUST(waitpid(c, &status, WUNTRACED));
  kill(c, SIGCONT);
  REAP(c);
  return 0;
}
