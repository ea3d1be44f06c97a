// Forks, execs and exits are reported to a tracer that asks for them, and children are traced from the start.
#include "ptrace/p.h"

#define ALL (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT)

static const char *self;

static void *thread(void *arg) { return arg; }
static void *executes(void *arg) {
  execl(self, self, "executed", NULL);
  return arg;
}

// Follows a process and all that it makes, one after another, until all are gone.
static void follow(pid_t first) {
  pid_t known[8] = {first};
  int count = 1;
  go(first, 0);
  for (;;) {
    int status;
    pid_t pid = -1;
    // New tasks are looked at last, so that the order is the same each time.
    for (int i = 0; i < count && pid <= 0; i++) pid = waitpid(known[i], &status, __WALL | WNOHANG);
    if (pid <= 0) {
      bool left = false;
      for (int i = 0; i < count; i++) left |= waitpid(known[i], &status, __WALL | WNOHANG | WNOWAIT | WEXITED) != -1 || errno != ECHILD;
      if (!left) return;
      nap(1);
      continue;
    }
    char who[16];
    int n = 0;
    while (n < count && known[n] != pid) n++;
    snprintf(who, sizeof who, "task %d", n);
    int event = WIFSTOPPED(status) ? status >> 16 : 0;
    if (event == 0 && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP) {
      say_status(who, status);
      go(pid, 0);
      continue;
    }
    say_status(who, status);
    if (!WIFSTOPPED(status)) {
      known[n] = -2;
      bool any = false;
      for (int i = 0; i < count; i++) any |= known[i] > 0;
      if (!any) return;
      continue;
    }
    unsigned long m = message(pid);
    if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
      say("  a new task %s\n", (pid_t)m > 0 && (pid_t)m != pid ? "yes" : "no");
      known[count++] = m;
      // It is stopped before its first instruction.
      say_status("  new", ({ int s = 0; MUST(waitpid(m, &s, __WALL)); s; }));
      go(m, 0);
      if (event == PTRACE_EVENT_FORK) {
        int s;
        do {
          MUST(waitpid(m, &s, __WALL));
          say_status("  child", s);
          if (WIFSTOPPED(s)) {
            say("  message %lx\n", message(m));
            go(m, 0);
          }
        } while (WIFSTOPPED(s));
        known[count - 1] = -2;
      }
    } else if (event == PTRACE_EVENT_EXEC) say("  was itself: %s\n", (pid_t)m == pid ? "yes" : "no");
    else if (event == PTRACE_EVENT_EXIT) say("  status %lx\n", m);
    else if (event == PTRACE_EVENT_VFORK_DONE) say("  child known: %s\n", (pid_t)m > 0 ? "yes" : "no");
    go(pid, event || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
  }
}

static void traced(const char *what, pid_t pid) {
  say("-- %s\n", what);
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, ALL));
  follow(pid);
}

int main(int argc, char **argv) {
  self = argv[0];
  if (argc > 1) {
    say("%s\n", argv[1]);
    return 6;
  }
  traced("fork", TRACED({
    pid_t c = fork();
    if (c == 0) _exit(3);
    waitpid(c, 0, 0);
    _exit(1);
  }));
  traced("exec", TRACED({ execl(self, self, "executed", NULL); }));
  traced("exit by a signal", TRACED({ raise(SIGTERM); }));
  traced("thread", TRACED({
    pthread_t t;
    pthread_create(&t, 0, thread, 0);
    pthread_join(t, 0);
    _exit(2);
  }));
  say("-- exec without the option\n");
  pid_t pid = TRACED({ execl(self, self, "executed", NULL); });
  go(pid, 0);
  next("plain", pid);
  go(pid, 0);
  next("plain", pid);

  say("-- vfork\n");
  pid = TRACED({
    pid_t c = vfork();
    if (c == 0) _exit(4);
    waitpid(c, 0, 0);
    _exit(5);
  });
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE));
  go(pid, 0);
  next("parent", pid);
  pid_t c = message(pid);
  next("child", c);
  go(pid, 0);
  nap(20);
  T(waitpid(pid, 0, WNOHANG));
  go(c, 0);
  next("child", c);
  next("parent", pid);
  CHECK((pid_t)message(pid) == c);
  go(pid, 0);
  int status = next("parent", pid);
  if (WIFSTOPPED(status)) {
    go(pid, WSTOPSIG(status));
    next("parent", pid);
  }

  say("-- exec by a thread\n");
  pid = TRACED({
    pthread_t t;
    pthread_create(&t, 0, executes, 0);
    pause();
  });
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC));
  go(pid, 0);
  next("leader", pid);
  c = message(pid);
  next("thread", c);
  go(pid, 0);
  go(c, 0);
  next("process", pid);
  CHECK((pid_t)message(pid) == c);
  T(waitpid(c, 0, __WALL | WNOHANG));
  go(pid, 0);
  next("process", pid);

  say("-- the tracer ends\n");
  int p[2];
  MUST(pipe(p));
  pid_t tracer = CHILD({
    pid_t t = TRACED({ for (;;) pause(); });
    MUST(ptrace(PTRACE_SETOPTIONS, t, 0, PTRACE_O_EXITKILL));
    go(t, 0);
    write(p[1], &t, sizeof t);
  });
  pid_t t;
  MUST(read(p[0], &t, sizeof t));
  REAP(tracer);
  for (int i = 0; i < 200 && kill(t, 0) == 0 && state_of(t) != 'Z'; i++) nap(5);
  CHECK(kill(t, 0) == -1 || state_of(t) == 'Z');
  tracer = CHILD({
    pid_t t = TRACED({ nap(60); write(p[1], "!", 1); });
    go(t, 0);
  });
  REAP(tracer);
  char lives = 0;
  MUST(read(p[0], &lives, 1));
  say("lives on: %c\n", lives);
  return 0;
}
