// /proc/self: stat, status, cmdline, environ, maps, exe, task, limits, and the links.
#include "t.h"
#include <dirent.h>
static char *slurp(const char *p, long *n) {
  static char b[65536];
  int fd = open(p, O_RDONLY);
  *n = 0;
  if (fd < 0) return 0;
  for (long r; (r = read(fd, b + *n, sizeof b - 1 - *n)) > 0;) *n += r;
  b[*n] = 0;
  close(fd);
  return b;
}
static char *field(const char *name) {
  static char v[200];
  long n;
  char *b = slurp("/proc/self/status", &n), *at = b;
  size_t k = strlen(name);
  v[0] = 0;
  while (at) {
    if (!strncmp(at, name, k) && at[k] == ':') {
      sscanf(at + k + 1, " %199[^\n]", v);
      break;
    }
    at = strchr(at, '\n');
    if (at) at++;
  }
  return v;
}
int main(int argc, char **argv) {
  if (argc == 1) {
    execle("/proc/self/exe", "zero", "one arg", "", "three", (char *)0, (char *[]){"A=1", "B=two words", 0});
    return 1;
  }
  long n;
  char *b = slurp("/proc/self/cmdline", &n);
  print_bytes("cmdline", b, n);
  b = slurp("/proc/self/environ", &n);
  print_bytes("environ", b, n);
  b = slurp("/proc/self/comm", &n);
  print_bytes("comm", b, n);
  prctl(PR_SET_NAME, "odd) name (");
  b = slurp("/proc/self/stat", &n);
  int pid, ppid, pgrp, session, tty;
  char state;
  char *after = strrchr(b, ')');
  CHECK(sscanf(b, "%d (", &pid) == 1 && pid == getpid());
  CHECK(after && sscanf(after, ") %c %d %d %d %d", &state, &ppid, &pgrp, &session, &tty) == 5);
  CHECK(state == 'R' && ppid == getppid() && pgrp == getpgrp() && session == getsid(0));
  int fields = 0;
  for (char *t = strtok(after + 2, " "); t; t = strtok(0, " ")) fields++;
  say("fields %d\n", fields + 2);
  say("Name %s\n", field("Name"));
  say("State %.1s\n", field("State"));
  CHECK(atoi(field("Pid")) == getpid() && atoi(field("PPid")) == getppid() && atoi(field("Tgid")) == getpid());
  say("Uid %s\n", field("Uid"));
  say("Gid %s\n", field("Gid"));
  say("Threads %s\n", field("Threads"));
  say("Umask %s\n", field("Umask"));
  say("TracerPid %s\n", field("TracerPid"));
  CHECK(atol(field("VmSize")) > 100 && atol(field("VmRSS")) > 10);
  say("NoNewPrivs %s\n", field("NoNewPrivs"));
  // maps: the stack, the heap, the program with its permissions.
  sbrk(4096);
  b = slurp("/proc/self/maps", &n);
  CHECK(strstr(b, "[stack]") && strstr(b, "[heap]") && strstr(b, "r-xp"));
  unsigned long last = 0;
  int ordered = 1;
  for (char *at = b; *at; at = strchr(at, '\n') + 1) {
    unsigned long lo, hi;
    sscanf(at, "%lx-%lx", &lo, &hi);
    ordered &= lo >= last && hi > lo;
    last = hi;
  }
  CHECK(ordered);
  char l[PATH_MAX] = {0}, me[40];
  readlink("/proc/self", l, sizeof l);
  sprintf(me, "%d", getpid());
  CHECK(!strcmp(l, me));
  memset(l, 0, sizeof l);
  readlink("/proc/thread-self", l, sizeof l);
  sprintf(me, "%d/task/%d", getpid(), getpid());
  CHECK(!strcmp(l, me));
  memset(l, 0, sizeof l);
  readlink("/proc/self/root", l, sizeof l);
  say("root %s\n", l);
  memset(l, 0, sizeof l);
  readlink("/proc/mounts", l, sizeof l);
  say("mounts %s\n", l);
  b = slurp("/proc/self/limits", &n);
  CHECK(strstr(b, "Max open files") && strstr(b, "Max cpu time") && strstr(b, "unlimited"));
  b = slurp("/proc/self/statm", &n);
  long f[7];
  CHECK(sscanf(b, "%ld %ld %ld %ld %ld %ld %ld", f, f + 1, f + 2, f + 3, f + 4, f + 5, f + 6) == 7 && f[0] >= f[1] && f[1] > 0);
  b = slurp("/proc/self/smaps", &n);
  CHECK(strstr(b, "Rss:") && strstr(b, "Pss:") && strstr(b, "Private_Dirty:"));
  b = slurp("/proc/self/io", &n);
  CHECK(b && strstr(b, "rchar:"));
  b = slurp("/proc/self/oom_score_adj", &n);
  print_bytes("oom_score_adj", b, n);
  b = slurp("/proc/self/loginuid", &n);
  // Other processes' directories appear and vanish; a directory of /proc lists them.
  pid_t c = CHILD(for (;;) pause());
  DIR *d = opendir("/proc");
  int found = 0, self = 0;
  for (struct dirent *e; (e = readdir(d));) {
    if (atoi(e->d_name) == c) found = 1;
    if (atoi(e->d_name) == getpid()) self = 1;
  }
  CHECK(found && self);
  sprintf(l, "/proc/%d/cmdline", c);
  int keep = open(l, O_RDONLY);
  kill(c, SIGKILL);
  reap(c);
  T(access(l, F_OK));
  char x[10];
  T(read(keep, x, 10));
  T(open("/proc/self/none", O_RDONLY));
  T(open("/proc/999999", O_RDONLY));
  OK(open("/proc/self/stat", O_WRONLY));
  T(unlink("/proc/self/stat"));
  T(rmdir("/proc/self"));
  int fd = open("/proc/self/stat", O_RDONLY);
  T(lseek(fd, 0, SEEK_SET));
  T(pread(fd, x, 3, 0) == 3);
  b = slurp("/proc/sys/kernel/pid_max", &n);
  CHECK(atoi(b) >= 32768);
  b = slurp("/proc/sys/kernel/ostype", &n);
  print_bytes("ostype", b, n);
  b = slurp("/proc/sys/fs/pipe-max-size", &n);
  print_bytes("pipe-max-size", b, n);
  CHECK((b = slurp("/proc/sys/kernel/random/uuid", &n)) && n == 37);
  CHECK((b = slurp("/proc/sys/kernel/random/boot_id", &n)) && n == 37);
  return 0;
}
