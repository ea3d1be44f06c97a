// Permission checks: owner, group, other; search; supplementary groups; access(2) against effective ids.
#include "t.h"
#include <grp.h>
static void try(const char *who) {
  for (int mode = 0; mode < 3; mode++) {
    int want[] = {O_RDONLY, O_WRONLY, O_RDWR};
    int fd = open("f", want[mode]);
    say("%s%s", fd < 0 ? err(errno) : "ok", mode < 2 ? " " : "");
    if (fd >= 0) close(fd);
  }
  say("  access r%d w%d x%d  %s\n", access("f", R_OK), access("f", W_OK), access("f", X_OK), who);
}
int main(void) {
  chmod(".", 0777);
  put("f", "x");
  chown("f", 1000, 100);
  int modes[] = {0644, 0600, 0640, 0660, 0604, 0066, 0606, 0111, 0777, 0000, 0070, 0007, 0700};
  for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
    chmod("f", modes[i]);
    say("mode %04o\n", modes[i]);
    try("root");
    APART(setgroups(0, 0); setresgid(5, 5, 5); setresuid(1000, 1000, 1000); try("owner"));
    APART(setgroups(0, 0); setresgid(100, 100, 100); setresuid(1001, 1001, 1001); try("group"));
    APART(gid_t g = 100; setgroups(1, &g); setresgid(5, 5, 5); setresuid(1001, 1001, 1001); try("supplementary"));
    APART(setgroups(0, 0); setresgid(5, 5, 5); setresuid(1001, 1001, 1001); try("other"));
  }
  // Real against effective.
  chmod("f", 0600);
  APART({
    setresuid(1000, 0, 0);
    T(access("f", R_OK));
    T(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
    OK(open("f", O_RDWR));
  });
  APART({
    setresuid(0, 1001, 0);
    T(access("f", R_OK));
    T(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
    T(open("f", O_RDWR));
    T(seteuid(0));
    OK(open("f", O_RDWR));
  });
  // fsuid alone decides for files.
  APART({
    syscall(SYS_setfsuid, 1001);
    T(open("f", O_RDONLY));
    T(syscall(SYS_setfsuid, -1));
  });
  // Search permission.
  mkdir("d", 0755);
  mkdir("d/e", 0755);
  put("d/e/f", "x");
  int dm[] = {0755, 0711, 0744, 0700, 0755};
  for (int i = 0; i < 5; i++) {
    chmod("d", dm[i]);
    say("directory %04o\n", dm[i]);
    APART({
      setgroups(0, 0);
      setresgid(5, 5, 5);
      setresuid(1001, 1001, 1001);
      int r = open("d", O_RDONLY);
      say(" read %s", r < 0 ? err(errno) : "ok");
      r = open("d/e/f", O_RDONLY);
      say(" through %s", r < 0 ? err(errno) : "ok");
      say(" stat %s", access("d/e", F_OK) ? err(errno) : "ok");
      say(" missing %s", access("d/none", F_OK) ? err(errno) : "ok");
      say(" chdir %s", chdir("d") ? err(errno) : "ok");
      r = open("d/new", O_CREAT | O_WRONLY, 0644);
      say(" create %s\n", r < 0 ? err(errno) : "ok");
    });
  }
  T(access("f", 8));
  T(access("none", W_OK));
  T(faccessat(AT_FDCWD, "f", R_OK, 0x4000));
  T(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, 0x4000));
  chmod("f", 0644);
  T(access("f", X_OK));
  T(access("d", X_OK));
  return 0;
}
