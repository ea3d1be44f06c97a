/* One ready descriptor among 1,000. */
#include "measure.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

enum { COUNT = 1000 };
static int fds[COUNT];
static void open_all(void) {
  struct rlimit limit = {4096, 4096};
  setrlimit(RLIMIT_NOFILE, &limit);
  for (int i = 0; i < COUNT; i++) must((fds[i] = eventfd(0, EFD_NONBLOCK)) > 0, "eventfd");
}
static void ready(long i) {
  uint64_t one = 1;
  must(write(fds[i * 7 % COUNT], &one, 8) == 8, "write");
}
static void take(int fd) {
  uint64_t value;
  must(read(fd, &value, 8) == 8, "read");
}
static uint64_t epoll(long n) {
  static int epfd;
  if (!epfd) {
    open_all();
    epfd = epoll_create1(0);
    for (int i = 0; i < COUNT; i++) {
      struct epoll_event event = {EPOLLIN, {.fd = fds[i]}};
      must(epoll_ctl(epfd, EPOLL_CTL_ADD, fds[i], &event) == 0, "epoll_ctl");
    }
  }
  struct epoll_event event;
  TIMED((ready(i_), must(epoll_wait(epfd, &event, 1, -1) == 1, "epoll_wait"), take(event.data.fd)));
}
static uint64_t poll_(long n) {
  static struct pollfd list[COUNT];
  if (!list[0].fd) {
    open_all();
    for (int i = 0; i < COUNT; i++) list[i] = (struct pollfd){fds[i], POLLIN, 0};
  }
  TIMED((ready(i_), must(poll(list, COUNT, -1) == 1, "poll"), take(fds[i_ * 7 % COUNT])));
}

int main(int argc, char **argv) {
  return choose((struct row[]){{"epoll", epoll}, {"poll", poll_}, {0}}, argc, argv);
}
