// PSI: the files of pressure and their triggers, for the machine and for a group: what is refused, what poll(2) says.
#include "cgroup.h"

static short ready(int fd, int ms) {
  struct pollfd p = {fd, POLLPRI, 0};
  poll(&p, 1, ms);
  return p.revents;
}
// A trigger on an open file: the errno, or 0.
static int trigger(int fd, const char *text) {
  return write(fd, text, strlen(text) + 1) == -1 ? errno : 0;
}
#define TRIGGER(file, text) ({ int fd_ = MUST(open(file, O_RDWR)); \
  say("%s < %s: %s\n", file, text, err(trigger(fd_, text))); close(fd_); })

static void both(const char *file) {
  TRIGGER(file, "some 150000 2000000");
  TRIGGER(file, "full 150000 4000000");
  TRIGGER(file, "some 1000001 1000000");
  TRIGGER(file, "some 0 1000000"), TRIGGER(file, "some 1 0"), TRIGGER(file, "some 100000 10000001");
  TRIGGER(file, "some"), TRIGGER(file, "none 1 2"), TRIGGER(file, "some x 1000000");
  TRIGGER(file, "some 100000 10000000");
  int fd = MUST(open(file, O_RDWR));
  say("no trigger %#x\n", ready(fd, 0));
  say("first %s", err(trigger(fd, "some 2000000 2000000")));
  say(" second %s\n", err(trigger(fd, "some 100000 2000000")));
  say("trigger %#x\n", ready(fd, 0));
  close(fd);
  int read_only = MUST(open(file, O_RDONLY));
  T(write(read_only, "some 1 1", 9));
  close(read_only);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    int own = open(file, O_RDWR);
    say("another user: %s\n", own == -1 ? err(errno) : err(trigger(own, "some 100000 1000000")));
    if (own != -1) close(own), own = MUST(open(file, O_RDWR)), say("two seconds: %s\n", err(trigger(own, "some 100000 2000000")));
  });
}

int main(void) {
  cgroup_begin();
  MUST(mkdir("a", 0755));
  static const char *const files[] = {"cpu.pressure", "io.pressure", "memory.pressure", "cgroup.pressure"};
  for (int i = 0; i < 4; i++) {
    char path[64];
    struct stat s;
    snprintf(path, sizeof path, "a/%s", files[i]);
    MUST(stat(path, &s));
    say("%s %o: %s\n", path, s.st_mode, get(path));
  }
  both("/proc/pressure/memory"), both("a/memory.pressure");
  say("%.50s\n", strstr(get("/proc/pressure/cpu"), "full"));

  SET("a/cgroup.pressure", "0");
  GET("a/cpu.pressure"), GET("a/cgroup.pressure");
  SET("a/cgroup.pressure", "2"), SET("a/cgroup.pressure", "1");
  GET("a/cpu.pressure");

  // More tasks than processors keep each other waiting.
  int fd = MUST(open("a/cpu.pressure", O_RDWR));
  say("trigger %s\n", err(trigger(fd, "some 100000 2000000")));
  pid_t pids[16];
  for (int i = 0; i < 16; i++) {
    pids[i] = CHILD(for (;;) {
    });
    set_pid("a/cgroup.procs", pids[i]);
  }
  say("stalled %#x\n", ready(fd, 10000));
  say("once %#x\n", ready(fd, 0));
  say("again %#x\n", ready(fd, 10000));
  unsigned long long some = 0, full = 0;
  sscanf(strstr(get("a/cpu.pressure"), "total="), "total=%llu", &some);
  sscanf(strstr(strstr(get("a/cpu.pressure"), "full"), "total="), "total=%llu", &full);
  CHECK(some > 100000), CHECK(full < some);
  nap(2500);
  double average;
  sscanf(get("a/cpu.pressure"), "some avg10=%lf", &average);
  CHECK(average > 10);
  for (int i = 0; i < 16; i++) end(pids[i]);
  close(fd);
  MUST(rmdir("a")), MUST(chdir("/")), MUST(rmdir(top));
  return 0;
}
