// A pseudo-terminal for a test.
#pragma once
#include "t.h"
#include <poll.h>
#include <termios.h>

UNUSED static int slave_of(int master) {
  return ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
}
UNUSED static int open_master(void) {
  int master = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
  int unlock = 0;
  MUST(ioctl(master, TIOCSPTLCK, &unlock));
  return master;
}
UNUSED static void set_local(int fd, tcflag_t set, tcflag_t clear) {
  struct termios t;
  MUST(tcgetattr(fd, &t));
  t.c_lflag = (t.c_lflag | set) & ~clear;
  MUST(tcsetattr(fd, TCSANOW, &t));
}
UNUSED static void set_raw(int fd, int min, int time) {
  struct termios t;
  MUST(tcgetattr(fd, &t));
  cfmakeraw(&t);
  t.c_cc[VMIN] = min;
  t.c_cc[VTIME] = time;
  MUST(tcsetattr(fd, TCSANOW, &t));
}
// What has come within a moment.
UNUSED static void drain(const char *name, int fd) {
  char text[4096];
  int n = 0;
  struct pollfd p = {fd, POLLIN, 0};
  while (poll(&p, 1, 60) > 0 && n < (int)sizeof text) {
    int got = read(fd, text + n, sizeof text - n);
    if (got <= 0) break;
    n += got;
  }
  print_bytes(name, text, n);
}
UNUSED static void events(const char *name, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI, 0};
  poll(&p, 1, 20);
  say("%s:%s%s%s%s%s\n", name, p.revents & POLLIN ? " in" : "", p.revents & POLLOUT ? " out" : "",
      p.revents & POLLPRI ? " pri" : "", p.revents & POLLHUP ? " hup" : "", p.revents & POLLERR ? " err" : "");
}
// A child that leads a session with the terminal.
#define SESSION(slave, ...) CHILD({ \
  MUST(setsid()); \
  MUST(ioctl(slave, TIOCSCTTY, 0)); \
  __VA_ARGS__; })
