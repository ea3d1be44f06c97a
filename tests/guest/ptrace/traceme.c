// A child that is traced by its parent stops at each signal, for exec and, if it is asked to, at system calls.
#include "t.h"
#include <sys/ptrace.h>

static int wait_for(pid_t pid) {
  int status = 0;
  if (MUST(waitpid(pid, &status, __WALL)) != pid) say("another child\n");
  if (WIFSTOPPED(status)) say("stopped by %s event %d\n", sig(WSTOPSIG(status) & 0x7f), status >> 16);
  else say("%s\n", status_text(status));
  return status;
}

static void handler(int s) { say("handler %s\n", sig(s)); }

static void info(pid_t pid) {
  siginfo_t i;
  memset(&i, 0, sizeof i);
  if (T(ptrace(PTRACE_GETSIGINFO, pid, 0, &i)) == 0)
    say("signo %s code %d pid %s\n", sig(i.si_signo), i.si_code, i.si_pid == pid ? "its own" : i.si_pid == getpid() ? "ours" : "another");
}

int main(int argc, char **argv) {
  if (argc > 1) {
    say("executed %s\n", argv[1]);
    return 3;
  }
  T(ptrace(PTRACE_CONT, getpid(), 0, 0));
  T(ptrace(PTRACE_CONT, 999999, 0, 0));
  T(ptrace(PTRACE_ATTACH, getpid(), 0, 0));

  pid_t pid = CHILD({
    T(ptrace(PTRACE_TRACEME, 0, 0, 0));
    T(ptrace(PTRACE_TRACEME, 0, 0, 0));
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    raise(SIGUSR1);
    raise(SIGUSR2);
    raise(SIGTERM);
    say("lives on\n");
    execl(argv[0], argv[0], "program", NULL);
  });
  wait_for(pid);
  info(pid);
  CHECK(state_of(pid) == 't');
  T(waitpid(pid, 0, WNOHANG));
  T(ptrace(PTRACE_CONT, pid, 0, 1000));
  MUST(ptrace(PTRACE_CONT, pid, 0, SIGUSR1));
  wait_for(pid);
  info(pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, SIGUSR2));
  wait_for(pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  wait_for(pid);
  info(pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  wait_for(pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));

  // A signal in place of another, and one that kills.
  pid = CHILD({
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    signal(SIGUSR1, handler);
    raise(SIGTERM);
    raise(SIGHUP);
  });
  wait_for(pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, SIGUSR1));
  wait_for(pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, SIGHUP));
  wait_for(pid);

  // System calls: the stop before and the one after.
  pid = CHILD({
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    syscall(SYS_getppid);
    syscall(SYS_close, -1);
    syscall(SYS_read, -1, 0, 7);
    _exit(5);
  });
  wait_for(pid);
  T(ptrace(PTRACE_SETOPTIONS, pid, 0, 0x8000000));
  T(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
  for (;;) {
    MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
    int status = 0;
    MUST(waitpid(pid, &status, 0));
    if (!WIFSTOPPED(status)) {
      say("%s\n", status_text(status));
      break;
    }
    struct __ptrace_syscall_info i;
    memset(&i, 0, sizeof i);
    long n = ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof i, &i);
    unsigned long message = 9;
    ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
    say("%x: %ld bytes, op %d, message %ld", WSTOPSIG(status), n, i.op, (long)message);
    if (i.op == PTRACE_SYSCALL_INFO_ENTRY) {
      long nr = i.entry.nr;
      say(" call %s %d %d\n", nr == SYS_getppid ? "getppid" : nr == SYS_close ? "close" : nr == SYS_read ? "read" : nr == SYS_exit_group ? "exit_group" : "another",
          nr == SYS_close || nr == SYS_read || nr == SYS_exit_group ? (int)i.entry.args[0] : 0, nr == SYS_read ? (int)i.entry.args[2] : 0);
    } else if (i.op == PTRACE_SYSCALL_INFO_EXIT) say(" error %d %s\n", i.exit.is_error, i.exit.is_error ? err(-i.exit.rval) : i.exit.rval == getpid() ? "our pid" : "other");
    else say("\n");
  }

  // Killed in a stop; and the tracer's way to kill.
  pid = CHILD({
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
  });
  wait_for(pid);
  T(kill(pid, SIGKILL));
  wait_for(pid);
  pid = CHILD({
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
  });
  wait_for(pid);
  T(ptrace(PTRACE_KILL, pid, 0, 0));
  wait_for(pid);

  // waitid tells that it was a trap.
  pid = CHILD({
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGUSR1);
  });
  siginfo_t i;
  memset(&i, 0, sizeof i);
  T(waitid(P_PID, pid, &i, WSTOPPED | WNOWAIT));
  CHECK(i.si_code == CLD_TRAPPED);
  CHECK(i.si_status == SIGUSR1);
  CHECK(waitid(P_PID, pid, &i, WEXITED | WNOHANG) == 0 && i.si_signo == 0);
  T(ptrace(PTRACE_DETACH, pid, 0, 0));
  REAP(pid);
  return 0;
}
