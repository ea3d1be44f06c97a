// chroot(2): the new root holds '..', absolute paths and links; who may.
#include "t.h"
int main(void) {
  mkdir("jail", 0755);
  mkdir("jail/in", 0755);
  put("jail/file", "inside");
  put("file", "outside");
  symlink("/file", "jail/abs");
  symlink("../../file", "jail/in/rel");
  T(chroot("none"));
  T(chroot("file"));
  int out = MUST(open(".", O_RDONLY));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(chroot("jail"));
  });
  APART({
    T(chroot("jail"));
    T(access("file", F_OK)); // the working directory stays
    print_file("file");
    print_file("/file");
    T(chdir("/"));
    print_file("abs");
    print_file("in/rel");
    print_file("../file");
    print_file("../../../../file");
    T(access("/proc/self", F_OK));
    char cwd[PATH_MAX];
    say("%s\n", getcwd(cwd, sizeof cwd));
    T(chdir("in"));
    say("%s\n", getcwd(cwd, sizeof cwd));
    // A descriptor from outside leads out.
    T(fchdir(out));
    print_file("file");
    T(syscall(SYS_getcwd, cwd, sizeof cwd) > 0);
    say("%.13s\n", cwd);
    T(chroot("."));
    REAP(CHILD(execl("/none", "x", (char *)0); say("%s\n", err(errno))));
  });
  // Inherited by fork, not leaked to the parent.
  print_file("file");
  return 0;
}
