// seccomp_unotify(2): calls that another process answers: receive, send, continue, valid, descriptors, ends of either side.
#include "s.h"
#include <poll.h>
#include <pthread.h>
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND 2
#endif
#define SET_FLAGS _IOW('!', 4, uint64_t)
#define LISTEN SECCOMP_FILTER_FLAG_NEW_LISTENER
#define CALL SYS_getsid
static struct seccomp_notif got;
static long receive(int l) {
  memset(&got, 0, sizeof got);
  return ioctl(l, SECCOMP_IOCTL_NOTIF_RECV, &got);
}
static long reply(int l, uint64_t id, int64_t val, int error, unsigned flags) {
  struct seccomp_notif_resp r = {id, val, error, flags};
  return ioctl(l, SECCOMP_IOCTL_NOTIF_SEND, &r);
}
static long add(int l, uint64_t id, unsigned flags, int src, int newfd, unsigned newflags) {
  struct seccomp_notif_addfd a = {id, flags, src, newfd, newflags};
  return ioctl(l, SECCOMP_IOCTL_NOTIF_ADDFD, &a);
}
static long valid(int l, uint64_t id) { return ioctl(l, SECCOMP_IOCTL_NOTIF_ID_VALID, &id); }
static void polled(int l) {
  struct pollfd p = {l, POLLIN | POLLOUT, 0};
  int n = poll(&p, 1, 0);
  say("poll %d:%s%s%s\n", n, p.revents & POLLIN ? " in" : "", p.revents & POLLOUT ? " out" : "", p.revents & POLLHUP ? " hup" : "");
}
static volatile int caught;
static void on_usr1(int s UNUSED) { caught++; }
static void *in_thread(void *l) {
  receive((long)l);
  reply((long)l, got.id, 5, 0, 0);
  return 0;
}
int main(void) {
  int l = MUST(answer(LISTEN, CALL, SECCOMP_RET_USER_NOTIF));
  char name[64] = {0};
  char path[64];
  sprintf(path, "/proc/self/fd/%d", l);
  readlink(path, name, sizeof name - 1);
  say("%s, cloexec %d\n", name, fcntl(l, F_GETFD));
  T(answer(LISTEN, CALL, SECCOMP_RET_USER_NOTIF));
  polled(l);
  T(reply(l, 1, 0, 0, 0));
  T(reply(l, 1, 1, 0, 1));
  T(reply(l, 1, 0, 1, 1));
  T(reply(l, 1, 0, 0, 2));
  T(valid(l, 1));
  T(ioctl(l, SECCOMP_IOCTL_NOTIF_RECV, 0));
  memset(&got, 1, sizeof got);
  T(ioctl(l, SECCOMP_IOCTL_NOTIF_RECV, &got));
  T(ioctl(l, _IO('!', 9)));
  T(ioctl(l, SET_FLAGS, 1UL));
  T(ioctl(l, SET_FLAGS, 0UL));
  T(ioctl(l, SET_FLAGS, 2UL));
  T(read(l, name, 1));

  // An answer, an errno, and the call itself.
  pid_t a = CHILD(T(syscall(CALL, 0x123456789aul)); T(syscall(CALL, 1)); CHECK(syscall(CALL, 0) > 0); T(syscall(CALL, 2)););
  T(receive(l));
  CHECK(got.pid == (uint32_t)a && got.flags == 0 && got.data.nr == CALL && got.data.arch == ARCH && got.data.args[0] == 0x123456789aul && got.data.instruction_pointer != 0);
  uint64_t first = got.id;
  polled(l);
  T(valid(l, first));
  T(valid(l, first + 1));
  T(reply(l, first + 1, 0, 0, 0));
  MUST(reply(l, first, 77, 0, 0));
  T(receive(l));
  CHECK(got.id == first + 1);
  MUST(reply(l, got.id, 77, -EXDEV, 0));
  T(receive(l));
  MUST(reply(l, got.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
  T(receive(l));
  MUST(reply(l, got.id, 0, -4095, 0));
  REAP(a);
  T(valid(l, got.id));

  // Descriptors.
  int null = open("/dev/null", O_RDONLY);
  pid_t b = CHILD({
    for (int i = 0; i < 3; i++) {
      long fd = syscall(CALL, 0);
      say("descriptor %ld, flags %d\n", fd, fcntl(fd, F_GETFD));
    }
    say("77: flags %d\n", fcntl(77, F_GETFD));
  });
  receive(l);
  T(add(l, got.id, 4, null, 0, 0));
  T(add(l, got.id, 0, null, 0, O_NONBLOCK));
  T(add(l, got.id, 0, null, 5, 0));
  T(add(l, got.id, 0, 99, 0, 0));
  T(add(l, got.id + 1, 0, null, 0, 0));
  struct { struct seccomp_notif_addfd a; uint64_t more; } longer = {{got.id, 0, null, 0, 0}, 1};
  T(ioctl(l, _IOC(_IOC_WRITE, '!', 3, sizeof longer), &longer));
  T(ioctl(l, _IOC(_IOC_WRITE, '!', 3, 8), &longer));
  longer.more = 0;
  OK(ioctl(l, _IOC(_IOC_WRITE, '!', 3, sizeof longer), &longer));
  long fd = add(l, got.id, 0, null, 0, O_CLOEXEC);
  CHECK(fd > null);
  MUST(reply(l, got.id, fd, 0, 0));
  receive(l);
  T(add(l, got.id, SECCOMP_ADDFD_FLAG_SETFD, null, 77, O_CLOEXEC) == 77);
  T(add(l, got.id, SECCOMP_ADDFD_FLAG_SETFD, null, 100000000, 0));
  MUST(reply(l, got.id, 77, 0, 0));
  receive(l);
  long sent = add(l, got.id, SECCOMP_ADDFD_FLAG_SEND, null, 0, 0);
  long again = reply(l, got.id, 77, 0, 0);
  REAP(b);
  say("sent %d, again %ld\n", sent > null, again);
  T(add(l, got.id, 0, null, 0, 0));

  // Several at once, answered out of order.
  pid_t many[3];
  for (int i = 0; i < 3; i++) many[i] = CHILD(_exit(syscall(CALL, i)));
  uint64_t ids[3];
  for (int i = 0; i < 3; i++) receive(l), ids[got.data.args[0]] = got.id;
  for (int i = 2; i >= 0; i--) MUST(reply(l, ids[i], 40 + i, 0, 0));
  for (int i = 0; i < 3; i++) say("%s\n", status_text(reap(many[i])));

  // Signals: a handler interrupts the wait, with SA_RESTART the call is made anew; SIGKILL ends it.
  for (int restart = 0; restart < 2; restart++) {
    pid_t c = CHILD({
      struct sigaction s = {.sa_handler = on_usr1, .sa_flags = restart ? SA_RESTART : 0};
      sigaction(SIGUSR1, &s, 0);
      T(syscall(CALL, 0));
      say("caught %d\n", caught);
    });
    T(receive(l));
    uint64_t id = got.id;
    kill(c, SIGUSR1);
    if (restart) {
      T(receive(l));
      CHECK(got.id != id);
      T(valid(l, id));
      MUST(reply(l, got.id, 3, 0, 0));
    } else nap(50);
    REAP(c);
    T(reply(l, id, 3, 0, 0));
  }
  pid_t d = CHILD(syscall(CALL, 0));
  T(receive(l));
  kill(d, SIGKILL);
  REAP(d);
  T(reply(l, got.id, 0, 0, 0));
  polled(l);
  // A child that was asked about and is gone before anybody looked.
  pid_t e = CHILD(syscall(CALL, 0));
  until(e, 'S');
  polled(l);
  kill(e, SIGKILL);
  REAP(e);
  polled(l);
  T(receive(l));

  // A thread of the same process answers.
  pthread_t t;
  pthread_create(&t, 0, in_thread, (void *)(long)l);
  T(syscall(CALL, 0));
  pthread_join(t, 0);

  // The listener goes: whoever waits and whoever comes gets ENOSYS.
  pid_t f = CHILD(close(l); T(syscall(CALL, 0)));
  until(f, 'S');
  close(l);
  REAP(f);
  T(syscall(CALL, 0));
  APART(int n = answer(LISTEN, SYS_getppid, SECCOMP_RET_USER_NOTIF); CHECK(n > 0));

  // The last task under the filter goes.
  int pair[2];
  pipe(pair);
  APART({
    pid_t g = CHILD({
      int own = answer(LISTEN, SYS_getppid, SECCOMP_RET_USER_NOTIF);
      MUST(own);
      write(pair[1], &own, sizeof own);
      nap(100);
    });
    int theirs;
    read(pair[0], &theirs, sizeof theirs);
    int pidfd = syscall(434, g, 0);
    int mine = syscall(438, pidfd, theirs, 0);
    polled(mine);
    REAP(g);
    polled(mine);
    T(receive(mine));
    T(poll(&(struct pollfd){mine, POLLIN, 0}, 1, 1000));
  });
  // Once received, only a fatal signal ends the wait.
  APART({
    int k = answer(LISTEN | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, SYS_getppid, SECCOMP_RET_USER_NOTIF);
    pid_t h = CHILD({
      struct sigaction s = {.sa_handler = on_usr1};
      sigaction(SIGUSR1, &s, 0);
      T(syscall(SYS_getppid));
      say("caught %d\n", caught);
      T(syscall(SYS_getppid));
      say("caught %d\n", caught);
    });
    until(h, 'S');
    kill(h, SIGUSR1);
    nap(50);
    receive(k);
    kill(h, SIGUSR1);
    nap(50);
    T(valid(k, got.id));
    reply(k, got.id, 9, 0, 0);
    REAP(h);
  });
  return 0;
}
