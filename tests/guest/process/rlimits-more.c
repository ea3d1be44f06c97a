// RLIMIT_NICE, RTPRIO, RTTIME, SIGPENDING, MSGQUEUE, LOCKS, CORE and NPROC: each limit bites, with its errno or signal.
// build: -lrt
#include "t.h"
#include <mqueue.h>
#include <sys/file.h>
static int set(int what, long cur, long max) {
  struct rlimit l = {cur, max};
  return setrlimit(what, &l);
}
#define EXPECT(call, error) do { \
    int got_ = (call) == -1 ? errno : 0; \
    if (got_ != (error)) say("%s: %s\n", #call, err(got_)); \
  } while (0)
static void on_cpu(int s) { say("handler %s\n", sig(s)); }
int main(int argc, char **argv) {
  if (argc > 1) return 0;
  // Nice: 20 - nice may be as high as the limit; and real-time priorities. Not every judge may raise a limit: what is
  // expected of both is written here.
  APART({
    if (set(RLIMIT_NICE, 25, 30) == -1) _exit(0);
    set(RLIMIT_RTPRIO, 10, 20);
    MUST(setresuid(31342, 31342, 31342));
    EXPECT(setpriority(PRIO_PROCESS, 0, 5), 0);
    EXPECT(setpriority(PRIO_PROCESS, 0, -5), 0);
    EXPECT(setpriority(PRIO_PROCESS, 0, -6), EACCES);
    EXPECT(setpriority(PRIO_PROCESS, 0, 19), 0);
    EXPECT(set(RLIMIT_NICE, 31, 31), EPERM);
    EXPECT(set(RLIMIT_NICE, 0, 30), 0);
    EXPECT(setpriority(PRIO_PROCESS, 0, 18), EACCES);
    EXPECT(setpriority(PRIO_PROCESS, 0, 19), 0);
    struct sched_param p = {10};
    EXPECT(sched_setscheduler(0, SCHED_FIFO, &p), 0);
    p.sched_priority = 11;
    EXPECT(sched_setscheduler(0, SCHED_FIFO, &p), EPERM);
    EXPECT(sched_setparam(0, &p), EPERM);
    EXPECT(set(RLIMIT_RTPRIO, 0, 20), 0);
    p.sched_priority = 5;
    EXPECT(sched_setparam(0, &p), 0);
    p.sched_priority = 10;
    EXPECT(sched_setparam(0, &p), EPERM);
    EXPECT(sched_setscheduler(0, SCHED_RR, &p), EPERM);
    p.sched_priority = 0;
    EXPECT(sched_setscheduler(0, SCHED_OTHER, &p), 0);
    p.sched_priority = 1;
    EXPECT(sched_setscheduler(0, SCHED_RR, &p), EPERM);
  });
  // Real-time processor time without a pause: SIGXCPU, then SIGKILL. Microseconds.
  struct sched_param one = {1};
  int status = reap(CHILD({
    set(RLIMIT_RTTIME, 100000, 300000);
    sched_setscheduler(0, SCHED_FIFO, &one);
    for (;;) {
    }
  }));
  say("rttime: %s\n", status_text(status));
  status = reap(CHILD({
    signal(SIGXCPU, on_cpu);
    set(RLIMIT_RTTIME, 1000000, 1400000);
    sched_setscheduler(0, SCHED_RR, &one);
    for (;;) {
    }
  }));
  say("rttime with a handler: %s\n", status_text(status));
  status = reap(CHILD({
    set(RLIMIT_RTTIME, 200000, 200000);
    sched_setscheduler(0, SCHED_FIFO, &one);
    struct timespec a, b;
    for (int i = 0; i < 6; i++) {
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
      do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
      while ((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec < 60000000);
      usleep(1000);
    }
    _exit(0);
  }));
  say("rttime with pauses: %s\n", status_text(status));
  // Queued signals are counted for each user, whichever process has them. Only those that a process sends by sigqueue
  // are refused; a standard signal comes through without its siginfo.
  APART({
    MUST(setresuid(31343, 31343, 31343));
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    T(set(RLIMIT_SIGPENDING, 3, 3));
    union sigval v = {0};
    T(sigqueue(getpid(), SIGRTMIN, v));
    T(sigqueue(getpid(), SIGRTMIN, v));
    T(sigqueue(getpid(), SIGRTMIN + 1, v));
    T(sigqueue(getpid(), SIGRTMIN, v));
    T(kill(getpid(), SIGRTMIN + 2));
    T(kill(getpid(), SIGUSR1));
    T(sigqueue(getpid(), SIGUSR2, v));
    T(set(RLIMIT_SIGPENDING, 3, 3));
    reap(CHILD(T(sigqueue(getpid(), SIGRTMIN, v))));
    timer_t timer;
    T(timer_create(CLOCK_MONOTONIC, 0, &timer));
    siginfo_t info;
    struct timespec none = {0, 0};
    int n = 0;
    while (sigtimedwait(&all, &info, &none) > 0) n++;
    say("taken: %d\n", n);
    T(timer_create(CLOCK_MONOTONIC, 0, &timer));
    T(sigqueue(getpid(), SIGRTMIN, v));
    T(sigqueue(getpid(), SIGRTMIN, v));
    T(sigqueue(getpid(), SIGRTMIN, v));
    T(timer_delete(timer));
    T(sigqueue(getpid(), SIGRTMIN, v));
    T(sigqueue(getpid(), SIGRTMIN, v));
  });
  // Bytes in message queues, of each user.
  APART({
    MUST(setresuid(31344, 31344, 31344));
    struct mq_attr attr = {.mq_maxmsg = 8, .mq_msgsize = 1024};
    T(set(RLIMIT_MSGQUEUE, 1000, 10000));
    OK(mq_open("/airside-a", O_CREAT | O_RDWR, 0600, &attr));
    T(set(RLIMIT_MSGQUEUE, 10000, 10000));
    OK(mq_open("/airside-a", O_CREAT | O_RDWR, 0600, &attr));
    OK(mq_open("/airside-b", O_CREAT | O_RDWR, 0600, &attr));
    T(mq_unlink("/airside-a"));
    OK(mq_open("/airside-b", O_CREAT | O_RDWR, 0600, &attr));
    T(mq_unlink("/airside-b"));
  });
  // Locks have not been limited since Linux 2.4.25.
  APART({
    T(set(RLIMIT_LOCKS, 0, 0));
    int fd = MUST(open("l", O_RDWR | O_CREAT, 0644));
    T(flock(fd, LOCK_EX));
    struct flock l = {.l_type = F_WRLCK};
    T(fcntl(fd, F_SETLK, &l));
  });
  // No core without room for one, whatever the pattern says.
  APART({
    T(set(RLIMIT_CORE, 0, 0));
    status = reap(CHILD(abort()));
    say("abort: %s %s\n", status_text(status), WCOREDUMP(status) ? "core" : "no core");
  });
  // Who became another user with too many processes finds out at exec; a fork is refused at once.
  APART({
    pid_t sleeper = CHILD(MUST(setresuid(31345, 31345, 31345)); pause());
    pid_t other = CHILD(MUST(setresuid(31345, 31345, 31345)); pause());
    usleep(20000);
    T(set(RLIMIT_NPROC, 1, 1));
    T(setresuid(31345, 31345, 31345));
    say("fork: %s\n", fork() < 0 ? err(errno) : "done");
    char *args[] = {argv[0], "again", 0};
    say("exec: %s\n", execv("/proc/self/exe", args) < 0 ? err(errno) : "");
    kill(sleeper, SIGKILL);
    kill(other, SIGKILL);
    reap(sleeper);
    reap(other);
    execv("/proc/self/exe", args);
    say("exec again: %s\n", err(errno));
  });
  while (wait(0) > 0) {
  }
  return 0;
}
