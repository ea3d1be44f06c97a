// cgroups(7), the pids controller: fork(2) fails with EAGAIN at the limit of any group above, zombies count, what moves in
// does not, and the counters tell.
#include "../cgroup/cgroup.h"
#include <pthread.h>

int main(void) {
  cgroup_begin();
  CHECK(set("cgroup.subtree_control", "+pids") == 0);
  MUST(mkdir("a", 0755));
  CHECK(set("a/cgroup.subtree_control", "+pids") == 0);
  MUST(mkdir("a/b", 0755));
  CHECK(!strcmp(get("a/pids.max"), "max|")), CHECK(!strcmp(get("a/pids.current"), "0|"));
  CHECK(set("a/pids.max", "-1") == EINVAL), CHECK(set("a/pids.max", "x") == EINVAL), CHECK(set("a/pids.max", "4194305") == EINVAL);
  CHECK(set("a/pids.max", "4") == 0), CHECK(!strcmp(get("a/pids.max"), "4|"));
  APART({
    set_pid("a/b/cgroup.procs", getpid());
    CHECK(!strcmp(get("a/pids.current"), "1|"));
    pid_t one = fork();
    if (one == 0) for (;;) pause();
    pid_t two = fork();
    if (two == 0) _exit(0);
    pid_t three = fork();
    if (three == 0) for (;;) pause();
    CHECK(three > 0);
    CHECK(fork() == -1 && errno == EAGAIN);
    CHECK(!strcmp(get("a/pids.events"), "max 1|")), CHECK(!strcmp(get("a/b/pids.events"), "max 0|"));
    CHECK(!strcmp(get("a/pids.events.local"), "max 1|")), CHECK(!strcmp(get("a/pids.peak"), "4|"));
    siginfo_t info;
    // a zombie holds its place until it is waited for
    MUST(waitid(P_PID, two, &info, WEXITED | WNOWAIT));
    CHECK(!strcmp(get("a/b/pids.current"), "4|")), CHECK(fork() == -1 && errno == EAGAIN);
    reap(two);
    CHECK(!strcmp(get("a/b/pids.current"), "3|"));
    CHECK(set("a/pids.max", "2") == 0), CHECK(!strcmp(get("a/pids.current"), "3|"));
    end(one);
    CHECK(fork() == -1 && errno == EAGAIN);
    end(three);
    pid_t four = fork();
    if (four == 0) _exit(0);
    CHECK(four > 0);
    reap(four);
  });
  CHECK(!strcmp(get("a/pids.current"), "0|")), CHECK(!strcmp(get("a/b/pids.current"), "0|"));
  // moving is never refused
  CHECK(set("a/pids.max", "0") == 0);
  pid_t p = sleeper("a/b/cgroup.procs");
  CHECK(!strcmp(get("a/pids.current"), "1|")), CHECK(!strcmp(get("a/b/pids.current"), "1|"));
  // charges follow the controller
  CHECK(set("a/cgroup.subtree_control", "-pids") == 0), CHECK(set("a/cgroup.subtree_control", "+pids") == 0);
  CHECK(!strcmp(get("a/b/pids.current"), "1|")), CHECK(!strcmp(get("a/pids.current"), "1|"));
  end(p);
  CHECK(!strcmp(get("a/pids.current"), "0|"));

  // a bomb ends at the limit, and everybody else forks on
  CHECK(set("a/pids.max", "32") == 0);
  p = CHILD({
    set_pid("a/b/cgroup.procs", getpid());
    for (;;) fork();
  });
  nap(300);
  CHECK(!strcmp(get("a/pids.current"), "32|")), CHECK(!strcmp(get("a/pids.peak"), "32|"));
  for (int i = 0; i < 20; i++) APART();
  CHECK(set("a/cgroup.kill", "1") == 0);
  reap(p);
  CHECK(holds("a/cgroup.events", "populated 0"));
  nap(20);
  CHECK(!strcmp(get("a/pids.current"), "0|"));
  return 0;
}
