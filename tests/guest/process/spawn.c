// posix_spawn(3) with file actions and attributes; execvp's search of PATH.
#include "t.h"
#include <spawn.h>
extern char **environ;
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "cat")) {
    char b[64];
    int n = read(0, b, sizeof b);
    write(1, b, n);
    return 0;
  }
  if (argc > 1) {
    sigset_t set;
    sigprocmask(SIG_BLOCK, 0, &set);
    struct sigaction a;
    sigaction(SIGUSR1, 0, &a);
    say("argv1 %s; mask %d; SIGUSR1 %s; leads a group %d; env %s\n", argv[1], sigismember(&set, SIGTERM),
        a.sa_handler == SIG_IGN ? "ignored" : "default", getpgrp() == getpid(), getenv("V") ? getenv("V") : "-");
    return 4;
  }
  char self[PATH_MAX] = {0};
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  pid_t c;
  int r = posix_spawn(&c, self, 0, 0, (char *[]){"x", "plain", 0}, (char *[]){"V=1", 0});
  REAP(c);
  say("posix_spawn %s\n", err(r));
  int e = posix_spawn(&c, "./none", 0, 0, (char *[]){"x", 0}, environ);
  say("missing: %s\n", err(e));
  T(wait(0));
  put("in", "from a file\n");
  posix_spawn_file_actions_t fa;
  posix_spawn_file_actions_init(&fa);
  posix_spawn_file_actions_addopen(&fa, 0, "in", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&fa, 1, "out", O_WRONLY | O_CREAT, 0644);
  r = posix_spawn(&c, self, &fa, 0, (char *[]){"x", "cat", 0}, environ);
  REAP(c);
  say("posix_spawn %s\n", err(r));
  print_file("out");
  posix_spawnattr_t at;
  posix_spawnattr_init(&at);
  sigset_t set, def;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigemptyset(&def);
  sigaddset(&def, SIGUSR1);
  signal(SIGUSR1, SIG_IGN);
  r = posix_spawn(&c, self, 0, 0, (char *[]){"x", "ignored", 0}, environ);
  REAP(c);
  say("posix_spawn %s\n", err(r));
  posix_spawnattr_setsigmask(&at, &set);
  posix_spawnattr_setsigdefault(&at, &def);
  posix_spawnattr_setpgroup(&at, 0);
  posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  r = posix_spawn(&c, self, 0, &at, (char *[]){"x", "attributes", 0}, environ);
  REAP(c);
  say("posix_spawn %s\n", err(r));
  // A search of PATH goes on after a directory without the file, and remembers EACCES.
  mkdir("a", 0755);
  mkdir("b", 0755);
  put("a/prog", "not executable");
  MUST(symlink(self, "b/prog"));
  setenv("PATH", "none:a:b", 1);
  c = CHILD(execlp("prog", "x", "found", (char *)0); _exit(1));
  REAP(c);
  setenv("PATH", "none:a", 1);
  T(execlp("prog", "x", (char *)0));
  setenv("PATH", "none", 1);
  T(execlp("prog", "x", (char *)0));
  return 0;
}
