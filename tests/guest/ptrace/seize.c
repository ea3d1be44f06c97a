// PTRACE_SEIZE: no signal at the start, PTRACE_INTERRUPT, and group stops that can be listened to.
#include "ptrace/p.h"

static void info(pid_t pid) {
  siginfo_t i;
  memset(&i, 0, sizeof i);
  if (ptrace(PTRACE_GETSIGINFO, pid, 0, &i) == -1) say("  no siginfo: %s\n", err(errno));
  else say("  signo %s code %#x\n", sig(i.si_signo), i.si_code);
}

int main(void) {
  pid_t pid = CHILD({ for (;;) pause(); });
  until(pid, 'S');
  T(ptrace(PTRACE_SEIZE, pid, 1, 0));
  T(ptrace(PTRACE_SEIZE, pid, 0, 0x4000000));
  T(ptrace(PTRACE_SEIZE, pid, 0, 0));
  T(ptrace(PTRACE_SEIZE, pid, 0, 0));
  T(waitpid(pid, 0, WNOHANG | __WALL));
  T(ptrace(PTRACE_CONT, pid, 0, 0));
  T(ptrace(PTRACE_LISTEN, pid, 0, 0));
  T(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  next("interrupted", pid);
  info(pid);
  T(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  T(waitpid(pid, 0, WNOHANG | __WALL));
  go(pid, 0);
  next("again", pid);
  T(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
  go(pid, 0);
  T(waitpid(pid, 0, WNOHANG | __WALL));

  say("-- group stop\n");
  T(kill(pid, SIGSTOP));
  next("signal", pid);
  info(pid);
  go(pid, SIGSTOP);
  next("group", pid);
  info(pid);
  T(ptrace(PTRACE_LISTEN, pid, 0, 0));
  T(ptrace(PTRACE_CONT, pid, 0, 0));
  T(waitpid(pid, 0, WNOHANG | __WALL));
  T(kill(pid, SIGCONT));
  next("continued", pid);
  info(pid);
  go(pid, 0);
  next("signal", pid);
  go(pid, SIGCONT);
  T(waitpid(pid, 0, WNOHANG | __WALL));

  say("-- a stop that is not listened to\n");
  T(kill(pid, SIGSTOP));
  next("signal", pid);
  go(pid, SIGSTOP);
  next("group", pid);
  go(pid, 0);
  nap(10);
  CHECK(state_of(pid) == 'S');
  T(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  next("interrupted", pid);
  info(pid);
  T(ptrace(PTRACE_LISTEN, pid, 0, 0));
  T(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  next("interrupted while listening", pid);
  T(ptrace(PTRACE_DETACH, pid, 0, 0));
  until(pid, 'T');
  T(kill(pid, SIGCONT));
  until(pid, 'S');
  T(kill(pid, SIGKILL));
  REAP(pid);

  say("-- stopped before it is seized\n");
  pid = CHILD({ for (;;) pause(); });
  T(kill(pid, SIGSTOP));
  int status;
  MUST(waitpid(pid, &status, WUNTRACED));
  T(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD));
  next("stopped", pid);
  T(kill(pid, SIGCONT));
  nap(10);
  T(waitpid(pid, 0, WNOHANG | __WALL));
  go(pid, 0);
  next("continued", pid);
  go(pid, 0);
  next("signal", pid);
  T(ptrace(PTRACE_KILL, pid, 0, 0));
  next("killed", pid);

  say("-- children of a seized task\n");
  int p[2];
  MUST(pipe(p));
  pid = CHILD({
    char c;
    read(p[0], &c, 1);
    pid_t child = fork();
    if (child == 0) _exit(7);
    int s;
    waitpid(child, &s, 0);
    _exit(WEXITSTATUS(s) + 1);
  });
  T(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEFORK));
  MUST(write(p[1], "x", 1));
  next("parent", pid);
  pid_t child = message(pid);
  next("child", child);
  info(child);
  go(child, 0);
  next("child", child);
  go(pid, 0);
  status = next("parent", pid);
  go(pid, WSTOPSIG(status));
  next("parent", pid);
  return 0;
}
