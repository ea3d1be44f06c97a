// SIGPIPE and EPIPE with several readers; descriptors kept open by mistake hold a pipe open.
#include "t.h"
int main(void) {
  signal(SIGPIPE, SIG_IGN);
  int p[2];
  char b[10];
  MUST(pipe(p));
  pid_t holder = CHILD(close(p[1]); for (;;) pause());
  until(holder, 'S');
  close(p[0]);
  T(write(p[1], "x", 1)); // the child still could read
  kill(holder, SIGKILL);
  reap(holder);
  T(write(p[1], "x", 1));
  MUST(pipe(p));
  holder = CHILD(for (;;) pause());
  until(holder, 'S');
  close(p[1]);
  fcntl(p[0], F_SETFL, O_NONBLOCK);
  T(read(p[0], b, 10)); // the child could still write
  kill(holder, SIGKILL);
  reap(holder);
  T(read(p[0], b, 10));
  // A blocked writer is let go when the reader leaves.
  MUST(pipe(p));
  static char big[100000];
  pid_t w = CHILD({
    close(p[0]);
    long r = write(p[1], big, sizeof big);
    say("wrote %ld\n", r);
    T(write(p[1], big, 1));
  });
  close(p[1]);
  until(w, 'S');
  close(p[0]);
  REAP(w);
  return 0;
}
