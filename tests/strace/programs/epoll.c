#include "s.h"
int main(void) {
  int p[2];
  struct epoll_event e = {EPOLLIN | EPOLLET, {.u64 = 0x1122334455667788}}, out[4];
  BEGIN();
  call(pipe2, p, 0);
  int ep = call(epoll_create1, EPOLL_CLOEXEC);
  call(epoll_create1, 5);
  call(epoll_ctl, ep, EPOLL_CTL_ADD, p[0], &e);
  e = (struct epoll_event){EPOLLOUT | EPOLLONESHOT | EPOLLRDHUP, {.u32 = 7}};
  call(epoll_ctl, ep, EPOLL_CTL_ADD, p[1], &e);
  call(epoll_ctl, ep, EPOLL_CTL_MOD, p[1], &e);
  call(epoll_ctl, ep, EPOLL_CTL_ADD, p[1], &e);
  call(epoll_ctl, ep, EPOLL_CTL_DEL, 99, NULL);
  call(epoll_ctl, ep, 9, p[0], WILD);
  call(epoll_pwait, ep, out, 4, 1000, NULL, 8);
  call(epoll_pwait, ep, out, 4, 0, NULL, 8);
  call(epoll_pwait, ep, out, 0, 0, NULL, 8);
  call(epoll_ctl, ep, EPOLL_CTL_DEL, p[1], NULL);
  struct timespec t = {0, 1000};
  sigset_t m;
  sigemptyset(&m);
  call(epoll_pwait2, ep, out, 4, &t, &m, 8);
  call(epoll_pwait2, ep, out, 4, WILD, NULL, 8);
  call(epoll_pwait, 99, out, 4, -1, &m, 8);
  return 0;
}
