// SIGPIPE: from pipes and sockets, ignored, blocked, suppressed.
#include "t.h"
#include <sys/socket.h>
static volatile int hits;
static void handler(int s) { (void)s; hits++; }
int main(void) {
  int p[2], s[2];
  MUST(pipe(p));
  close(p[0]);
  REAP(CHILD(write(p[1], "x", 1); say("not reached\n")));
  signal(SIGPIPE, handler);
  T(write(p[1], "x", 1));
  say("hits %d\n", hits);
  T(write(p[1], "x", 0));
  say("hits %d\n", hits);
  signal(SIGPIPE, SIG_IGN);
  T(write(p[1], "x", 1));
  signal(SIGPIPE, handler);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  close(s[1]);
  hits = 0;
  T(write(s[0], "x", 1));
  T(send(s[0], "x", 1, 0));
  T(send(s[0], "x", 1, MSG_NOSIGNAL));
  say("hits %d\n", hits);
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
  close(s[1]);
  hits = 0;
  T(send(s[0], "x", 1, 0));
  say("datagram hits %d\n", hits);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  shutdown(s[0], SHUT_WR);
  T(write(s[0], "x", 1));
  say("shut down hits %d\n", hits);
  sigset_t m, q;
  sigemptyset(&m);
  sigaddset(&m, SIGPIPE);
  sigprocmask(SIG_BLOCK, &m, 0);
  T(write(p[1], "x", 1));
  sigpending(&q);
  say("pending %d\n", sigismember(&q, SIGPIPE));
  // The signal is the thread's, not the process's.
  siginfo_t si;
  T(sigwaitinfo(&m, &si));
  say("code %d\n", si.si_code == SI_USER);
  // A write that is cut off half way tells how much went; the next one fails.
  MUST(pipe(p));
  hits = 0;
  sigprocmask(SIG_UNBLOCK, &m, 0);
  pid_t me = getpid();
  pid_t c = CHILD({
    close(p[1]);
    until(me, 'S');
    char b[4096];
    read(p[0], b, 4096);
  });
  close(p[0]);
  static char big[200000];
  T(write(p[1], big, sizeof big) > 0);
  say("hits %d\n", hits);
  T(write(p[1], big, 1));
  say("hits %d\n", hits);
  REAP(c);
  return 0;
}
