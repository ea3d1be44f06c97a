// setpgid(2) and friends: the rules of process groups.
#include "t.h"
int main(int argc, char **argv) {
  if (argc > 1) {
    gate g = {{atoi(argv[1]), 0}};
    char c;
    write(atoi(argv[2]), "x", 1);
    read(g.fd[0], &c, 1);
    return 0;
  }
  T(setpgid(0, -1));
  T(setpgid(-1, 0));
  T(setpgid(1, 1));
  T(setpgid(999999, 0));
  T(getpgid(999999));
  T(getpgid(-1));
  T(getsid(999999));
  pid_t me = getpid();
  CHECK(getpgid(0) == getpgrp());
  pid_t c = CHILD({
    CHECK(getpgrp() == getpgid(getppid()));
    T(setpgid(0, 0));
    CHECK(getpgrp() == getpid());
    T(setpgid(0, getpid()));
    // A group that does not exist.
    T(setpgid(0, 999999));
    // Back to the parent's.
    T(setpgid(0, getpgid(getppid())));
    CHECK(getpgrp() == getpgid(getppid()));
    // The parent is no child of ours.
    T(setpgid(me, 0));
  });
  REAP(c);
  // A parent may move its child until the child has called execve.
  gate g = gate_new(), r = gate_new();
  c = CHILD(gate_wait(g));
  T(setpgid(c, c));
  CHECK(getpgid(c) == c);
  T(setpgid(c, getpgrp()));
  gate_open(g);
  REAP(c);
  int p[2], q[2];
  MUST(pipe(p));
  MUST(pipe(q));
  c = CHILD({
    char a[12];
    char b[12];
    sprintf(a, "%d", p[0]);
    sprintf(b, "%d", q[1]);
    execl("/proc/self/exe", "x", a, b, (char *)0);
  });
  char byte;
  MUST(read(q[0], &byte, 1));
  T(setpgid(c, c));
  // Not after it has ended either.
  MUST(write(p[1], "x", 1));
  until(c, 'Z');
  T(setpgid(c, c));
  CHECK(getpgid(c) == getpgrp());
  REAP(c);
  T(setpgid(c, c));
  // A child in another session can't be moved, nor a session leader.
  c = CHILD(setsid(); gate_open(r); gate_wait(g));
  gate_wait(r);
  T(setpgid(c, c));
  T(setpgid(c, getpgrp()));
  CHECK(getsid(c) == c);
  // Nor may one join a group of another session.
  pid_t other = c;
  pid_t d = CHILD(T(setpgid(0, other)));
  REAP(d);
  gate_open(g);
  REAP(c);
  // A signal to a group, to all its members and no other.
  pid_t a = CHILD(setpgid(0, 0); gate_open(r); for (;;) pause());
  gate_wait(r);
  pid_t b = CHILD(setpgid(0, a); gate_open(r); for (;;) pause());
  gate_wait(r);
  T(kill(-a, SIGUSR1));
  REAP(a);
  // The group outlives its leader.
  REAP(b);
  T(kill(-a, SIGUSR1));
  T(killpg(a, 0));
  T(killpg(-3, 0));
  return 0;
}
