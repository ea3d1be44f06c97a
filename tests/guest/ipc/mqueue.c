// mq_overview(7): priorities, sizes, waiting, time-outs, notification, attributes, errors.
// build: -lrt
#include "t.h"
#include <mqueue.h>
#include <poll.h>
static volatile int told, code;
static void *value;
static void on(int s, siginfo_t *info, void *u) {
  (void)s, (void)u;
  told++;
  code = info->si_code;
  value = info->si_value.sival_ptr;
}
static volatile int called;
static void by_thread(union sigval v) { called = v.sival_int; }
static void receive(mqd_t q, size_t room) {
  char text[9000];
  unsigned prio = 99;
  errno = 0;
  long n = mq_receive(q, text, room, &prio);
  if (n < 0) say("receive: %s\n", err(errno));
  else say("receive: \"%.*s\" at %u\n", (int)n, text, prio);
}
static void show(mqd_t q) {
  struct mq_attr a;
  MUST(mq_getattr(q, &a));
  say("flags %#lx maxmsg %ld msgsize %ld curmsgs %ld\n", a.mq_flags, a.mq_maxmsg, a.mq_msgsize, a.mq_curmsgs);
}
int main(void) {
  mq_unlink("/airside-test");
  T(mq_open("/airside-test", O_RDWR));
  T(mq_open("no-slash", O_RDWR));
  T(mq_open("/a/b", O_RDWR | O_CREAT, 0600, 0));
  struct mq_attr attr = {0, 3, 16, 0, {0}};
  mqd_t q = MUST(mq_open("/airside-test", O_RDWR | O_CREAT | O_EXCL, 0600, &attr));
  T(mq_open("/airside-test", O_RDWR | O_CREAT | O_EXCL, 0600, &attr));
  attr.mq_maxmsg = 0;
  T(mq_open("/airside-other", O_RDWR | O_CREAT, 0600, &attr));
  show(q);
  T(mq_send(q, "low", 3, 1));
  T(mq_send(q, "high", 4, 7));
  T(mq_send(q, "low too", 7, 1));
  show(q);
  struct timespec past = {1, 0}, bad = {1, -1}, soon;
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec += 30000000;
  if (soon.tv_nsec >= 1000000000) soon.tv_nsec -= 1000000000, soon.tv_sec++;
  T(mq_timedsend(q, "x", 1, 0, &past));
  T(mq_timedsend(q, "x", 1, 0, &soon));
  T(mq_timedsend(q, "x", 1, 0, &bad));
  T(mq_send(q, "12345678901234567", 17, 0));
  T(mq_send(q, "x", 1, 32768));
  struct pollfd p = {q, POLLIN | POLLOUT, 0};
  T(poll(&p, 1, 0));
  say("revents %#x\n", p.revents);
  receive(q, 15);
  receive(q, 16);
  receive(q, 16);
  receive(q, 16);
  p.revents = 0;
  T(poll(&p, 1, 0));
  say("revents %#x\n", p.revents);
  struct mq_attr nonblock = {O_NONBLOCK, 0, 0, 0, {0}}, old;
  T(mq_setattr(q, &nonblock, &old));
  show(q);
  receive(q, 16);
  for (int i = 0; i < 3; i++) mq_send(q, "", 0, i);
  T(mq_send(q, "", 0, 0));
  nonblock.mq_flags = 0;
  mq_setattr(q, &nonblock, 0);
  pid_t c = CHILD(_exit(mq_send(q, "waited", 6, 9) == 0 ? 4 : 5));
  until(c, 'S');
  receive(q, 16);
  REAP(c);
  for (int i = 0; i < 3; i++) receive(q, 16);
  c = CHILD(char text[16]; unsigned prio; _exit(mq_receive(q, text, 16, &prio) == 7 ? prio : 9));
  until(c, 'S');
  mq_send(q, "for you", 7, 3);
  REAP(c);
  // notification: once, when the queue was empty
  struct sigaction act = {0};
  act.sa_sigaction = on;
  act.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR1, &act, 0);
  struct sigevent event = {0};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  event.sigev_value.sival_ptr = (void *)0x1234;
  T(mq_notify(q, &event));
  T(mq_notify(q, &event));
  APART(T(mq_notify(q, &event)));
  mq_send(q, "one", 3, 0);
  mq_send(q, "two", 3, 0);
  say("told %d code %d value %p\n", told, code, value);
  receive(q, 16);
  receive(q, 16);
  mq_send(q, "three", 5, 0);
  say("told %d\n", told);
  receive(q, 16);
  T(mq_notify(q, &event));
  T(mq_notify(q, 0));
  mq_send(q, "four", 4, 0);
  say("told %d\n", told);
  receive(q, 16);
  // notification by a thread of the library's
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_notify_function = by_thread;
  event.sigev_value.sival_int = 77;
  T(mq_notify(q, &event));
  mq_send(q, "five", 4, 0);
  for (int i = 0; i < 500 && !called; i++) nap(5);
  say("called with %d\n", called);
  receive(q, 16);
  mqd_t r = MUST(mq_open("/airside-test", O_RDONLY));
  T(mq_send(r, "x", 1, 0));
  T(mq_unlink("/airside-test"));
  T(mq_unlink("/airside-test"));
  T(mq_open("/airside-test", O_RDWR));
  T(mq_send(q, "still", 5, 0));
  receive(r, 16);
  T(mq_close(q));
  T(mq_close(q));
  T(mq_send(1, "x", 1, 0));
  return 0;
}
