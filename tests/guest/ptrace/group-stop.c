// Group stops of tracees that were not seized: the stopping signal, the stop itself, threads, and SIGCONT.
#include "ptrace/p.h"

static void info(pid_t pid) {
  siginfo_t i;
  memset(&i, 0, sizeof i);
  if (ptrace(PTRACE_GETSIGINFO, pid, 0, &i) == -1) say("  no siginfo: %s\n", err(errno));
  else say("  signo %s code %d\n", sig(i.si_signo), i.si_code);
}
static void *waits(void *arg) {
  for (;;) pause();
  return arg;
}

int main(void) {
  pid_t pid = TRACED({
    for (int i = 0; i < 3; i++) raise(SIGSTOP);
    _exit(1);
  });
  go(pid, 0);
  next("signal", pid);
  info(pid);
  go(pid, SIGSTOP);
  next("group stop", pid);
  info(pid);
  T(waitpid(pid, 0, WNOHANG | WUNTRACED));
  // A tracee may run while its group is stopped.
  go(pid, 0);
  next("signal", pid);
  go(pid, SIGSTOP);
  next("group stop", pid);
  T(kill(pid, SIGCONT));
  CHECK(waitpid(pid, 0, WNOHANG | WCONTINUED) == pid);
  go(pid, 0);
  next("SIGCONT", pid);
  go(pid, SIGCONT);
  next("signal", pid);
  // SIGCONT takes back a stop that is not yet acted upon.
  T(kill(pid, SIGCONT));
  go(pid, SIGSTOP);
  next("after SIGCONT", pid);
  go(pid, 0);
  next("end", pid);

  say("-- threads\n");
  pid = TRACED({
    pthread_t t;
    pthread_create(&t, 0, waits, 0);
    for (;;) pause();
  });
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE));
  go(pid, 0);
  next("leader", pid);
  pid_t tid = message(pid);
  next("thread", tid);
  go(pid, 0);
  go(tid, 0);
  until(pid, 'S');
  T(kill(pid, SIGSTOP));
  int status;
  pid_t first = MUST(waitpid(-1, &status, __WALL));
  say_status("one of them", status);
  go(first, SIGSTOP);
  pid_t a = MUST(waitpid(-1, &status, __WALL));
  say_status("group", status);
  pid_t b = MUST(waitpid(-1, &status, __WALL));
  say_status("group", status);
  CHECK(a != b);
  T(waitpid(-1, 0, __WALL | WNOHANG));
  T(kill(pid, SIGKILL));
  next("thread", tid);
  next("leader", pid);

  say("-- detached in a group stop\n");
  pid = TRACED({
    raise(SIGSTOP);
    _exit(2);
  });
  go(pid, 0);
  next("signal", pid);
  go(pid, SIGSTOP);
  next("group stop", pid);
  T(ptrace(PTRACE_DETACH, pid, 0, 0));
  until(pid, 'T');
  MUST(kill(pid, SIGCONT));
  REAP(pid);

  say("-- detached with the signal\n");
  pid = TRACED({
    raise(SIGSTOP);
    _exit(3);
  });
  go(pid, 0);
  next("signal", pid);
  T(ptrace(PTRACE_DETACH, pid, 0, SIGSTOP));
  MUST(waitpid(pid, &status, WUNTRACED));
  say_status("stopped", status);
  MUST(kill(pid, SIGCONT));
  REAP(pid);
  return 0;
}
