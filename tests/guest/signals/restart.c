// Which calls SA_RESTART starts again, and which end in EINTR all the same: signal(7).
#include "t.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <linux/futex.h>
static volatile int hits;
static void handler(int s) { (void)s; hits++; }
static int p[2], full[2], sv[2], ep, lock;
static pid_t sleeper;
static long do_read(void) { char c; return read(p[0], &c, 1); }
static long do_readv(void) { char c; struct iovec v = {&c, 1}; return readv(p[0], &v, 1); }
static long do_write(void) { return write(full[1], "x", 1); }
static long do_recv(void) { char c; return recv(sv[0], &c, 1, 0); }
static long do_recv_timeout(void) {
  struct timeval t = {5, 0};
  setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  char c;
  long r = recv(sv[0], &c, 1, 0);
  int e = errno;
  t.tv_sec = 0;
  setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  errno = e;
  return r;
}
static long do_poll(void) { struct pollfd f = {p[0], POLLIN, 0}; return poll(&f, 1, 5000); }
static long do_select(void) { fd_set s; FD_ZERO(&s); FD_SET(p[0], &s); struct timeval t = {5, 0}; return select(p[0] + 1, &s, 0, 0, &t); }
static long do_epoll(void) { struct epoll_event e; return epoll_wait(ep, &e, 1, 5000); }
static long do_wait(void) { int s; return waitpid(sleeper, &s, 0) > 0; }
static long do_waitid(void) { siginfo_t s; return waitid(P_PID, sleeper, &s, WEXITED); }
static long do_pause(void) { return pause(); }
static long do_nanosleep(void) { struct timespec t = {5, 0}; return nanosleep(&t, 0); }
static long do_sigsuspend(void) { sigset_t s; sigemptyset(&s); return sigsuspend(&s); }
static long do_sigtimedwait(void) { sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR2); struct timespec t = {5, 0}; return sigtimedwait(&s, 0, &t); }
static long do_lock(void) { struct flock l = {.l_type = F_WRLCK}; return fcntl(lock, F_SETLKW, &l); }
static long do_flock(void) { int fd = open("f", O_RDWR); long r = flock(fd, LOCK_EX); int e = errno; close(fd); errno = e; return r; }
static long do_fifo(void) { int fd = open("fifo", O_RDONLY); int e = errno; if (fd >= 0) close(fd); errno = e; return fd >= 0 ? 0 : -1; }
static long do_futex(void) { static int w; struct timespec t = {5, 0}; return syscall(SYS_futex, &w, FUTEX_WAIT_PRIVATE, 0, &t, 0, 0); }
// What lets a restarted call end.
static void free_read(void) { write(p[1], "x", 1); }
static void free_write(void) { static char b[65536]; read(full[0], b, sizeof b); }
static void free_recv(void) { write(sv[1], "x", 1); }
static void free_child(void) { kill(sleeper, SIGKILL); }
static gate holding, release;
static void free_lock(void) { gate_open(release); }
static void free_fifo(void) { int fd = open("fifo", O_WRONLY); close(fd); }
static void free_none(void) {}
static pid_t holder(bool whole) {
  pid_t c = CHILD({
    int fd = open("f", O_RDWR);
    struct flock l = {.l_type = F_WRLCK};
    if (whole) flock(fd, LOCK_EX);
    else fcntl(fd, F_SETLK, &l);
    gate_open(holding);
    gate_wait(release);
  });
  gate_wait(holding);
  return c;
}
int main(void) {
  MUST(pipe(p));
  MUST(pipe(full));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  fcntl(full[1], F_SETFL, O_NONBLOCK);
  char b[4096] = {0};
  while (write(full[1], b, sizeof b) > 0) {
  }
  fcntl(full[1], F_SETFL, 0);
  ep = MUST(epoll_create1(0));
  struct epoll_event e = {.events = EPOLLIN};
  epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e);
  put("f", "x");
  lock = MUST(open("f", O_RDWR));
  MUST(mkfifo("fifo", 0666));
  holding = gate_new(), release = gate_new();
  struct { const char *name; long (*call)(void); void (*let)(void); int kind; } calls[] = {
      {"read", do_read, free_read, 0}, {"readv", do_readv, free_read, 0}, {"write", do_write, free_write, 0},
      {"recv", do_recv, free_recv, 0}, {"recv with SO_RCVTIMEO", do_recv_timeout, free_recv, 0},
      {"poll", do_poll, free_none, 0}, {"select", do_select, free_none, 0}, {"epoll_wait", do_epoll, free_none, 0},
      {"waitpid", do_wait, free_child, 1}, {"waitid", do_waitid, free_child, 1}, {"pause", do_pause, free_none, 0},
      {"nanosleep", do_nanosleep, free_none, 0}, {"sigsuspend", do_sigsuspend, free_none, 0},
      {"sigtimedwait", do_sigtimedwait, free_none, 0}, {"fcntl F_SETLKW", do_lock, free_lock, 2},
      {"flock", do_flock, free_lock, 3}, {"open of a fifo", do_fifo, free_fifo, 0}, {"futex", do_futex, free_none, 0}};
  pid_t me = getpid();
  for (int restart = 0; restart < 2; restart++)
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
      struct sigaction a = {.sa_handler = handler, .sa_flags = restart ? SA_RESTART : 0};
      sigaction(SIGUSR1, &a, 0);
      hits = 0;
      pid_t hold = 0;
      if (calls[i].kind == 1) sleeper = CHILD(for (;;) pause());
      if (calls[i].kind >= 2) hold = holder(calls[i].kind == 3);
      pid_t poke = CHILD({
        until(me, 'S');
        nap(5);
        kill(me, SIGUSR1);
        nap(30);
        // Only a call that goes on waits to be let go.
        if (state_of(me) == 'S' && restart) calls[i].let();
      });
      long r = calls[i].call();
      int error = errno;
      // The poker sleeps; waiting for it must not look like the call.
      say("%s%s: %ld %s hits %d\n", calls[i].name, restart ? " SA_RESTART" : "", r, r == -1 ? err(error) : "0", hits);
      kill(poke, SIGKILL);
      while (waitpid(poke, 0, 0) == -1) {
      }
      if (hold) {
        struct flock l = {.l_type = F_UNLCK};
        fcntl(lock, F_SETLK, &l);
        kill(hold, SIGKILL);
        while (waitpid(hold, 0, 0) == -1) {
        }
      }
      if (calls[i].kind == 1) {
        kill(sleeper, SIGKILL);
        waitpid(sleeper, 0, 0);
      }
      fcntl(p[0], F_SETFL, O_NONBLOCK);
      while (read(p[0], b, 1) > 0) {
      }
      fcntl(p[0], F_SETFL, 0);
      while (recv(sv[0], b, 1, MSG_DONTWAIT) > 0) {
      }
      fcntl(release.fd[0], F_SETFL, O_NONBLOCK);
      while (read(release.fd[0], b, 1) > 0) {
      }
      fcntl(release.fd[0], F_SETFL, 0);
      fcntl(full[1], F_SETFL, O_NONBLOCK);
      while (write(full[1], b, 4096) > 0) {
      }
      fcntl(full[1], F_SETFL, 0);
    }
  return 0;
}
