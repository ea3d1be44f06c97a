// Blocking: readers wait for writers and the other way round; wake-ups; big transfers.
#include "t.h"
int main(void) {
  int p[2];
  static char b[300000];
  pid_t me = getpid();
  MUST(pipe(p));
  pid_t c = CHILD(until(me, 'S'); write(p[1], "late", 4));
  T(read(p[0], b, 100));
  REAP(c);
  // The last writer going away is end of file for one that waits.
  c = CHILD(until(me, 'S'); nap(5));
  close(p[1]);
  T(read(p[0], b, 100));
  REAP(c);
  MUST(pipe(p));
  // A writer of more than fits waits until all of it is read.
  c = CHILD({
    close(p[0]);
    for (int i = 0; i < (int)sizeof b; i++) b[i] = i % 251;
    T(write(p[1], b, sizeof b));
  });
  close(p[1]);
  long total = 0, good = 1, n;
  char r[1000];
  while ((n = read(p[0], r, sizeof r)) > 0) {
    for (int i = 0; i < n; i++) good &= (unsigned char)r[i] == (total + i) % 251;
    total += n;
  }
  say("total %ld good %ld\n", total, good);
  REAP(c);
  // Two writers of PIPE_BUF each: never mixed.
  MUST(pipe(p));
  pid_t w[2];
  for (int k = 0; k < 2; k++)
    w[k] = CHILD({
      close(p[0]);
      memset(b, 'a' + k, 4096);
      for (int i = 0; i < 50; i++) write(p[1], b, 4096);
    });
  close(p[1]);
  int mixed = 0, blocks = 0;
  for (;;) {
    long have = 0;
    while (have < 4096 && (n = read(p[0], b + have, 4096 - have)) > 0) have += n;
    if (have == 0) break;
    for (int i = 1; i < have; i++) mixed |= b[i] != b[0];
    blocks++;
  }
  say("blocks %d mixed %d\n", blocks, mixed);
  REAP(w[0]);
  REAP(w[1]);
  // Several readers: every byte goes to one of them.
  MUST(pipe(p));
  int q[2];
  MUST(pipe(q));
  pid_t rd[3];
  for (int k = 0; k < 3; k++)
    rd[k] = CHILD({
      close(p[1]);
      long t = 0;
      while ((n = read(p[0], r, 100)) > 0) t += n;
      write(q[1], &t, sizeof t);
    });
  close(p[0]);
  for (int i = 0; i < 300; i++) write(p[1], b, 77);
  close(p[1]);
  total = 0;
  for (int k = 0; k < 3; k++) {
    long t;
    read(q[0], &t, sizeof t);
    total += t;
    reap(rd[k]);
  }
  say("total %ld\n", total);
  // Ping-pong.
  int x[2], y[2];
  MUST(pipe(x));
  MUST(pipe(y));
  c = CHILD({
    int v;
    close(x[1]);
    while (read(x[0], &v, 4) == 4) {
      v++;
      write(y[1], &v, 4);
    }
    _exit(7);
  });
  int v = 0;
  for (int i = 0; i < 500; i++) {
    write(x[1], &v, 4);
    read(y[0], &v, 4);
  }
  close(x[1]);
  say("count %d\n", v);
  REAP(c);
  // A pipeline of five processes.
  int in = -1;
  for (int k = 0; k < 5; k++) {
    MUST(pipe(p));
    c = CHILD({
      close(p[0]);
      if (in < 0) {
        for (int i = 0; i < 100; i++) write(p[1], &i, 4);
        _exit(0);
      }
      while (read(in, &v, 4) == 4) v += k, write(p[1], &v, 4);
    });
    if (in >= 0) close(in);
    close(p[1]);
    in = p[0];
  }
  long sum = 0;
  while (read(in, &v, 4) == 4) sum += v;
  say("sum %ld\n", sum);
  while (wait(0) > 0) {
  }
  return 0;
}
