// O_ASYNC, F_SETOWN, F_SETSIG: a signal when a descriptor becomes ready.
#include "t.h"
#include <poll.h>
#include <sys/socket.h>
static volatile int hits, fd, band, code;
static void handler(int s, siginfo_t *i, void *u) {
  (void)s, (void)u;
  hits++;
  fd = i->si_fd;
  band = i->si_band;
  code = i->si_code;
}
int main(void) {
  struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGIO, &a, 0);
  sigaction(SIGRTMIN, &a, 0);
  int s[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  T(fcntl(s[0], F_GETOWN));
  T(fcntl(s[0], F_SETOWN, getpid()));
  CHECK(fcntl(s[0], F_GETOWN) == getpid());
  T(fcntl(s[0], F_SETFL, O_ASYNC));
  CHECK((fcntl(s[0], F_GETFL) & O_ASYNC) != 0);
  write(s[1], "x", 1);
  for (int i = 0; i < 100 && !hits; i++) nap(1);
  say("hits %d\n", hits);
  T(fcntl(s[0], F_SETSIG, SIGRTMIN));
  T(fcntl(s[0], F_GETSIG) == SIGRTMIN);
  hits = 0;
  write(s[1], "x", 1);
  for (int i = 0; i < 100 && !hits; i++) nap(1);
  say("hits %d fd %d code %d in %d\n", hits, fd == s[0], code == POLL_IN, (band & POLLIN) != 0);
  T(fcntl(s[0], F_SETSIG, 99));
  T(fcntl(s[0], F_SETOWN, 999999));
  T(fcntl(s[0], F_SETFL, 0));
  hits = 0;
  write(s[1], "x", 1);
  nap(10);
  say("off %d\n", hits);
  int p[2];
  MUST(pipe(p));
  fcntl(p[0], F_SETOWN, getpid());
  fcntl(p[0], F_SETFL, O_ASYNC);
  write(p[1], "x", 1);
  for (int i = 0; i < 100 && !hits; i++) nap(1);
  say("pipe %d\n", hits > 0);
  struct f_owner_ex o = {F_OWNER_TID, syscall(SYS_gettid)};
  T(fcntl(p[0], F_SETOWN_EX, &o));
  o.pid = 0;
  T(fcntl(p[0], F_GETOWN_EX, &o));
  CHECK(o.type == F_OWNER_TID && o.pid == (pid_t)syscall(SYS_gettid));
  return 0;
}
