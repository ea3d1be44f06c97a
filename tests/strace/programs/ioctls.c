#include "s.h"
#include <sys/ioctl.h>
#include <termios.h>
int main(void) {
  int p[2], n, on = 1;
  struct termios t;
  struct winsize w;
  BEGIN();
  call(pipe2, p, 0);
  call(write, p[1], "abc", 3);
  call(ioctl, p[0], FIONREAD, &n);
  call(ioctl, p[0], FIONBIO, &on);
  call(ioctl, p[0], FIOCLEX);
  call(ioctl, p[0], FIONCLEX);
  call(ioctl, p[0], TCGETS, &t);
  call(ioctl, p[0], TIOCGWINSZ, &w);
  call(ioctl, p[0], TIOCSWINSZ, WILD);
  call(ioctl, p[0], 0x12345678, 5);
  call(ioctl, p[0], 0x80045430, &n);
  int m = call(openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY);
  call(ioctl, m, TCGETS, &t);
  w = (struct winsize){24, 80, 0, 0};
  call(ioctl, m, TIOCSWINSZ, &w);
  call(ioctl, m, TIOCGWINSZ, &w);
  on = 0;
  call(ioctl, m, TIOCSPTLCK, &on);
  call(ioctl, m, TCSETS, &t);
  call(ioctl, m, TCFLSH, 1);
  call(ioctl, m, TCSBRK, 1);
  call(ioctl, m, TIOCGPGRP, &n);
  call(ioctl, m, TIOCEXCL);
  call(ioctl, 99, TIOCSCTTY, 0);
  return 0;
}
