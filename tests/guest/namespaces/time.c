// time_namespaces(7): offsets, when they may be set, and every clock that counts by them
#include "ns.h"
#include <sys/timerfd.h>
#include <sys/sysinfo.h>

static double on(clockid_t clock) {
  struct timespec t;
  MUST(clock_gettime(clock, &t));
  return t.tv_sec + t.tv_nsec / 1e9;
}
static double by_call(clockid_t clock) {
  struct timespec t;
  MUST(syscall(SYS_clock_gettime, clock, &t));
  return t.tv_sec + t.tv_nsec / 1e9;
}
static bool near(double a, double b) { return a - b < 2 && b - a < 2; }

static double monotonic, boottime, realtime;

static void inside(double m, double b) {
  CHECK(near(on(CLOCK_MONOTONIC) - monotonic, m));
  CHECK(near(by_call(CLOCK_MONOTONIC) - monotonic, m));
  CHECK(near(on(CLOCK_MONOTONIC_COARSE) - monotonic, m));
  CHECK(near(on(CLOCK_MONOTONIC_RAW) - on(CLOCK_MONOTONIC), 0));
  CHECK(near(on(CLOCK_BOOTTIME) - boottime, b));
  CHECK(near(on(CLOCK_REALTIME), realtime));
  CHECK(near(atof(get("/proc/uptime")), on(CLOCK_BOOTTIME)));
  struct sysinfo info;
  sysinfo(&info);
  CHECK(near(info.uptime, on(CLOCK_BOOTTIME)));
}

int main(void) {
  monotonic = on(CLOCK_MONOTONIC);
  boottime = on(CLOCK_BOOTTIME);
  realtime = on(CLOCK_REALTIME);
  say("%s", get("/proc/self/timens_offsets"));
  T(tell("/proc/self/timens_offsets", "monotonic 1 0"));
  APART({
    T(unshare(CLONE_NEWTIME));
    T(tell("/proc/self/timens_offsets", "monotonic"));
    T(tell("/proc/self/timens_offsets", "realtime 1 0"));
    T(tell("/proc/self/timens_offsets", "monotonic 1 1000000000"));
    T(tell("/proc/self/timens_offsets", "monotonic -9999999 0"));
    T(tell("/proc/self/timens_offsets", "monotonic 86400 500000000\nboottime 604800 0\n"));
    T(tell("/proc/self/timens_offsets", "7 604801 0"));
    say("%s", get("/proc/self/timens_offsets"));
    // The caller stays where it is.
    CHECK(near(on(CLOCK_MONOTONIC), monotonic));
    pid_t child = CHILD({
      inside(86400.5, 604801);
      T(tell("/proc/self/timens_offsets", "monotonic 1 0"));
      struct timespec until;
      clock_gettime(CLOCK_MONOTONIC, &until);
      double before = on(CLOCK_MONOTONIC);
      until.tv_nsec += 20000000;
      if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
      T(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, 0));
      double slept = on(CLOCK_MONOTONIC) - before;
      CHECK(slept > 0.015 && slept < 5);
      int fd = MUST(timerfd_create(CLOCK_BOOTTIME, 0));
      clock_gettime(CLOCK_BOOTTIME, &until);
      until.tv_sec++;
      struct itimerspec when = { .it_value = until };
      MUST(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, 0));
      MUST(timerfd_gettime(fd, &when));
      CHECK(when.it_value.tv_sec <= 1);
      until.tv_sec -= 1000;
      when.it_value = until;
      MUST(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, 0));
      uint64_t count;
      T(read(fd, &count, sizeof count));
      CHECK(count == 1);
      reap(CHILD(inside(86400.5, 604801)));
    });
    REAP(child);
    // Back by the file of another.
    int first = MUST(open("/proc/self/ns/time", O_RDONLY));
    int other = MUST(open("/proc/self/ns/time_for_children", O_RDONLY));
    T(setns(other, CLONE_NEWTIME));
    inside(86400.5, 604801);
    T(setns(first, CLONE_NEWTIME));
    inside(0, 0);
  });
  APART({
    become(1000);
    T(unshare(CLONE_NEWTIME));
    T(unshare(CLONE_NEWUSER | CLONE_NEWTIME));
    T(tell("/proc/self/timens_offsets", "monotonic 5 0"));
  });
}
