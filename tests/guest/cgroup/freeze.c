// cgroups(7): cgroup.freeze brings tasks to rest wherever they are, SIGKILL alone gets through, and cgroup.events tells;
// cgroup.kill ends all of them.
#include "cgroup.h"
#include <sys/ptrace.h>

static volatile sig_atomic_t caught;
static void handler(int s) { caught = s; }

static pid_t counter(const char *procs, volatile int *count) {
  pid_t p = CHILD(for (;;) ++*count, sched_yield());
  set_pid(procs, p);
  return p;
}

int main(void) {
  cgroup_begin();
  volatile int *count = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  MUST(mkdir("a", 0755)), MUST(mkdir("a/b", 0755));

  say("an empty group\n");
  SET("a/cgroup.freeze", "1");
  GET("a/cgroup.events"), GET("a/b/cgroup.events"), GET("a/b/cgroup.freeze");
  MUST(mkdir("a/new", 0755));
  GET("a/new/cgroup.events");
  MUST(rmdir("a/new"));
  SET("a/cgroup.freeze", "0");
  GET("a/cgroup.events");

  say("a task that runs\n");
  pid_t p = counter("a/b/cgroup.procs", count);
  SET("a/cgroup.freeze", "1");
  HOLDS("a/cgroup.events", "frozen 1"), HOLDS("a/b/cgroup.events", "frozen 1");
  int before = *count;
  nap(60);
  CHECK(*count == before);
  say("state %c\n", state_of(p));
  SET("a/cgroup.freeze", "0");
  HOLDS("a/cgroup.events", "frozen 0");
  nap(60);
  CHECK(*count != before);

  say("SIGQUIT, which dumps core, waits; what simply ends a process does not\n");
  SET("a/cgroup.freeze", "1");
  HOLDS("a/cgroup.events", "frozen 1");
  kill(p, SIGQUIT);
  nap(40);
  T(waitpid(p, 0, WNOHANG));
  kill(p, SIGTERM);
  REAP(p);
  SET("a/cgroup.freeze", "0");
  p = counter("a/b/cgroup.procs", count);
  SET("a/b/cgroup.freeze", "1");
  HOLDS("a/b/cgroup.events", "frozen 1");
  GET("a/cgroup.events");
  kill(p, SIGKILL);
  REAP(p);
  GET("a/b/cgroup.events");
  SET("a/b/cgroup.freeze", "0");

  say("a call that blocks goes on afterwards\n");
  int fds[2], out[2];
  MUST(pipe(fds)), MUST(pipe(out));
  p = CHILD({
    char c = 0;
    ssize_t n = read(fds[0], &c, 1);
    int e = n == -1 ? errno : 0;
    write(out[1], &e, sizeof e);
    struct timespec t = {0, 100000000};
    e = nanosleep(&t, 0) == -1 ? errno : 0;
    write(out[1], &e, sizeof e);
  });
  set_pid("a/cgroup.procs", p);
  nap(30);
  SET("a/cgroup.freeze", "1");
  HOLDS("a/cgroup.events", "frozen 1");
  MUST(write(fds[1], "x", 1));
  nap(30);
  SET("a/cgroup.freeze", "0");
  int e;
  MUST(read(out[0], &e, sizeof e));
  say("read %s\n", err(e));
  nap(20);
  SET("a/cgroup.freeze", "1");
  HOLDS("a/cgroup.events", "frozen 1");
  nap(150);
  SET("a/cgroup.freeze", "0");
  MUST(read(out[0], &e, sizeof e));
  say("nanosleep %s\n", err(e));
  REAP(p);

  say("a handler runs after the thaw\n");
  p = CHILD({
    signal(SIGUSR1, handler);
    write(out[1], "r", 1);
    pause();
    _exit(caught == SIGUSR1 ? 3 : 4);
  });
  set_pid("a/cgroup.procs", p);
  char c;
  MUST(read(out[0], &c, 1));
  nap(20);
  SET("a/cgroup.freeze", "1");
  HOLDS("a/cgroup.events", "frozen 1");
  kill(p, SIGUSR1);
  nap(30);
  T(waitpid(p, 0, WNOHANG));
  SET("a/cgroup.freeze", "0");
  REAP(p);

  say("moving in and out\n");
  SET("a/cgroup.freeze", "1");
  p = sleeper("a/cgroup.procs");
  HOLDS("a/cgroup.events", "frozen 1");
  pid_t q = counter("cgroup.procs", count);
  set_pid("a/cgroup.procs", q);
  HOLDS("a/cgroup.events", "frozen 1");
  before = *count;
  nap(40);
  CHECK(*count == before);
  set_pid("cgroup.procs", q);
  GET("a/cgroup.events");
  nap(60);
  CHECK(*count != before);
  end(q), end(p);
  GET("a/cgroup.events");
  SET("a/cgroup.freeze", "0");

  say("a stopped task, one in ptrace(2)'s stop, and vfork(2)'s parent count as frozen\n");
  p = sleeper("a/cgroup.procs");
  kill(p, SIGSTOP);
  for (int i = 0; i < 400 && state_of(p) != 'T'; i++) nap(5);
  SET("a/cgroup.freeze", "1");
  HOLDS("a/cgroup.events", "frozen 1");
  say("state %c\n", state_of(p));
  kill(p, SIGCONT);
  nap(30);
  say("state %c\n", state_of(p));
  GET("a/cgroup.events");
  SET("a/cgroup.freeze", "0");
  MUST(ptrace(PTRACE_SEIZE, p, 0, 0)), MUST(ptrace(PTRACE_INTERRUPT, p, 0, 0));
  MUST(waitpid(p, 0, __WALL));
  SET("a/cgroup.freeze", "1");
  HOLDS("a/cgroup.events", "frozen 1");
  say("state %c\n", state_of(p));
  SET("a/cgroup.freeze", "0");
  MUST(ptrace(PTRACE_DETACH, p, 0, 0));
  end(p);
  p = CHILD({
    set_pid("a/cgroup.procs", getpid());
    write(out[1], "r", 1);
    pid_t child = vfork();
    if (child == 0) {
      for (;;) pause();
    }
    _exit(0);
  });
  MUST(read(out[0], &c, 1));
  nap(30);
  SET("a/cgroup.freeze", "1");
  HOLDS("a/cgroup.events", "frozen 1");

  say("cgroup.kill\n");
  pid_t r = sleeper("a/b/cgroup.procs");
  SET("a/cgroup.kill", "1");
  REAP(p), REAP(r);
  HOLDS("a/cgroup.events", "populated 0");
  SET("a/cgroup.freeze", "0");
  T(rmdir("a/b")), T(rmdir("a")), T(chdir("/")), T(rmdir(top));
  return 0;
}
