// cgroups(7), the io controller: bytes and transfers are counted by device and by group, io.max keeps a group to its rates
// while others read on, io.weight divides a device, and what waits shows as pressure.
#include "../cgroup/cgroup.h"
#include <sys/sysmacros.h>

static char device[32];
static const char *const file = "/proc/self/exe";

// A number in the line of io.stat that is about the device.
static long counted(const char *group, const char *key) {
  char path[128], text[4096], wanted[48];
  snprintf(path, sizeof path, "%s/io.stat", group);
  snprintf(text, sizeof text, "%s", get(path));
  snprintf(wanted, sizeof wanted, "%s ", device);
  char *line = strstr(text, wanted);
  if (!line) return 0;
  char *end = strchr(line, '|');
  char *at = strstr(line, key);
  return at && at < end ? atol(at + strlen(key)) : -1;
}
static void limit(const char *group, const char *what) {
  char path[128], text[128];
  snprintf(path, sizeof path, "%s/io.max", group);
  snprintf(text, sizeof text, "%s %s", device, what);
  int error = set(path, text);
  if (error) say("%s < %s: %s\n", path, text, err(error));
}
static int refused(const char *text) { return set("a/io.max", text); }

// Reads so many bytes in pieces of a size, from the start again and again; milliseconds.
static double reads(long bytes, int size) {
  char *buffer = malloc(size);
  int fd = MUST(open(file, O_RDONLY));
  double start = now();
  while (bytes > 0) bytes -= MUST(pread(fd, buffer, bytes < size ? bytes : size, 0));
  close(fd);
  free(buffer);
  return now() - start;
}

int main(void) {
  cgroup_begin();
  CHECK(set("cgroup.subtree_control", "+io") == 0);
  MUST(mkdir("a", 0755)), MUST(mkdir("b", 0755));
  struct stat s;
  MUST(stat(file, &s));
  snprintf(device, sizeof device, "%d:%d", major(s.st_dev), minor(s.st_dev));
  char text[64];

  CHECK(!strcmp(get("a/io.max"), "")), CHECK(!strcmp(get("a/io.stat"), "")), CHECK(!strcmp(get("a/io.weight"), "default 100|"));
  CHECK(refused("x") == EINVAL), CHECK(refused("99:99 rbps=5") == ENODEV), CHECK(refused("99:99") == ENODEV);
  snprintf(text, sizeof text, "%s rbps=0", device), CHECK(refused(text) == ERANGE);
  snprintf(text, sizeof text, "%s rbps=x", device), CHECK(refused(text) == EINVAL);
  snprintf(text, sizeof text, "%s speed=5", device), CHECK(refused(text) == EINVAL);
  limit("a", "rbps=1048576 wiops=7");
  snprintf(text, sizeof text, "%s rbps=1048576 wbps=max riops=max wiops=7|", device), CHECK(!strcmp(get("a/io.max"), text));
  limit("a", "wiops=max");
  snprintf(text, sizeof text, "%s rbps=1048576 wbps=max riops=max wiops=max|", device), CHECK(!strcmp(get("a/io.max"), text));
  limit("a", "rbps=max");
  CHECK(!strcmp(get("a/io.max"), ""));
  CHECK(set("a/io.weight", "0") == EINVAL), CHECK(set("a/io.weight", "10001") == EINVAL), CHECK(set("a/io.weight", "x") == EINVAL);
  CHECK(set("a/io.weight", "default 50") == 0), CHECK(!strcmp(get("a/io.weight"), "default 50|"));
  snprintf(text, sizeof text, "%s 200", device), CHECK(set("a/io.weight", text) == 0);
  snprintf(text, sizeof text, "default 50|%s 200|", device), CHECK(!strcmp(get("a/io.weight"), text));
  snprintf(text, sizeof text, "%s default", device), CHECK(set("a/io.weight", text) == 0), CHECK(set("a/io.weight", "100") == 0);
  CHECK(!strcmp(get("a/io.weight"), "default 100|"));

  // counted, in the group and at the root
  APART(set_pid("a/cgroup.procs", getpid()); reads(40000, 4000));
  CHECK(counted("a", "rbytes=") == 40000), CHECK(counted("a", "rios=") == 10), CHECK(counted("a", "wbytes=") == 0);
  CHECK(counted("..", "rbytes=") >= 40000), CHECK(counted("b", "rbytes=") == 0);

  // bytes a second, and transfers a second, a tenth of a second's worth at once
  limit("a", "rbps=200000");
  APART(set_pid("a/cgroup.procs", getpid()); double ms = reads(100000, 5000); CHECK(ms > 380 && ms < 1000));
  // a tighter one above, others not concerned
  limit("a", "rbps=max riops=50");
  CHECK(set("a/cgroup.subtree_control", "+io") == 0);
  MUST(mkdir("a/in", 0755));
  APART(set_pid("a/in/cgroup.procs", getpid()); double ms = reads(30000, 1000); CHECK(ms > 480 && ms < 1500));
  CHECK(counted("a/in", "rios=") == 30);
  APART(set_pid("b/cgroup.procs", getpid()); CHECK(reads(30000, 1000) < 200));
  // two tasks have one rate between them
  pid_t pair[2];
  double start = now();
  for (int i = 0; i < 2; i++) pair[i] = CHILD(set_pid("a/in/cgroup.procs", getpid()); reads(15000, 1000));
  for (int i = 0; i < 2; i++) reap(pair[i]);
  CHECK(now() - start > 480);
  // what waits is killed at once, and shows
  limit("a", "riops=2");
  pid_t p = CHILD(set_pid("a/in/cgroup.procs", getpid()); reads(100000, 1000));
  nap(300);
  say("waits in %s: yes\n", state_of(p) == 'D' ? "state D" : "another state");
  unsigned long long stalled = 0;
  sscanf(strstr(get("a/io.pressure"), "total="), "total=%llu", &stalled);
  CHECK(stalled > 200000);
  start = now();
  end(p);
  CHECK(now() - start < 100);
  limit("a", "riops=max");

  // shares by weight, of two that read all the time
  MUST(rmdir("a/in")), CHECK(set("a/cgroup.subtree_control", "-io") == 0);
  CHECK(set("b/io.weight", "300") == 0);
  static const char *const procs[] = {"a/cgroup.procs", "b/cgroup.procs"};
  for (int i = 0; i < 2; i++) pair[i] = CHILD(set_pid(procs[i], getpid()); for (;;) reads(1 << 20, 8192));
  nap(300);
  long a = counted("a", "rbytes="), b = counted("b", "rbytes=");
  nap(1500);
  a = counted("a", "rbytes=") - a, b = counted("b", "rbytes=") - b;
  if (!CHECK((double)b / a > 2.5 && (double)b / a < 3.5)) say("%g\n", (double)b / a);
  // and of one that is alone, all of it
  end(pair[1]);
  nap(50);
  long before = counted("a", "rbytes=");
  nap(500);
  CHECK(counted("a", "rbytes=") - before > a / 2);
  end(pair[0]);
  return 0;
}
