// fork takes the calling thread alone; exec ends the others and keeps the process's id, whoever calls it.
#include "t.h"
#include <pthread.h>
static pid_t leader;
static char self[PATH_MAX];
static bool last;
static void *sleeper(void *x) {
  (void)x;
  for (;;) pause();
}
static int tasks(void) {
  FILE *f = fopen("/proc/self/status", "r");
  char line[256];
  int n = -1;
  while (f && fgets(line, sizeof line, f)) sscanf(line, "Threads: %d", &n);
  if (f) fclose(f);
  return n;
}
static void *forker(void *x) {
  (void)x;
  pid_t c = CHILD({
    say("child has %d thread\n", tasks());
    CHECK(getpid() == (pid_t)syscall(SYS_gettid));
    _exit(3);
  });
  REAP(c);
  return 0;
}
static void *execer(void *x) {
  (void)x;
  char pid[20];
  sprintf(pid, "%d", leader);
  if (last) until(leader, 'Z');
  // A leader that has gone has no /proc/self/exe any more.
  execl(self, "x", pid, (char *)0);
  return 0;
}
int main(int argc, char **argv) {
  if (argc > 1) {
    CHECK(getpid() == atoi(argv[1]));
    CHECK(getpid() == (pid_t)syscall(SYS_gettid));
    say("threads %d\n", tasks());
    return 5;
  }
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  pthread_t t;
  pthread_create(&t, 0, sleeper, 0);
  pthread_create(&t, 0, forker, 0);
  pthread_join(t, 0);
  pid_t c = CHILD({
    leader = getpid();
    for (int i = 0; i < 4; i++) pthread_create(&t, 0, sleeper, 0);
    pthread_create(&t, 0, execer, 0);
    for (;;) pause();
  });
  REAP(c);
  c = CHILD({
    leader = getpid();
    for (int i = 0; i < 4; i++) pthread_create(&t, 0, sleeper, 0);
    execer(0);
  });
  REAP(c);
  // Even after the leader's thread has gone.
  c = CHILD({
    leader = getpid();
    last = true;
    pthread_create(&t, 0, execer, 0);
    pthread_exit(0);
  });
  REAP(c);
  return 0;
}
