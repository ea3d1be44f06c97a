// clone3(2), set_tid: root chooses the id of a new process.
#include "t.h"
#include <linux/sched.h>
static long start(pid_t *ids, uint64_t size) {
  struct clone_args a = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)ids, .set_tid_size = size};
  long r = syscall(SYS_clone3, &a, sizeof a);
  if (r == 0) _exit(getpid() == *ids ? 7 : 1);
  return r;
}
int main(void) {
  int status;
  pid_t id = MUST(fork());
  if (id == 0) _exit(0);
  T(start(&id, 1)); // in use
  MUST(waitpid(id, &status, 0));
  CHECK(start(&id, 1) == id);
  CHECK(waitpid(-1, &status, 0) == id);
  say("exit %d\n", WEXITSTATUS(status));
  pid_t bad[40] = {0};
  T(start(bad, 1));
  bad[0] = -5;
  T(start(bad, 1));
  bad[0] = 1 << 30;
  T(start(bad, 1));
  bad[0] = 1;
  T(start(bad, 1));
  T(start(bad, 0));
  T(start(bad, 33));
  T(start(0, 1));
  T(start((pid_t *)8, 1));
  MUST(setresuid(1000, 1000, 1000));
  T(start(&id, 1));
  bad[0] = 0;
  T(start(bad, 1));
  return 0;
}
