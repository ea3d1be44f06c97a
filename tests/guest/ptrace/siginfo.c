// What a tracer sees and changes of its tracee's signals: siginfo, the mask, the queue.
#include "ptrace/p.h"

static void handler(int s, siginfo_t *i, void *u) {
  say("handler %s code %d value %d pid %s\n", sig(s), i->si_code, i->si_value.sival_int, i->si_pid == getpid() ? "own" : i->si_pid == getppid() ? "parent's" : "other");
}

static void catch(int s) {
  struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(s, &a, 0);
}

static void peek(pid_t pid, int flags, int from, int count) {
  struct __ptrace_peeksiginfo_args args = {from, flags, count};
  siginfo_t infos[8];
  long n = ptrace(PTRACE_PEEKSIGINFO, pid, &args, infos);
  if (n == -1) say("peek: %s\n", err(errno));
  else say("peek: %ld\n", n);
  for (long i = 0; i < n; i++) say("  %s code %d value %d\n", sig(infos[i].si_signo), infos[i].si_code, infos[i].si_value.sival_int);
}

int main(void) {
  pid_t pid = TRACED({
    catch(SIGUSR1);
    catch(SIGRTMIN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &set, 0);
    sigqueue(getpid(), SIGUSR1, (union sigval){5});
    sigqueue(getpid(), SIGUSR2, (union sigval){6});
    for (int i = 0; i < 3; i++) sigqueue(getpid(), SIGRTMIN + 1, (union sigval){10 + i});
    raise(SIGUSR2);
    raise(SIGSTOP);
    sigprocmask(SIG_SETMASK, 0, &set);
    say("child's mask has USR2 %d TERM %d KILL %d\n", sigismember(&set, SIGUSR2), sigismember(&set, SIGTERM), sigismember(&set, SIGKILL));
    raise(SIGUSR1);
  });
  siginfo_t i;
  T(ptrace(PTRACE_GETSIGINFO, pid, 0, &i));
  say("%s %d %s\n", sig(i.si_signo), i.si_code, i.si_pid == pid ? "own" : "other");
  T(ptrace(PTRACE_GETSIGINFO, pid, 0, 8));
  go(pid, 0);
  next("queued", pid);
  T(ptrace(PTRACE_GETSIGINFO, pid, 0, &i));
  say("%s %d %d\n", sig(i.si_signo), i.si_code, i.si_value.sival_int);
  i.si_value.sival_int = 77;
  T(ptrace(PTRACE_SETSIGINFO, pid, 0, &i));
  go(pid, SIGUSR1);
  next("stopped", pid);
  peek(pid, 0, 0, 8);
  peek(pid, PTRACE_PEEKSIGINFO_SHARED, 0, 8);
  peek(pid, PTRACE_PEEKSIGINFO_SHARED, 1, 2);
  peek(pid, PTRACE_PEEKSIGINFO_SHARED, 9, 2);
  peek(pid, 4, 0, 1);
  peek(pid, 0, 0, -1);
  unsigned long mask = 0;
  T(ptrace(PTRACE_GETSIGMASK, pid, 4, &mask));
  T(ptrace(PTRACE_GETSIGMASK, pid, 8, &mask));
  say("mask %#lx\n", mask);
  mask |= 1UL << (SIGTERM - 1) | 1UL << (SIGKILL - 1) | 1UL << (SIGUSR1 - 1);
  T(ptrace(PTRACE_SETSIGMASK, pid, 4, &mask));
  T(ptrace(PTRACE_SETSIGMASK, pid, 8, 8));
  T(ptrace(PTRACE_SETSIGMASK, pid, 8, &mask));
  T(ptrace(PTRACE_GETSIGMASK, pid, 8, &mask));
  say("mask %#lx\n", mask);
  go(pid, 0);
  // USR1 is blocked now: nothing is reported.
  next("ends", pid);

  say("-- a signal that is blocked when it is let through waits\n");
  pid = TRACED({
    catch(SIGUSR1);
    raise(SIGUSR1);
    say("child goes on\n");
    sigset_t set;
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, 0);
  });
  go(pid, 0);
  next("signal", pid);
  mask = 1UL << (SIGUSR1 - 1);
  MUST(ptrace(PTRACE_SETSIGMASK, pid, 8, &mask));
  go(pid, SIGUSR1);
  next("signal again", pid);
  go(pid, SIGUSR1);
  next("ends", pid);

  say("-- faults\n");
  pid = TRACED({
    *(volatile int *)24 = 1;
  });
  go(pid, 0);
  next("fault", pid);
  T(ptrace(PTRACE_GETSIGINFO, pid, 0, &i));
  say("%s %d %p\n", sig(i.si_signo), i.si_code, i.si_addr);
  go(pid, 0);
  next("again", pid);
  go(pid, SIGSEGV);
  next("dies", pid);

  say("-- ignored signals are reported too\n");
  pid = TRACED({
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    raise(SIGCHLD);
    raise(SIGWINCH);
  });
  for (int k = 0; k < 4; k++) {
    go(pid, 0);
    next("ignored", pid);
  }
  return 0;
}
