// cgroup_namespaces(7): paths from the namespace's root on, a mount that shows no more than it, and nsdelegate's border.
#include "cgroup.h"
#include <sys/mount.h>

// The line of /proc/PID/cgroup of the second hierarchy.
static const char *path_of(const char *file) {
  static char line[PATH_MAX];
  FILE *f = fopen(file, "r");
  while (f && fgets(line, sizeof line, f))
    if (!strncmp(line, "0::", 3)) break;
  if (f) fclose(f);
  line[strcspn(line, "\n")] = 0;
  return line;
}

int main(void) {
  cgroup_begin();
  MUST(mkdir("a", 0755)), MUST(mkdir("a/in", 0755)), MUST(mkdir("b", 0755));
  pid_t other = sleeper("b/cgroup.procs");
  pid_t p = CHILD({
    set_pid("a/cgroup.procs", getpid());
    MUST(unshare(CLONE_NEWCGROUP));
    say("own %s\n", path_of("/proc/self/cgroup"));
    set_pid("a/in/cgroup.procs", getpid());
    say("own %s\n", path_of("/proc/self/cgroup"));
    char file[64];
    snprintf(file, sizeof file, "/proc/%d/cgroup", other);
    say("other %s\n", path_of(file));
    MUST(unshare(CLONE_NEWNS));
    MUST(mount(0, "/", 0, MS_REC | MS_PRIVATE, 0));
    MUST(mkdir("/tmp/cgroup-here", 0755));
    MUST(mount("none", "/tmp/cgroup-here", "cgroup2", 0, 0));
    T(access("/tmp/cgroup-here/in/cgroup.procs", F_OK)), T(access("/tmp/cgroup-here/b", F_OK));
    T(access("/tmp/cgroup-here/cgroup.type", F_OK));
    CHECK(atoi(get("/tmp/cgroup-here/in/cgroup.procs")) == getpid());
    FILE *f = fopen("/proc/self/mountinfo", "r");
    char line[PATH_MAX];
    while (fgets(line, sizeof line, f)) {
      char root[PATH_MAX], at[PATH_MAX];
      if (sscanf(line, "%*d %*d %*s %s %s", root, at) == 2 && !strcmp(at, "/tmp/cgroup-here")) say("root %s\n", root);
    }
    fclose(f);
    SET("/tmp/cgroup-here/cgroup.procs", "0");
    say("own %s\n", path_of("/proc/self/cgroup"));
    MUST(umount("/tmp/cgroup-here")), MUST(rmdir("/tmp/cgroup-here"));
  });
  REAP(p);
  end(other);
  T(rmdir("a/in")), T(rmdir("a")), T(rmdir("b")), T(chdir("/")), T(rmdir(top));
  return 0;
}
