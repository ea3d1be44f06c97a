// sysinfo, sysconf, getloadavg, /proc/meminfo: they agree and make sense.
#include "t.h"
#include <sys/sysinfo.h>
static long meminfo(const char *name) {
  FILE *f = fopen("/proc/meminfo", "r");
  char line[200];
  long v = -1;
  size_t n = strlen(name);
  while (fgets(line, sizeof line, f))
    if (!strncmp(line, name, n) && line[n] == ':') v = atol(line + n + 1);
  fclose(f);
  return v;
}
int main(void) {
  struct sysinfo s;
  T(sysinfo(&s));
  CHECK(s.totalram > 0 && s.freeram <= s.totalram && s.mem_unit >= 1);
  CHECK(s.procs >= 1);
  CHECK(s.uptime >= 0);
  T(sysinfo((void *)16));
  long total = meminfo("MemTotal"), free_ = meminfo("MemFree"), avail = meminfo("MemAvailable");
  CHECK(total > 0 && free_ > 0 && free_ <= total && avail > 0 && avail <= total);
  CHECK(llabs((long long)(s.totalram * s.mem_unit / 1024) - total) < 1024);
  CHECK(meminfo("SwapTotal") >= 0 && meminfo("Cached") >= 0 && meminfo("Buffers") >= 0);
  T(sysconf(_SC_PAGESIZE));
  T(sysconf(_SC_CLK_TCK));
  CHECK(sysconf(_SC_PHYS_PAGES) > 1000);
  CHECK(sysconf(_SC_NPROCESSORS_CONF) >= 1);
  CHECK(sysconf(_SC_OPEN_MAX) >= 256);
  CHECK(sysconf(_SC_ARG_MAX) >= 131072);
  double l[3];
  CHECK(getloadavg(l, 3) == 3 && l[0] >= 0);
  FILE *f = fopen("/proc/uptime", "r");
  double up, idle;
  CHECK(fscanf(f, "%lf %lf", &up, &idle) == 2 && up > 0);
  f = fopen("/proc/loadavg", "r");
  int run, all, last;
  CHECK(fscanf(f, "%lf %lf %lf %d/%d %d", &l[0], &l[1], &l[2], &run, &all, &last) == 6 && run >= 1 && all >= run);
  f = fopen("/proc/stat", "r");
  char line[1000];
  int cpu = 0, btime = 0, ctxt = 0;
  while (fgets(line, sizeof line, f)) {
    if (!strncmp(line, "cpu ", 4)) cpu = 1;
    if (!strncmp(line, "btime ", 6)) btime = atol(line + 6) > 1000000000;
    if (!strncmp(line, "ctxt ", 5)) ctxt = 1;
  }
  CHECK(cpu && btime && ctxt);
  f = fopen("/proc/cpuinfo", "r");
  int n = 0;
  while (fgets(line, sizeof line, f)) n += !strncmp(line, "processor", 9);
  CHECK(n >= 1);
  CHECK(access("/proc/version", R_OK) == 0);
  CHECK(access("/proc/cmdline", R_OK) == 0);
  return 0;
}
