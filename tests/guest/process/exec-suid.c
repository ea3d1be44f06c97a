// Set-user-ID programs: ids, AT_SECURE, and what switches them off.
#include "t.h"
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
static void run(const char *path, uid_t u, bool locked) {
  say("%s as %d%s: ", path, u, locked ? " with no_new_privs" : "");
  reap(CHILD({
    if (u) MUST(setgroups(0, 0)), MUST(setresgid(u, u, u)), MUST(setresuid(u, u, u));
    if (locked) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    execl(path, "x", "show", (char *)0);
    say("execl = %s\n", err(errno));
  }));
}

int main(int argc, char **argv) {
  if (argc > 1) {
    uid_t r, e, s;
    gid_t rg, eg, sg;
    getresuid(&r, &e, &s);
    getresgid(&rg, &eg, &sg);
    say("uid %d %d %d gid %d %d %d secure %ld dumpable %d\n", r, e, s, rg, eg, sg, getauxval(AT_SECURE),
        prctl(PR_GET_DUMPABLE) == 1);
    return 0;
  }
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  chmod(".", 0755);
  copy("plain", 0, 0, 0755);
  copy("root", 0, 0, 04755);
  copy("user", 1234, 0, 04755);
  copy("group", 0, 777, 02755);
  copy("both", 1234, 777, 06755);
  copy("noexec", 0, 777, 02745); // no group execute bit: no set-group-ID
  copy("nox", 1234, 0, 04644);
  uid_t as[] = {0, 1000, 1234};
  const char *names[] = {"./plain", "./root", "./user", "./group", "./both", "./noexec", "./nox"};
  for (int i = 0; i < 7; i++)
    for (int j = 0; j < 3; j++) run(names[i], as[j], false);
  for (int i = 1; i < 5; i++) run(names[i], 1000, true);
  return 0;
}
