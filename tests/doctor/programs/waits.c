/* Waiting, and not waiting where one should: sleeps, polls, locks, herds, switches, clocks. */
#include "subject.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

void doze(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, 0);
}
void threads(int count, void *(*run)(void *)) {
  pthread_t ids[16];
  for (long i = 0; i < count; i++) check(!pthread_create(&ids[i], 0, run, (void *)i), "pthread_create");
  for (int i = 0; i < count; i++) pthread_join(ids[i], 0);
}

void sleeps(int wasteful) {
  for (int i = 0; i < (wasteful ? 10 : 1); i++) doze(wasteful ? 10 : 100);
}

/* A child writes one byte after a while. */
int later(long milliseconds) {
  int ends[2];
  check(!pipe(ends), "pipe");
  if (!fork()) {
    doze(milliseconds);
    check(write(ends[1], "x", 1) == 1, "write");
    _exit(0);
  }
  close(ends[1]);
  return ends[0];
}
void timeouts(int wasteful) {
  struct pollfd what = {later(60), POLLIN, 0};
  while (poll(&what, 1, wasteful ? 1 : -1) == 0) continue;
  what.fd = later(1);
  for (int i = 0; i < 2000 && wasteful; i++) poll(&what, 1, 0);
  while (wait(0) > 0) continue;
}
void spins(int wasteful) {
  char byte;
  int fd = later(20);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  struct pollfd what = {fd, POLLIN, 0};
  do
    if (!wasteful) poll(&what, 1, -1);
  while (read(fd, &byte, 1) < 0);
  wait(0);
}

static int quick;
static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t own[16];
/* Holds the lock while others want it. */
void update(pthread_mutex_t *lock) {
  pthread_mutex_lock(lock);
  sched_yield();
  pthread_mutex_unlock(lock);
}
void *updates(void *id) {
  for (int i = 0; i < 200; i++) update(quick ? &own[(long)id] : &shared);
  return 0;
}
void locks(int wasteful) {
  quick = !wasteful;
  for (int i = 0; i < 16; i++) pthread_mutex_init(&own[i], 0);
  threads(4, updates);
}

static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int items, over, waiting;
void *takes(void *id) {
  pthread_mutex_lock(&shared);
  while (!over) {
    waiting++;
    pthread_cond_wait(&filled, &shared);
    waiting--;
    if (items > 0) items--;
  }
  pthread_mutex_unlock(&shared);
  return id;
}
/* Gives out one thing at a time: to all, or to one. */
void *gives(void *id) {
  for (int i = 0; i < 100; i++) {
    while (__atomic_load_n(&waiting, __ATOMIC_RELAXED) < 8) doze(1);
    pthread_mutex_lock(&shared);
    items++;
    pthread_mutex_unlock(&shared);
    if (quick) pthread_cond_signal(&filled);
    else pthread_cond_broadcast(&filled);
    while (__atomic_load_n(&items, __ATOMIC_RELAXED) > 0) sched_yield();
  }
  over = 1;
  pthread_cond_broadcast(&filled);
  return id;
}
void *part(void *id) { return (long)id == 8 ? gives(id) : takes(id); }
void herd(int wasteful) {
  quick = !wasteful;
  threads(9, part);
}

/* Many wait for the same listening socket; one gets each connection. */
void acceptors(int wasteful) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof to;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  check(!bind(listener, (struct sockaddr *)&to, size) && !listen(listener, 64), "listen");
  check(!getsockname(listener, (struct sockaddr *)&to, &size), "getsockname");
  pid_t children[6];
  for (int i = 0; i < 6; i++) {
    if ((children[i] = fork())) continue;
    int set = epoll_create1(0);
    struct epoll_event event = {EPOLLIN | (wasteful ? 0 : EPOLLEXCLUSIVE), {0}};
    epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
      epoll_wait(set, &event, 1, -1);
      int fd = accept(listener, 0, 0);
      if (fd >= 0) close(fd);
    }
  }
  doze(5);
  for (int i = 0; i < 40; i++) {
    char byte;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    check(!connect(fd, (struct sockaddr *)&to, size), "connect");
    check(read(fd, &byte, 1) == 0, "read");
    close(fd);
  }
  for (int i = 0; i < 6; i++) kill(children[i], SIGKILL);
  while (wait(0) > 0) continue;
}

/* Bytes to a child and back, one by one or all at once. */
void switches(int wasteful) {
  static char all[2000];
  int there[2], back[2];
  check(!pipe(there) && !pipe(back), "pipe");
  size_t piece = wasteful ? 1 : sizeof all;
  if (!fork()) {
    close(there[1]);
    ssize_t n;
    while ((n = read(there[0], all, piece)) > 0) check(write(back[1], all, n) == n, "write");
    _exit(0);
  }
  for (size_t done = 0; done < sizeof all; done += piece) {
    check(write(there[1], all, piece) == (ssize_t)piece, "write");
    check(read(back[0], all, piece) > 0, "read");
  }
  close(there[1]);
  wait(0);
}
void *yields(void *id) {
  for (int i = 0; i < (quick ? 2 : 1000); i++) sched_yield();
  return id;
}
void yielding(int wasteful) {
  quick = !wasteful;
  threads(4, yields);
}
void clocks(int wasteful) {
  struct timespec now;
  for (int i = 0; i < 3000; i++) {
    if (wasteful) syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    else clock_gettime(CLOCK_MONOTONIC, &now);
  }
}

int main(int argc, char **argv) {
  static const struct subject subjects[] = {
      {"sleeps", sleeps}, {"timeouts", timeouts}, {"spins", spins},       {"locks", locks}, {"herd", herd}, {"acceptors", acceptors},
      {"switches", switches}, {"yielding", yielding}, {"clocks", clocks}, {0},
  };
  return choose(subjects, argc, argv);
}
