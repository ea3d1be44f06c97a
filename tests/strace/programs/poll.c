// mask: left \{tv_sec=\d+, tv_nsec=\d+\}
#include "s.h"
#include <sys/select.h>
int main(void) {
  int p[2];
  BEGIN();
  call(pipe2, p, 0);
  struct pollfd f[3] = {{p[0], POLLIN, 0}, {p[1], POLLOUT | POLLERR, 0}, {-1, POLLIN, 0}};
  struct timespec t = {0, 1000000}, zero = {0, 0};
  sigset_t m;
  sigemptyset(&m);
  sigaddset(&m, SIGINT);
  call(ppoll, f, 1, &t, NULL, 8);
  call(ppoll, f, 3, &t, NULL, 8);
  t.tv_sec = 5;
  call(ppoll, f, 3, &t, &m, 8);
  call(ppoll, NULL, 0, &zero, NULL, 0);
  call(ppoll, WILD, 1, NULL, NULL, 8);
  call(ppoll, f, 2, WILD, NULL, 8);
  f[0].fd = 99;
  call(ppoll, f, 1, NULL, NULL, 8);
  fd_set r, w;
  FD_ZERO(&r);
  FD_ZERO(&w);
  FD_SET(p[0], &r);
  FD_SET(p[1], &w);
  FD_SET(1, &w);
  t = (struct timespec){1, 0};
  call(pselect6, 6, &r, &w, NULL, &t, NULL);
  FD_SET(p[0], &r);
  call(pselect6, 5, &r, NULL, NULL, &zero, NULL);
  FD_SET(50, &r);
  call(pselect6, 51, &r, NULL, NULL, &zero, NULL);
  struct { sigset_t *set; size_t size; } pack = {&m, 8};
  FD_ZERO(&r);
  t = (struct timespec){0, 1000};
  call(pselect6, 0, NULL, NULL, NULL, &t, &pack);
  call(pselect6, 4, WILD, NULL, &r, &t, NULL);
  call(pselect6, -1, &r, NULL, NULL, NULL, NULL);
  return 0;
}
