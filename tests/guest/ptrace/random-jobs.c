// Random job control of a process with threads that is seized, traced, let go and taken again.
#include "random.h"
#include "ptrace/p.h"

enum { THREADS = 2, TASKS = THREADS + 1 };
static pid_t tasks[TASKS];
static int *shared_tids;

static void *sleeps(void *arg) {
  shared_tids[(long)arg] = syscall(SYS_gettid);
  for (;;) pause();
  return arg;
}

static void begin(void) {
  memset(shared_tids, 0, TASKS * sizeof *shared_tids);
  tasks[0] = CHILD({
    signal(SIGUSR1, SIG_IGN);
    pthread_t t;
    for (long i = 1; i < TASKS; i++) pthread_create(&t, 0, sleeps, (void *)i);
    for (;;) pause();
  });
  for (int i = 1; i < TASKS; i++) {
    while (!*(volatile int *)&shared_tids[i]) nap(1);
    tasks[i] = shared_tids[i];
    until(tasks[i], 'S');
  }
  until(tasks[0], 'S');
}

// What has come of it, a little later.
static bool settle(void) {
  bool more = true, alive = true;
  char states[TASKS + 1] = "";
  for (int k = 0, quiet = 0; k < 200 && quiet < 3; k++) {
    nap(1);
    for (int i = 0; i < TASKS; i++) states[i] = state_of(tasks[i]);
    quiet = strchr(states, 'R') ? 0 : quiet + 1;
  }
  while (more) {
    more = false;
    for (int i = 0; i < TASKS; i++) {
      int status;
      pid_t got = waitpid(tasks[i], &status, __WALL | WNOHANG | (i == 0 ? WUNTRACED | WCONTINUED : 0));
      if (got <= 0) continue;
      char who[16];
      snprintf(who, sizeof who, "  task %d", i);
      say_status(who, status);
      more = true;
      if (!WIFSTOPPED(status) && !WIFCONTINUED(status) && i == 0) alive = false;
    }
  }
  if (!alive) return false;
  say("  %s\n", states);
  return true;
}

// To the process; to one thread where it is not said which of them takes it.
static void send(int s) {
  if (state_of(tasks[0]) == 't') syscall(SYS_tgkill, tasks[0], tasks[rnd(TASKS)], s);
  else kill(tasks[0], s);
}

int main(int argc, char **argv) {
  seed(argc, argv);
  shared_tids = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  begin();
  for (int step = 0; step < 250; step++) {
    int i = rnd(TASKS);
    pid_t pid = tasks[i];
    static const int given[] = {0, 0, 0, SIGSTOP, SIGCONT, SIGUSR1, SIGWINCH};
    int s = given[rnd(7)];
    errno = 0;
    switch (rnd(15)) {
      case 0: case 1: ptrace(PTRACE_SEIZE, pid, 0, 0); say("seize %d: %s\n", i, err(errno)); break;
      case 2: ptrace(PTRACE_ATTACH, pid, 0, 0); say("attach %d: %s\n", i, err(errno)); break;
      case 3: case 4: case 5: ptrace(PTRACE_CONT, pid, 0, s); say("cont %d %d: %s\n", i, s, err(errno)); break;
      case 6: ptrace(PTRACE_SYSCALL, pid, 0, s); say("syscall %d %d: %s\n", i, s, err(errno)); break;
      case 7: ptrace(PTRACE_LISTEN, pid, 0, 0); say("listen %d: %s\n", i, err(errno)); break;
      case 8: ptrace(PTRACE_INTERRUPT, pid, 0, 0); say("interrupt %d: %s\n", i, err(errno)); break;
      case 9: ptrace(PTRACE_DETACH, pid, 0, s); say("detach %d %d: %s\n", i, s, err(errno)); break;
      case 10: say("stop\n"); send(SIGSTOP); break;
      case 11: say("continue\n"); kill(tasks[0], SIGCONT); break;
      case 12: say("signal\n"); send(SIGWINCH); break;
      case 13: say("signal %d\n", i); syscall(SYS_tgkill, tasks[0], pid, s ? s : SIGSTOP); break;
      default:
        if (rnd(12)) continue;
        say("kill\n");
        kill(tasks[0], SIGKILL);
    }
    if (!settle()) begin();
  }
  kill(tasks[0], SIGKILL);
  return 0;
}
