// cgroups(7): groups are made and removed, tasks move between them, fork inherits, zombies stay where they died, and what
// is removed answers ENODEV.
#include "cgroup.h"

static unsigned mode(const char *file) {
  struct stat s;
  return stat(file, &s) ? 0 : s.st_mode;
}

int main(void) {
  cgroup_begin();
  say("files\n");
  static const char *const files[] = {"cgroup.procs", "cgroup.threads", "cgroup.controllers", "cgroup.subtree_control",
    "cgroup.events", "cgroup.type", "cgroup.freeze", "cgroup.kill", "cgroup.max.depth", "cgroup.max.descendants",
    "cgroup.stat", "cpu.stat"};
  for (unsigned i = 0; i < sizeof files / sizeof *files; i++) say("%s %o\n", files[i], mode(files[i]));
  static const char *const inner[] = {"cgroup.type", "cgroup.events", "cgroup.freeze", "cgroup.kill"};
  for (unsigned i = 0; i < 4; i++) {
    char path[64];
    snprintf(path, sizeof path, "../%s", inner[i]);
    say("root's %s: %s\n", inner[i], get(path));
  }
  GET("cgroup.type"), GET("cgroup.events"), GET("cgroup.freeze"), GET("cgroup.max.depth"), GET("cgroup.procs");
  GET("cgroup.kill");
  struct stat s;
  MUST(stat(".", &s));
  say("directory %o links %d\n", s.st_mode, (int)s.st_nlink);

  say("names\n");
  T(mkdir("a", 0700)), T(mkdir("a", 0755)), T(mkdir("cgroup.procs", 0755)), T(mkdir("new\nline", 0755));
  say("a %o\n", mode("a"));
  T(mknod("x", S_IFREG | 0644, 0)), T(open("y", O_CREAT | O_RDWR, 0644)), T(symlink("a", "l"));
  T(rename("a", "b")), T(unlink("cgroup.procs")), T(rmdir("cgroup.procs")), T(link("cgroup.procs", "z"));
  T(chmod("a/cgroup.procs", 0666)), T(chown("a/cgroup.procs", 1, 1));
  say("a/cgroup.procs %o\n", mode("a/cgroup.procs"));
  T(truncate("a/cgroup.procs", 0));
  MUST(stat(".", &s));
  say("links %d\n", (int)s.st_nlink);

  say("writes\n");
  SET("a/cgroup.procs", "x"), SET("a/cgroup.procs", "-1"), SET("a/cgroup.procs", ""), SET("a/cgroup.procs", "99999999");
  SET("a/cgroup.procs", "4194303"), SET("a/cgroup.procs", "1 2"), SET("a/cgroup.threads", "x");
  SET("cgroup.subtree_control", "+nothing"), SET("cgroup.subtree_control", "nothing"), SET("cgroup.subtree_control", "");
  SET("cgroup.freeze", "2"), SET("cgroup.freeze", "x"), SET("cgroup.freeze", ""), SET("cgroup.freeze", " 0 \n");
  SET("cgroup.kill", "0"), SET("cgroup.kill", "2"), SET("cgroup.kill", "x"), SET("cgroup.events", "1");
  SET("cgroup.max.depth", "-1"), SET("cgroup.max.depth", "x"), SET("cgroup.max.depth", "99999999999"), SET("cgroup.max.depth", "0x10");
  GET("cgroup.max.depth");
  SET("cgroup.max.depth", "max\n");
  SET("cgroup.type", "domain"), SET("cgroup.type", "x");
  char large[5000];
  memset(large, ' ', sizeof large);
  int fd = MUST(open("cgroup.freeze", O_WRONLY));
  T(write(fd, large, sizeof large));
  close(fd);

  say("limits of the hierarchy\n");
  SET("cgroup.max.depth", "1");
  T(mkdir("b", 0755)), T(mkdir("a/c", 0755));
  SET("cgroup.max.depth", "max"), SET("cgroup.max.descendants", "3");
  T(mkdir("a/c", 0755)), T(mkdir("a/d", 0755)), T(mkdir("b/e", 0755));
  say("%.17s\n", get("cgroup.stat"));
  SET("cgroup.max.descendants", "0");
  T(mkdir("e", 0755));
  SET("cgroup.max.descendants", "max");
  T(rmdir("a/c")), T(rmdir("b"));

  say("members\n");
  pid_t p = sleeper("a/cgroup.procs");
  say("child in %s, this one %s\n", place(p), place(getpid()));
  CHECK(atoi(get("a/cgroup.procs")) == p), CHECK(atoi(get("a/cgroup.threads")) == p);
  GET("cgroup.procs"), GET("a/cgroup.events"), GET("cgroup.events");
  T(rmdir("a")), T(rmdir("."));
  MUST(mkdir("a/in", 0755));
  set_pid("a/in/cgroup.procs", p);
  GET("a/cgroup.procs"), GET("a/cgroup.events");
  T(rmdir("a"));
  end(p);
  GET("a/cgroup.events"), GET("a/in/cgroup.events");
  T(rmdir("a"));

  say("fork\n");
  APART({
    SET("a/cgroup.procs", "0");
    say("in %s\n", place(getpid()));
    APART(say("its child %s\n", place(getpid())));
    SET("a/in/cgroup.threads", "0");
    say("in %s\n", place(getpid()));
  });
  GET("a/cgroup.events");

  say("zombies\n");
  p = sleeper("a/in/cgroup.procs");
  kill(p, SIGKILL);
  siginfo_t info;
  MUST(waitid(P_PID, p, &info, WEXITED | WNOWAIT));
  GET("a/in/cgroup.procs"), GET("a/in/cgroup.events");
  say("zombie in %s\n", place(p));
  int events = MUST(open("a/in/cgroup.events", O_RDONLY)), procs = MUST(open("a/in/cgroup.procs", O_RDWR));
  int directory = MUST(open("a/in", O_RDONLY | O_DIRECTORY));
  T(rmdir("a/in"));
  say("zombie in %s\n", place(p));
  REAP(p);
  char text[64];
  T(read(events, text, sizeof text)), T(read(procs, text, sizeof text)), T(write(procs, "0", 1));
  T(openat(directory, "cgroup.procs", O_RDONLY)), T(mkdirat(directory, "x", 0755)), T(access("a/in", F_OK));
  close(events), close(procs), close(directory);

  T(rmdir("a")), T(chdir("/")), T(rmdir(top));
  return 0;
}
