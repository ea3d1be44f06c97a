/* Processes and threads made, ended and waited for. */
#include "measure.h"
#include <pthread.h>

static char *self;
static uint64_t fork_(long n) {
  TIMED({
    pid_t child = fork();
    if (child == 0) _exit(0);
    must(waitpid(child, 0, 0) == child, "waitpid");
  });
}
__attribute__((noinline)) static pid_t start(void) {
  char *argv[] = {self, "exit", 0};
  pid_t child = vfork();
  if (child == 0) {
    execv(self, argv);
    _exit(1);
  }
  return child;
}
static uint64_t exec(long n) {
  TIMED({
    int status;
    pid_t child = start();
    must(waitpid(child, &status, 0) == child && status == 0, "execv");
  });
}
static void *nothing(void *argument) { return argument; }
static uint64_t thread(long n) {
  TIMED({
    pthread_t t;
    must(pthread_create(&t, 0, nothing, 0) == 0 && pthread_join(t, 0) == 0, "pthread");
  });
}

int main(int argc, char **argv) {
  self = argv[0];
  if (argc > 1 && !strcmp(argv[1], "exit")) return 0;
  return choose((struct row[]){{"fork", fork_}, {"exec", exec}, {"thread", thread}, {0}}, argc, argv);
}
