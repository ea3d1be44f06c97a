// Calls that were half done when a signal came tell how far they got.
#include "t.h"
#include <sys/socket.h>
static void handler(int s) { (void)s; }
int main(void) {
  struct sigaction a = {.sa_handler = handler};
  sigaction(SIGUSR1, &a, 0);
  pid_t me = getpid();
  static char big[300000];
  int p[2];
  MUST(pipe(p));
  pid_t c = CHILD(until(me, 'S'); nap(5); kill(me, SIGUSR1));
  // A pipe's capacity went in.
  T(write(p[1], big, sizeof big));
  REAP(c);
  c = CHILD(until(me, 'S'); nap(5); kill(me, SIGUSR1));
  T(write(p[1], big, 1));
  REAP(c);
  int s[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  write(s[1], "abc", 3);
  c = CHILD(until(me, 'S'); nap(5); kill(me, SIGUSR1));
  T(recv(s[0], big, 10, MSG_WAITALL));
  REAP(c);
  // nanosleep says what is left.
  struct timespec t = {5, 0}, left = {0, 0};
  c = CHILD(until(me, 'S'); nap(20); kill(me, SIGUSR1));
  T(nanosleep(&t, &left));
  CHECK(left.tv_sec == 4 && left.tv_nsec > 0);
  REAP(c);
  c = CHILD(until(me, 'S'); nap(20); kill(me, SIGUSR1));
  say("clock_nanosleep %s\n", err(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &left)));
  CHECK(left.tv_sec == 4);
  REAP(c);
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_sec += 5;
  left = (struct timespec){77, 77};
  c = CHILD(until(me, 'S'); nap(20); kill(me, SIGUSR1));
  say("absolute %s\n", err(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &left)));
  CHECK(left.tv_sec == 77);
  REAP(c);
  // A sleeping call that is interrupted by a stop and continue is not interrupted.
  c = CHILD({
    char b;
    int r = read(p[0], &b, 0) == 0 && usleep(80000) == 0;
    say("slept on %d\n", r);
  });
  until(c, 'S');
  kill(c, SIGSTOP);
  until(c, 'T');
  kill(c, SIGCONT);
  REAP(c);
  return 0;
}
