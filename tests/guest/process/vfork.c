// vfork(2): the child runs in the parent's memory, the parent waits until exec or exit.
#include "t.h"
static volatile int shared;
int main(int argc, char **argv) {
  if (argc > 1) {
    say("exec'd with %s\n", argv[1]);
    return 3;
  }
  pid_t c = vfork();
  if (c == 0) {
    for (volatile int i = 0; i < 3000000; i++) {
    }
    shared = 1;
    _exit(4);
  }
  say("shared %d\n", shared);
  REAP(c);
  c = vfork();
  if (c == 0) {
    execl("/proc/self/exe", "vfork", "word", (char *)0);
    _exit(127);
  }
  REAP(c);
  // A failed exec leaves the child in the parent's memory; errno shows it.
  errno = 0;
  c = vfork();
  if (c == 0) {
    execl("./none", "none", (char *)0);
    shared = errno;
    _exit(5);
  }
  say("exec gave %s\n", err(shared));
  REAP(c);
  // A child that is killed lets the parent go on too.
  c = vfork();
  if (c == 0) {
    raise(SIGKILL);
    _exit(6);
  }
  REAP(c);
  // Descriptors are a copy.
  int fd = MUST(dup(1));
  c = vfork();
  if (c == 0) {
    close(fd);
    _exit(0);
  }
  REAP(c);
  OK(fcntl(fd, F_GETFD));
  return 0;
}
