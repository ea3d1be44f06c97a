// /proc/self/mounts and mountinfo agree with the file systems there are; read-only facts.
#include "t.h"
#include <mntent.h>
int main(void) {
  FILE *f = setmntent("/proc/self/mounts", "r");
  CHECK(f != 0);
  int n = 0, root = 0, proc = 0, sys = 0;
  for (struct mntent *m; (m = getmntent(f));) {
    n++;
    if (!strcmp(m->mnt_dir, "/")) root = 1;
    if (!strcmp(m->mnt_dir, "/proc") && !strcmp(m->mnt_type, "proc")) proc = 1;
    if (!strcmp(m->mnt_dir, "/sys") && !strcmp(m->mnt_type, "sysfs")) sys = 1;
  }
  CHECK(n > 2);
  CHECK(root);
  CHECK(proc);
  CHECK(sys);
  f = fopen("/proc/self/mountinfo", "r");
  char line[1000];
  int k = 0, good = 1;
  while (fgets(line, sizeof line, f)) {
    int id, parent, maj, min;
    char a[300], b[300];
    good &= sscanf(line, "%d %d %d:%d %299s %299s", &id, &parent, &maj, &min, a, b) == 6 && strstr(line, " - ") != 0;
    k++;
  }
  CHECK(k == n);
  CHECK(good);
  f = fopen("/proc/filesystems", "r");
  int tmpfs = 0, p = 0;
  while (fgets(line, sizeof line, f)) {
    if (!strcmp(line, "nodev\ttmpfs\n")) tmpfs = 1;
    if (!strcmp(line, "nodev\tproc\n")) p = 1;
  }
  CHECK(tmpfs && p);
  return 0;
}
