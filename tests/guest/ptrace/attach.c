// PTRACE_ATTACH and PTRACE_DETACH: running, sleeping and stopped processes, and who may.
#include "ptrace/p.h"

static int spinning;
static void handler(int s) { say("handler %s\n", sig(s)); }

static void try_as(uid_t uid, pid_t target) {
  APART({
    setgid(uid);
    setuid(uid);
    T(ptrace(PTRACE_ATTACH, target, 0, 0));
    if (errno == 0) {
      next("attached", target);
      T(ptrace(PTRACE_DETACH, target, 0, 0));
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", target);
    OK(open(path, O_RDWR));
    char byte;
    struct iovec here = {&byte, 1}, there = {&spinning, 1};
    T(process_vm_readv(target, &here, 1, &there, 1, 0));
  });
}

static int tracer_of(pid_t pid) {
  char path[64], text[2048];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  int fd = MUST(open(path, O_RDONLY));
  int n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n > 0 ? n : 0] = 0;
  char *at = strstr(text, "TracerPid:\t");
  return at ? atoi(at + 11) : -1;
}

int main(void) {
  say("-- sleeping\n");
  pid_t pid = CHILD({
    struct timespec t = {0, 300000000};
    T(nanosleep(&t, 0));
    _exit(1);
  });
  until(pid, 'S');
  T(ptrace(PTRACE_ATTACH, pid, 0, 0));
  next("sleeper", pid);
  CHECK(tracer_of(pid) == getpid());
  CHECK(state_of(pid) == 't');
  T(ptrace(PTRACE_ATTACH, pid, 0, 0));
  T(ptrace(PTRACE_DETACH, pid, 0, 99));
  T(ptrace(PTRACE_DETACH, pid, 0, 0));
  CHECK(tracer_of(pid) == 0);
  T(ptrace(PTRACE_CONT, pid, 0, 0));
  REAP(pid);

  say("-- reading\n");
  int p[2];
  MUST(pipe(p));
  pid = CHILD({
    char c;
    signal(SIGUSR1, handler);
    T(read(p[0], &c, 1));
    _exit(2);
  });
  until(pid, 'S');
  T(ptrace(PTRACE_ATTACH, pid, 0, 0));
  next("reader", pid);
  go(pid, 0);
  until(pid, 'S');
  MUST(kill(pid, SIGUSR1));
  next("reader", pid);
  MUST(ptrace(PTRACE_DETACH, pid, 0, SIGUSR1));
  until(pid, 'S');
  MUST(write(p[1], "x", 1));
  REAP(pid);

  say("-- running\n");
  int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid = CHILD({ for (;;) ++*(volatile int *)shared; });
  T(ptrace(PTRACE_ATTACH, pid, 0, 0));
  next("runner", pid);
  int before = *shared;
  nap(20);
  CHECK(*shared == before);
  go(pid, 0);
  while (*(volatile int *)shared == before) nap(1);
  T(kill(pid, SIGSTOP));
  next("runner", pid);
  T(ptrace(PTRACE_DETACH, pid, 0, SIGKILL));
  REAP(pid);

  say("-- stopped\n");
  pid = CHILD({ for (;;) pause(); });
  T(kill(pid, SIGSTOP));
  int status;
  MUST(waitpid(pid, &status, WUNTRACED));
  T(ptrace(PTRACE_ATTACH, pid, 0, 0));
  next("stopped", pid);
  T(ptrace(PTRACE_GETSIGINFO, pid, 0, &(siginfo_t){}));
  go(pid, 0);
  next("stopped", pid);
  T(ptrace(PTRACE_GETSIGINFO, pid, 0, &(siginfo_t){}));
  T(ptrace(PTRACE_DETACH, pid, 0, 0));
  until(pid, 'T');
  T(kill(pid, SIGKILL));
  REAP(pid);

  say("-- who may\n");
  pid = CHILD({ for (;;) pause(); });
  try_as(1000, pid);
  T(kill(pid, SIGKILL));
  REAP(pid);
  gate ready = gate_new();
  pid = CHILD({
    setgid(1000);
    setuid(1000);
    prctl(PR_SET_DUMPABLE, 1);
    gate_open(ready);
    for (;;) pause();
  });
  gate_wait(ready);
  try_as(1000, pid);
  try_as(1001, pid);
  T(kill(pid, SIGKILL));
  REAP(pid);
  pid = CHILD({
    setgid(1000);
    setuid(1000);
    prctl(PR_SET_DUMPABLE, 0);
    gate_open(ready);
    for (;;) pause();
  });
  gate_wait(ready);
  try_as(1000, pid);
  T(ptrace(PTRACE_ATTACH, pid, 0, 0));
  next("root's", pid);
  T(kill(pid, SIGKILL));
  next("root's", pid);
  T(ptrace(PTRACE_ATTACH, 0, 0, 0));
  T(ptrace(PTRACE_ATTACH, 999999, 0, 0));
  return 0;
}
