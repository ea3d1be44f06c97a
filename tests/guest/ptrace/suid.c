// A set-user-ID program that an ordinary user traces gains nothing; one that root traces does.
#include "ptrace/p.h"
#include <grp.h>
#include <sys/auxv.h>

static char self[PATH_MAX];

static void copy(const char *to, uid_t u, gid_t g, mode_t mode) {
  int in = MUST(open(self, O_RDONLY)), out = MUST(open(to, O_WRONLY | O_CREAT, 0755));
  char block[65536];
  for (int n; (n = read(in, block, sizeof block)) > 0;) MUST(write(out, block, n));
  MUST(fchown(out, u, g));
  MUST(fchmod(out, mode));
  close(in);
  close(out);
}

static void become(uid_t u) {
  if (u == 0) return;
  MUST(setgroups(0, 0));
  MUST(setresgid(u, u, u));
  MUST(setresuid(u, u, u));
}

static void run(const char *path, uid_t tracer, uid_t tracee) {
  say("-- %s as %d, traced by %d\n", path, tracee, tracer);
  APART({
    become(tracer);
    pid_t pid = CHILD({
      become(tracee);
      T(ptrace(PTRACE_TRACEME, 0, 0, 0));
      execl(path, "x", "show", NULL);
      say("execl: %s\n", err(errno));
    });
    next("exec", pid);
    go(pid, 0);
    next("end", pid);
  });
}

int main(int argc, char **argv) {
  if (argc > 1) {
    uid_t r, e, s;
    gid_t rg, eg, sg;
    getresuid(&r, &e, &s);
    getresgid(&rg, &eg, &sg);
    say("uid %d %d %d gid %d %d %d secure %ld\n", r, e, s, rg, eg, sg, getauxval(AT_SECURE));
    return 0;
  }
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  chmod(".", 0755);
  copy("root", 0, 0, 04755);
  copy("user", 1234, 0, 04755);
  copy("group", 0, 777, 02755);
  static const char *const paths[] = {"./root", "./user", "./group"};
  for (int i = 0; i < 3; i++) {
    run(paths[i], 1000, 1000);
    run(paths[i], 0, 1000);
    run(paths[i], 0, 0);
  }
  return 0;
}
