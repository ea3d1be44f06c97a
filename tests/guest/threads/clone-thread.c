// Threads by the bare clone(2): tid words, the futex at the end, /proc/self/task.
#include "t.h"
#include <dirent.h>
#include <linux/futex.h>
static char stack[4][32768] __attribute__((aligned(16)));
static volatile pid_t tids[4], cleared[4];
static volatile int go;
static int run(void *x) {
  int i = (int)(long)x;
  while (!go) syscall(SYS_sched_yield);
  __atomic_add_fetch(&go, 1, __ATOMIC_SEQ_CST);
  (void)i;
  return 0;
}
static int tasks(void) {
  DIR *d = opendir("/proc/self/task");
  int n = 0;
  for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
  closedir(d);
  return n;
}
int main(void) {
  int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID |
              CLONE_CHILD_CLEARTID;
  for (long i = 0; i < 4; i++) {
    cleared[i] = 1;
    pid_t t = MUST(clone(run, stack[i] + sizeof stack[i], flags, (void *)i, &tids[i], 0, &cleared[i]));
    if (tids[i] != t) say("tid not stored\n");
  }
  say("tasks %d\n", tasks());
  // A thread is no child.
  T(waitpid(tids[0], 0, __WALL));
  T(kill(tids[0], 0)); // but its tid names the process to kill(2)
  T(setpgid(tids[0], 0));
  CHECK(getpgid(tids[0]) == getpgrp());
  char path[64];
  sprintf(path, "/proc/%d/task/%d/stat", getpid(), tids[0]);
  T(access(path, F_OK));
  sprintf(path, "/proc/%d/status", tids[1]);
  FILE *f = fopen(path, "r");
  char line[256];
  int tgid = 0;
  while (f && fgets(line, sizeof line, f)) sscanf(line, "Tgid: %d", &tgid);
  if (f) fclose(f);
  CHECK(tgid == getpid());
  go = 1;
  for (int i = 0; i < 4; i++) {
    while (cleared[i]) syscall(SYS_futex, &cleared[i], FUTEX_WAIT, cleared[i], 0, 0, 0);
  }
  say("all cleared, go %d\n", go);
  // The word is cleared a moment before the task is gone.
  for (int i = 0; i < 200 && tasks() > 1; i++) nap(2);
  say("tasks %d\n", tasks());
  CHECK((pid_t)syscall(SYS_set_tid_address, &go) == getpid());
  return 0;
}
