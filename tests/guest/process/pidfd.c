// pidfds: pidfd_open, poll for the end, pidfd_send_signal, pidfd_getfd, waitid(P_PIDFD).
#include "t.h"
#include <poll.h>
#include <sys/epoll.h>
#define pidfd_open(pid, flags) (int)syscall(SYS_pidfd_open, pid, flags)
#define pidfd_send(fd, s, info, flags) (int)syscall(SYS_pidfd_send_signal, fd, s, info, flags)
#define pidfd_getfd(fd, target, flags) (int)syscall(SYS_pidfd_getfd, fd, target, flags)
int main(void) {
  T(pidfd_open(0, 0));
  T(pidfd_open(-1, 0));
  T(pidfd_open(999999, 0));
  T(pidfd_open(getpid(), 1));
  gate g = gate_new();
  pid_t c = CHILD(gate_wait(g); _exit(3));
  int fd = MUST(pidfd_open(c, 0));
  T(fcntl(fd, F_GETFD));
  CHECK((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
  struct pollfd p = {fd, POLLIN | POLLOUT, 0};
  T(poll(&p, 1, 0));
  T(pidfd_send(fd, 0, 0, 0));
  T(pidfd_send(fd, 99, 0, 0));
  T(pidfd_send(fd, SIGTERM, 0, 1 << 20));
  T(pidfd_send(1, SIGTERM, 0, 0));
  T(pidfd_send(-1, SIGTERM, 0, 0));
  char b;
  T(read(fd, &b, 1));
  T(write(fd, "x", 1));
  T(lseek(fd, 0, SEEK_SET));
  int e = MUST(epoll_create1(0));
  struct epoll_event ev = {.events = EPOLLIN, .data.u32 = 5};
  T(epoll_ctl(e, EPOLL_CTL_ADD, fd, &ev));
  T(epoll_wait(e, &ev, 1, 0));
  gate_open(g);
  T(poll(&p, 1, -1));
  say("revents %s\n", p.revents & POLLIN ? "POLLIN" : "?");
  T(epoll_wait(e, &ev, 1, 0));
  // A zombie still takes signals.
  T(pidfd_send(fd, SIGTERM, 0, 0));
  // A pidfd of a zombie can be opened.
  OK(pidfd_open(c, 0));
  siginfo_t si;
  T(waitid(P_PIDFD, fd, &si, WEXITED));
  say("status %d\n", si.si_status);
  T(pidfd_send(fd, SIGTERM, 0, 0));
  T(poll(&p, 1, 0));
  // PIDFD_NONBLOCK makes waitid answer EAGAIN.
  c = CHILD(gate_wait(g));
  fd = MUST(pidfd_open(c, O_NONBLOCK));
  T(waitid(P_PIDFD, fd, &si, WEXITED));
  // Another process's descriptor.
  put("f", "content");
  int f = MUST(open("f", O_RDONLY)), high = MUST(dup2(f, 77));
  close(f);
  pid_t d = CHILD(gate_wait(g));
  close(high);
  int dfd = MUST(pidfd_open(d, 0));
  int got = pidfd_getfd(dfd, 77, 0);
  CHECK(got >= 0);
  T(fcntl(got, F_GETFD));
  char text[8] = {0};
  T(read(got, text, 7));
  say("%s\n", text);
  T(pidfd_getfd(dfd, 78, 0));
  T(pidfd_getfd(dfd, 0, 1));
  T(pidfd_getfd(1, 0, 0));
  // A signal with a siginfo of our own: only to ourselves may si_code be positive.
  siginfo_t info = {.si_signo = SIGKILL, .si_code = SI_QUEUE};
  T(pidfd_send(dfd, SIGTERM, &info, 0));
  info.si_signo = SIGTERM;
  info.si_code = SI_USER;
  T(pidfd_send(dfd, SIGTERM, &info, 0));
  info.si_code = SI_QUEUE;
  T(pidfd_send(dfd, SIGTERM, &info, 0));
  REAP(d);
  kill(c, SIGKILL);
  REAP(c);
  char path[64], line[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  memset(line, 0, 64);
  MUST(readlink(path, line, 63));
  say("%s\n", line);
  return 0;
}
