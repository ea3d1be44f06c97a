// setsid(2), getsid(2): leaders, and what a leader may not do.
#include "t.h"
int main(void) {
  // The harness starts us as a session leader or not: make it certain.
  pid_t c = CHILD({
    CHECK(getsid(0) == getsid(getppid()));
    CHECK(setsid() == getpid());
    CHECK(getsid(0) == getpid());
    CHECK(getpgrp() == getpid());
    T(setsid());
    T(setpgid(0, 0));
    T(setpgid(0, 999999));
    OK(open("/dev/tty", O_RDWR));
    pid_t child = CHILD({
      CHECK(getsid(0) == getppid());
      T(setpgid(0, 0));
      // A group leader can't make a session.
      T(setsid());
      pid_t grandchild = CHILD({
        CHECK(setsid() == getpid());
      });
      REAP(grandchild);
    });
    REAP(child);
    // Its leader gone, a session lives on.
    gate g = gate_new();
    pid_t leader;
    int *box = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    leader = CHILD({
      setsid();
      box[0] = getpid();
      CHILD({
        gate_wait(g);
        CHECK(getsid(0) == box[0]);
        CHECK(getpgrp() == box[0]);
        _exit(5);
      });
    });
    REAP(leader);
    gate_open(g);
    int status;
    wait(&status);
    say("%s\n", status_text(status));
  });
  REAP(c);
  CHECK(getsid(getpid()) == getsid(0));
  return 0;
}
