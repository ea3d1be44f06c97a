// signalfd(2): what it reads, when it is readable, who sees which signal.
#include "t.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
int main(void) {
  sigset_t s;
  sigemptyset(&s);
  sigaddset(&s, SIGUSR1);
  sigaddset(&s, SIGRTMIN);
  sigaddset(&s, SIGCHLD);
  sigprocmask(SIG_BLOCK, &s, 0);
  T(signalfd(-1, &s, 0x100));
  T(signalfd(1, &s, 0));
  T(signalfd(99, &s, 0));
  T(syscall(SYS_signalfd4, -1, &s, 4, 0));
  int fd = MUST(signalfd(-1, &s, SFD_CLOEXEC | SFD_NONBLOCK));
  T(fcntl(fd, F_GETFD));
  CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  struct signalfd_siginfo i[4];
  T(read(fd, i, sizeof i));
  T(read(fd, i, 10));
  struct pollfd p = {fd, POLLIN, 0};
  T(poll(&p, 1, 0));
  pid_t me = getpid();
  kill(me, SIGUSR1);
  T(poll(&p, 1, 0));
  sigqueue(me, SIGRTMIN, (union sigval){41});
  sigqueue(me, SIGRTMIN, (union sigval){42});
  T(read(fd, i, sizeof i) / (long)sizeof *i);
  for (int k = 0; k < 3; k++)
    say("%s code %d int %d pid %d uid %d\n", sig(i[k].ssi_signo), i[k].ssi_code, i[k].ssi_int, i[k].ssi_pid == (uint32_t)me, i[k].ssi_uid);
  pid_t c = CHILD(_exit(6));
  poll(&p, 1, -1);
  T(read(fd, i, sizeof *i) == sizeof *i);
  say("%s code %d status %d pid %d\n", sig(i->ssi_signo), i->ssi_code, i->ssi_status, i->ssi_pid == (uint32_t)c);
  reap(c);
  // Blocking read wakes.
  fcntl(fd, F_SETFL, 0);
  c = CHILD(until(me, 'S'); kill(me, SIGUSR1); pause());
  T(read(fd, i, sizeof i) == sizeof *i);
  say("%s from the child %d\n", sig(i->ssi_signo), i->ssi_pid == (uint32_t)c);
  kill(c, SIGKILL);
  reap(c);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  while (read(fd, i, sizeof i) > 0) {
  }
  // A new mask for the same descriptor.
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, SIGRTMIN);
  CHECK(signalfd(fd, &only, 0) == fd);
  kill(me, SIGUSR1);
  T(read(fd, i, sizeof i));
  kill(me, SIGRTMIN);
  T(read(fd, i, sizeof i) == sizeof *i);
  // It is the reader's signals that are read, also when the descriptor was inherited.
  c = CHILD({
    T(read(fd, i, sizeof i));
    raise(SIGRTMIN);
    T(read(fd, i, sizeof i) == sizeof *i);
  });
  REAP(c);
  // epoll
  int e = MUST(epoll_create1(0));
  struct epoll_event ev = {.events = EPOLLIN};
  epoll_ctl(e, EPOLL_CTL_ADD, fd, &ev);
  T(epoll_wait(e, &ev, 1, 0));
  kill(me, SIGRTMIN);
  T(epoll_wait(e, &ev, 1, 0));
  sigset_t pend;
  sigpending(&pend);
  say("pending %d\n", sigismember(&pend, SIGRTMIN));
  T(write(fd, i, sizeof *i));
  T(lseek(fd, 0, SEEK_SET));
  return 0;
}
