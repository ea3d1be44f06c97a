// epoll changed by one thread while another waits; one-shot hands each event to one thread.
#include "t.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
static int ep, done, work[8];
static int taken[8];
static void *wait_one(void *x) {
  (void)x;
  struct epoll_event e;
  return (void *)(long)(epoll_wait(ep, &e, 1, 5000) == 1 ? (int)e.data.u32 : -1);
}
static void *worker(void *x) {
  (void)x;
  for (;;) {
    struct epoll_event e;
    if (epoll_wait(ep, &e, 1, -1) != 1) continue;
    if (e.data.u32 == 99) return 0;
    eventfd_t v;
    eventfd_read(work[e.data.u32], &v);
    __atomic_add_fetch(&taken[e.data.u32], (int)v, __ATOMIC_SEQ_CST);
    e.events = EPOLLIN | EPOLLONESHOT;
    epoll_ctl(ep, EPOLL_CTL_MOD, work[e.data.u32], &e);
  }
}
int main(void) {
  ep = MUST(epoll_create1(0));
  pthread_t t[4];
  void *r;
  int ready = eventfd(1, EFD_NONBLOCK);
  pthread_create(t, 0, wait_one, 0);
  nap(30);
  struct epoll_event e = {.events = EPOLLIN, .data.u32 = 7};
  T(epoll_ctl(ep, EPOLL_CTL_ADD, ready, &e)); // already ready: wakes
  pthread_join(t[0], &r);
  say("woke with %ld\n", (long)r);
  e.events = 0;
  epoll_ctl(ep, EPOLL_CTL_MOD, ready, &e);
  pthread_create(t, 0, wait_one, 0);
  nap(30);
  e.events = EPOLLIN, e.data.u32 = 8;
  T(epoll_ctl(ep, EPOLL_CTL_MOD, ready, &e));
  pthread_join(t[0], &r);
  say("woke with %ld\n", (long)r);
  epoll_ctl(ep, EPOLL_CTL_DEL, ready, 0);
  for (int i = 0; i < 8; i++) {
    work[i] = eventfd(0, EFD_NONBLOCK);
    e = (struct epoll_event){.events = EPOLLIN | EPOLLONESHOT, .data.u32 = i};
    epoll_ctl(ep, EPOLL_CTL_ADD, work[i], &e);
  }
  for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, worker, 0);
  for (int round = 0; round < 50; round++)
    for (int i = 0; i < 8; i++) eventfd_write(work[i], 1);
  for (int i = 0; i < 500; i++) {
    int sum = 0;
    for (int k = 0; k < 8; k++) sum += taken[k];
    if (sum == 400) break;
    nap(2);
  }
  for (int i = 0; i < 8; i++) say("%d ", taken[i]);
  say("\n");
  done = eventfd(4, EFD_NONBLOCK | EFD_SEMAPHORE);
  e = (struct epoll_event){.events = EPOLLIN, .data.u32 = 99};
  epoll_ctl(ep, EPOLL_CTL_ADD, done, &e);
  for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
  say("all joined\n");
  return 0;
}
