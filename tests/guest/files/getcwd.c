// getcwd(2), chdir(2): lengths, permissions, renames above.
#include "t.h"
int main(void) {
  char b[PATH_MAX], base[PATH_MAX];
  MUST((long)getcwd(base, sizeof base) ? 0 : -1);
  size_t n = strlen(base);
  CHECK(syscall(SYS_getcwd, b, sizeof b) == (long)n + 1);
  T(syscall(SYS_getcwd, b, n));
  CHECK(syscall(SYS_getcwd, b, n + 1) == (long)n + 1);
  T(syscall(SYS_getcwd, b, 0));
  T(syscall(SYS_getcwd, 16, 4096));
  mkdir("a", 0755);
  mkdir("a/b", 0755);
  T(chdir("a/b"));
  T(chdir("none"));
  T(chdir(""));
  put("f", "x");
  T(chdir("f"));
  say("%s\n", getcwd(b, sizeof b) + n);
  T(rename("../../a", "../../z"));
  say("%s\n", getcwd(b, sizeof b) + n);
  T(chdir("."));
  T(chdir(".."));
  say("%s\n", getcwd(b, sizeof b) + n);
  symlink("b", "s");
  T(chdir("s"));
  say("%s\n", getcwd(b, sizeof b) + n);
  // Without permission to search it, one may stay but not come.
  chmod("../b", 0);
  chmod(base, 0755);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(chdir("."));
    T(access("f", F_OK));
    say("%s\n", getcwd(b, sizeof b) ? b + n : err(errno));
    T(chdir("/"));
  });
  chmod("../b", 0755);
  // A long way down.
  chdir(base);
  for (int i = 0; i < 20; i++) {
    char d[210];
    memset(d, 'd', 200);
    d[200] = 0;
    if (mkdir(d, 0755) || chdir(d)) say("%d %s\n", i, err(errno));
  }
  int r = syscall(SYS_getcwd, b, sizeof b);
  say("%s\n", r < 0 ? err(errno) : "fits");
  int d = MUST(open(".", O_RDONLY));
  for (int i = 0; i < 3; i++) chdir("..");
  CHECK(syscall(SYS_getcwd, b, sizeof b) > 3400);
  T(fchdir(d));
  OK(open("x", O_CREAT | O_WRONLY, 0644));
  return 0;
}
