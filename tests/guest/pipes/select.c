// select(2), pselect: sets, counts, the remaining time, errors.
#include "t.h"
#include <sys/select.h>
int main(void) {
  int p[2], q[2];
  MUST(pipe2(p, O_NONBLOCK));
  MUST(pipe2(q, O_NONBLOCK));
  fd_set r, w, x;
#define SETS() do { FD_ZERO(&r); FD_ZERO(&w); FD_ZERO(&x); } while (0)
  struct timeval zero = {0, 0}, t;
  SETS();
  FD_SET(p[0], &r);
  FD_SET(p[1], &w);
  T(select(p[1] + 1, &r, &w, 0, &zero));
  say("%d %d\n", FD_ISSET(p[0], &r), FD_ISSET(p[1], &w));
  write(p[1], "x", 1);
  SETS();
  FD_SET(p[0], &r);
  FD_SET(q[0], &r);
  FD_SET(p[1], &w);
  FD_SET(p[0], &x);
  T(select(q[1] + 1, &r, &w, &x, 0));
  say("%d %d %d %d\n", FD_ISSET(p[0], &r), FD_ISSET(q[0], &r), FD_ISSET(p[1], &w), FD_ISSET(p[0], &x));
  // The same in two sets counts twice; nfds bounds what is looked at.
  put("f", "x");
  int f = MUST(open("f", O_RDWR));
  SETS();
  FD_SET(f, &r);
  FD_SET(f, &w);
  FD_SET(f, &x);
  T(select(f + 1, &r, &w, &x, &zero));
  say("%d %d %d\n", FD_ISSET(f, &r), FD_ISSET(f, &w), FD_ISSET(f, &x));
  SETS();
  FD_SET(f, &r);
  T(select(f, &r, 0, 0, &zero));
  // Hang-up is readable, a broken pipe writable.
  close(p[1]);
  read(p[0], (char[4]){0}, 4);
  SETS();
  FD_SET(p[0], &r);
  T(select(p[0] + 1, &r, 0, 0, 0));
  close(q[0]);
  SETS();
  FD_SET(q[1], &w);
  FD_SET(q[1], &r);
  T(select(q[1] + 1, &r, &w, 0, 0));
  say("%d %d\n", FD_ISSET(q[1], &r), FD_ISSET(q[1], &w));
  // Time.
  t = (struct timeval){0, 30000};
  double began = now();
  T(select(0, 0, 0, 0, &t));
  CHECK(now() - began >= 29);
  say("left %ld %ld\n", (long)t.tv_sec, (long)t.tv_usec);
  t = (struct timeval){100, 0};
  SETS();
  FD_SET(f, &r);
  T(select(f + 1, &r, 0, 0, &t));
  CHECK(t.tv_sec >= 99);
  t = (struct timeval){-1, 0};
  T(select(0, 0, 0, 0, &t));

  began = now();
  T(select(0, 0, 0, 0, &(struct timeval){0, 20000}));
  T(select(-1, 0, 0, 0, &zero));
  SETS();
  FD_SET(900, &r);
  T(select(901, &r, 0, 0, &zero));
  T(syscall(SYS_pselect6, 1, 16, 0, 0, &(struct timespec){0, 0}, 0));
  struct timespec bad = {0, 1000000000}, ts = {0, 10000000};
  T(pselect(0, 0, 0, 0, &bad, 0));
  T(pselect(0, 0, 0, 0, &ts, 0));
  say("pselect leaves its time %ld\n", ts.tv_nsec);
  // A large set.
  struct rlimit l = {20000, 20000};
  setrlimit(RLIMIT_NOFILE, &l);
  int hi = MUST(fcntl(f, F_DUPFD, 1000));
  SETS();
  FD_SET(hi, &r);
  FD_SET(hi, &w);
  T(select(hi + 1, &r, &w, 0, 0));
  // EINTR leaves no doubt.
  void h(int s) { (void)s; }
  struct sigaction a = {.sa_handler = h};
  sigaction(SIGALRM, &a, 0);
  ualarm(20000, 0);
  T(select(0, 0, 0, 0, 0));
  return 0;
}
