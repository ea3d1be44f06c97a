// System calls under a tracer: what it sees of them, calls that it changes or takes away, and those that are interrupted.
#include "ptrace/p.h"

#ifdef __riscv
#define PTRACE_SYSEMU 31
#endif
#ifndef PTRACE_SET_SYSCALL_INFO
#define PTRACE_SET_SYSCALL_INFO 0x4212
#endif

static struct __ptrace_syscall_info at(pid_t pid) {
  struct __ptrace_syscall_info i;
  memset(&i, 0, sizeof i);
  MUST(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof i, &i));
  return i;
}

static const char *name(long nr) {
  switch (nr) {
    case SYS_getppid: return "getppid";
    case SYS_getuid: return "getuid";
    case SYS_read: return "read";
    case SYS_nanosleep: return "nanosleep";
    case SYS_clock_nanosleep: return "clock_nanosleep";
    case SYS_restart_syscall: return "restart_syscall";
    case SYS_rt_sigreturn: return "rt_sigreturn";
    case SYS_write: return "write";
    case SYS_exit_group: return "exit_group";
    case SYS_rt_sigsuspend: return "rt_sigsuspend";
    case 99999: return "99999";
    case -1: return "-1";
    default: return "another";
  }
}

// To the next stop, and says what it is.
static int step(pid_t pid, int signal) {
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, signal));
  int status;
  MUST(waitpid(pid, &status, 0));
  if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80)) {
    say_status("  ", status);
    return status;
  }
  struct __ptrace_syscall_info i = at(pid);
  if (i.op == PTRACE_SYSCALL_INFO_ENTRY) say("  %s(\n", name(i.entry.nr));
  else if (!i.exit.is_error) say("  ) = %ld\n", i.exit.rval == getpid() ? 0 : (long)i.exit.rval);
  else say("  ) = -1 %s\n", i.exit.rval <= -512 ? (i.exit.rval == -512 ? "ERESTARTSYS" : i.exit.rval == -514 ? "ERESTARTNOHAND" : i.exit.rval == -516 ? "ERESTART_RESTARTBLOCK" : "ERESTART?") : err(-i.exit.rval));
  return status;
}

static pid_t begin(pid_t pid) {
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  return pid;
}
static void handler(int s) {}
static void end(pid_t pid) {
  go(pid, 0);
  next("end", pid);
}

int main(void) {
  int p[2];
  MUST(pipe(p));
  say("-- changed\n");
  pid_t pid = begin(TRACED({
    say("%ld\n", syscall(SYS_getuid) * 0 + 1);
    T(syscall(SYS_getppid));
    T(syscall(SYS_getppid));
    T(syscall(99999));
  }));
  // raise(SIGSTOP) has its own end to come.
  step(pid, 0);
  while (at(pid).op != PTRACE_SYSCALL_INFO_ENTRY || at(pid).entry.nr != SYS_getppid) {
    MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
    int status;
    MUST(waitpid(pid, &status, 0));
  }
  struct __ptrace_syscall_info i = at(pid);
  i.entry.nr = -1;
  T(ptrace(PTRACE_SET_SYSCALL_INFO, pid, sizeof i, &i));
  step(pid, 0);
  step(pid, 0);
  step(pid, 0);
  step(pid, 0);
  i = at(pid);
  i.entry.nr = 99999;
  T(ptrace(PTRACE_SET_SYSCALL_INFO, pid, sizeof i, &i));
  step(pid, 0);
  i = at(pid);
  i.exit.rval = 1234;
  i.exit.is_error = 0;
  T(ptrace(PTRACE_SET_SYSCALL_INFO, pid, sizeof i, &i));
  i.op = PTRACE_SYSCALL_INFO_ENTRY;
  T(ptrace(PTRACE_SET_SYSCALL_INFO, pid, sizeof i, &i));
  T(ptrace(PTRACE_SET_SYSCALL_INFO, pid, 8, &i));
  T(ptrace(PTRACE_GET_SYSCALL_INFO, pid, 4, &i));
  end(pid);

  say("-- a read that a signal interrupts, and its restart\n");
  pid = begin(TRACED({
    char c;
    signal(SIGUSR1, handler);
    T(read(p[0], &c, 1));
  }));
  go(pid, 0);
  until(pid, 'S');
  MUST(kill(pid, SIGUSR1));
  next("signal", pid);
  step(pid, SIGUSR1);
  // What rt_sigreturn brings back in the register of results is another one's on each machine.
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  int status;
  MUST(waitpid(pid, &status, 0));
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  MUST(waitpid(pid, &status, 0));
  say("in: %s\n", name(at(pid).entry.nr));
  MUST(write(p[1], "x", 1));
  step(pid, 0);
  end(pid);

  say("-- one that is seen from its start\n");
  pid = begin(TRACED({
    char c;
    T(read(p[0], &c, 1));
  }));
  do {
    MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
    MUST(waitpid(pid, &status, 0));
  } while (at(pid).op != PTRACE_SYSCALL_INFO_ENTRY || at(pid).entry.nr != SYS_read);
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  until(pid, 'S');
  MUST(kill(pid, SIGWINCH));
  MUST(waitpid(pid, &status, 0));
  say("read: %d\n", (int)at(pid).exit.rval);
  step(pid, 0);
  step(pid, SIGWINCH);
  MUST(write(p[1], "x", 1));
  step(pid, 0);
  end(pid);

  say("-- a sleep\n");
  pid = begin(TRACED({
    struct timespec t = {0, 60000000};
    T(syscall(SYS_nanosleep, &t, 0));
  }));
  do {
    MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
    MUST(waitpid(pid, &status, 0));
  } while (at(pid).op != PTRACE_SYSCALL_INFO_ENTRY || at(pid).entry.nr != SYS_nanosleep);
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  until(pid, 'S');
  MUST(kill(pid, SIGURG));
  MUST(waitpid(pid, &status, 0));
  say("sleep: %d\n", (int)at(pid).exit.rval);
  step(pid, 0);
  step(pid, 0);
  step(pid, 0);
  end(pid);

  say("-- no call is made\n");
  pid = begin(TRACED({
    T(syscall(SYS_getuid));
  }));
  do {
    MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
    MUST(waitpid(pid, &status, 0));
  } while (at(pid).op != PTRACE_SYSCALL_INFO_EXIT);
  MUST(ptrace(PTRACE_SYSEMU, pid, 0, 0));
  MUST(waitpid(pid, &status, 0));
  say_status("emulated", status);
  say("%s\n", name(at(pid).entry.nr));
  end(pid);

  say("-- without PTRACE_O_TRACESYSGOOD\n");
  pid = TRACED({ syscall(SYS_getppid); });
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  next("exit of kill", pid);
  say("op %d message %ld\n", at(pid).op, message(pid));
  siginfo_t info;
  MUST(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  say("code %d\n", info.si_code);
  T(ptrace(PTRACE_SYSCALL, pid, 0, SIGTERM));
  next("signal given", pid);
  go(pid, SIGTERM);
  next("end", pid);
  return 0;
}
