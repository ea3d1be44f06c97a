// Who waits for what: a tracer that is not the parent, threads, options, and the parent's turn.
#include "ptrace/p.h"

static gate out;
static void *waits(void *arg) {
  gate_wait(*(gate *)arg);
  syscall(SYS_exit, 9);
  return 0;
}
static void *tracing(void *arg) {
  pid_t pid = *(pid_t *)arg;
  T(ptrace(PTRACE_SEIZE, pid, 0, 0));
  T(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  next("in a thread", pid);
  return 0;
}

int main(void) {
  say("-- a tracer that is not the parent\n");
  gate hold = gate_new(), traced = gate_new();
  pid_t pid = CHILD({
    gate_wait(hold);
    _exit(3);
  });
  pid_t tracer = CHILD({
    T(ptrace(PTRACE_SEIZE, pid, 0, 0));
    gate_open(traced);
    next("tracer's", pid);
    _exit(0);
  });
  gate_wait(traced);
  T(waitpid(pid, 0, WNOHANG));
  gate_open(hold);
  REAP(tracer);
  int status;
  MUST(waitpid(pid, &status, 0));
  say_status("parent's", status);

  say("-- a stop that both see\n");
  traced = gate_new();
  gate done = gate_new();
  pid = CHILD({ for (;;) pause(); });
  tracer = CHILD({
    T(ptrace(PTRACE_SEIZE, pid, 0, 0));
    gate_open(traced);
    next("tracer's", pid);
    go(pid, SIGSTOP);
    next("tracer's", pid);
    T(ptrace(PTRACE_LISTEN, pid, 0, 0));
    gate_open(done);
    int s;
    do {
      MUST(waitpid(pid, &s, 0));
      if (WIFSTOPPED(s)) ptrace(PTRACE_CONT, pid, 0, s >> 16 ? 0 : WSTOPSIG(s));
    } while (WIFSTOPPED(s));
    say_status("tracer's", s);
  });
  gate_wait(traced);
  MUST(kill(pid, SIGSTOP));
  gate_wait(done);
  MUST(waitpid(pid, &status, WUNTRACED));
  say_status("parent's", status);
  T(kill(pid, SIGCONT));
  MUST(waitpid(pid, &status, WCONTINUED));
  say_status("parent's", status);
  MUST(kill(pid, SIGKILL));
  REAP(tracer);
  REAP(pid);

  say("-- threads\n");
  out = gate_new();
  pid = TRACED({
    pthread_t t;
    pthread_create(&t, 0, waits, &out);
    pthread_join(t, 0);
    gate_wait(out);
    _exit(4);
  });
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE));
  go(pid, 0);
  next("leader", pid);
  pid_t tid = message(pid);
  next("thread", tid);
  go(tid, 0);
  go(pid, 0);
  gate_open(out);
  next("thread", tid);
  gate_open(out);
  next("leader", pid);

  say("-- waitid\n");
  pid = TRACED({ raise(SIGUSR1); });
  siginfo_t i;
  go(pid, 0);
  memset(&i, 0, sizeof i);
  T(waitid(P_PID, pid, &i, WEXITED));
  say("code %d status %s\n", i.si_code, sig(i.si_status));
  memset(&i, 0, sizeof i);
  T(waitid(P_PID, pid, &i, WSTOPPED | WNOHANG));
  say("signo %d\n", i.si_signo);
  go(pid, 0);
  memset(&i, 0, sizeof i);
  T(waitid(P_ALL, 0, &i, WEXITED | __WALL));
  say("code %d status %d\n", i.si_code, i.si_status);

  say("-- which thread traces\n");
  pid = CHILD({ for (;;) pause(); });
  pthread_t t;
  pthread_create(&t, 0, tracing, &pid);
  pthread_join(t, 0);
  T(ptrace(PTRACE_CONT, pid, 0, 0));
  until(pid, 'S');
  T(kill(pid, SIGKILL));
  REAP(pid);

  say("-- SIGCHLD ignored\n");
  signal(SIGCHLD, SIG_IGN);
  pid = TRACED({ _exit(8); });
  go(pid, 0);
  until(pid, 'Z');
  next("kept", pid);
  T(waitpid(-1, 0, __WALL));
  return 0;
}
