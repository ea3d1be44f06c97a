// Ends of processes with threads, under a tracer that asks to see each end: exit_group, signals, exec, one by one.
#include "ptrace/p.h"

enum { THREADS = 3 };
static const char *self;
static gate hold;
static void *sleeps(void *arg) {
  for (;;) pause();
  return arg;
}
static void *leaves(void *arg) {
  gate_wait(hold);
  syscall(SYS_exit, 20 + (long)arg);
  return arg;
}
static pid_t tids[1 + THREADS];

// Starts a process with threads and follows it until all of them are there.
static pid_t start(void *(*run)(void *), int how) {
  gate ready = gate_new();
  hold = gate_new();
  pid_t pid = TRACED({
    pthread_t t[THREADS];
    for (long i = 0; i < THREADS; i++) pthread_create(&t[i], 0, run, (void *)i);
    gate_wait(ready);
    if (how == 1) _exit(7);
    if (how == 2) raise(SIGTERM);
    if (how == 3) execl(self, self, "executed", NULL);
    if (how == 4) syscall(SYS_exit, 9);
    for (;;) pause();
  });
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC));
  tids[0] = pid;
  int status;
  for (int i = 1; i <= THREADS; i++) {
    go(pid, 0);
    MUST(waitpid(pid, &status, __WALL));
    if (status >> 16 != PTRACE_EVENT_CLONE) say("no clone but %#x\n", status);
    tids[i] = message(pid);
    MUST(waitpid(tids[i], &status, __WALL));
    go(tids[i], 0);
    if (run == sleeps) until(tids[i], 'S');
  }
  go(pid, 0);
  gate_open(ready);
  return pid;
}

// The end of one of them.
static void end(int i) {
  char who[16];
  snprintf(who, sizeof who, "task %d", i);
  int status = next(who, tids[i]);
  if (!WIFSTOPPED(status)) return;
  if (status >> 16 == PTRACE_EVENT_EXIT) say("  message %lx\n", message(tids[i]));
  go(tids[i], status >> 16 ? 0 : WSTOPSIG(status));
}

int main(int argc, char **argv) {
  self = argv[0];
  if (argc > 1) return 5;
  say("-- exit_group\n");
  start(sleeps, 1);
  for (int i = THREADS; i >= 0; i--) end(i);
  for (int i = THREADS; i >= 0; i--) end(i);

  say("-- a signal\n");
  start(sleeps, 2);
  end(0);
  for (int i = THREADS; i >= 0; i--) end(i);
  for (int i = THREADS; i >= 0; i--) end(i);

  say("-- killed\n");
  pid_t pid = start(sleeps, 0);
  until(pid, 'S');
  MUST(kill(pid, SIGKILL));
  for (int i = THREADS; i >= 0; i--) end(i);
  for (int i = THREADS; i >= 0; i--) end(i);

  say("-- one by one\n");
  pid = start(leaves, 0);
  for (int i = 0; i < THREADS; i++) gate_open(hold);
  for (int i = 1; i <= THREADS; i++) {
    int status;
    MUST(waitpid(tids[i], &status, __WALL));
    CHECK(status >> 16 == PTRACE_EVENT_EXIT);
    unsigned long m = message(tids[i]);
    CHECK(m >= 20 << 8 && m <= 22 << 8);
    go(tids[i], 0);
    MUST(waitpid(tids[i], &status, __WALL));
    CHECK((unsigned)status == m);
  }
  MUST(kill(pid, SIGKILL));
  end(0);
  end(0);

  say("-- the first thread goes before the others\n");
  pid = start(leaves, 4);
  end(0);
  T(waitpid(pid, 0, __WALL | WNOHANG));
  until(pid, 'Z');
  for (int i = 0; i < THREADS; i++) gate_open(hold);
  for (int i = 1; i <= THREADS; i++) {
    int status;
    MUST(waitpid(tids[i], &status, __WALL));
    CHECK(status >> 16 == PTRACE_EVENT_EXIT);
    go(tids[i], 0);
  }
  for (int i = 1; i <= THREADS; i++) {
    T(waitpid(pid, 0, __WALL | WNOHANG));
    int status;
    MUST(waitpid(tids[i], &status, __WALL));
    CHECK(WIFEXITED(status));
  }
  // Whoever was last says how it ended.
  int status;
  MUST(waitpid(pid, &status, __WALL));
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) >= 20);
  return 0;
}
