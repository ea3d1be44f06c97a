// chmod and chown: who may, what bits are cleared, by whom; writes clear set-user-ID.
#include "t.h"
#include <grp.h>
static void mode(const char *what) {
  struct stat st;
  stat("f", &st);
  say("%s: %o %d:%d\n", what, st.st_mode & 07777, st.st_uid, st.st_gid);
}
int main(void) {
  chmod(".", 0777);
  put("f", "content");
  T(chmod("f", 07777));
  mode("all bits");
  T(chmod("f", 0100644));
  mode("type bits ignored");
  T(chown("f", 1000, 100));
  mode("owner");
  T(chown("f", -1, 200));
  mode("group only");
  T(chown("f", 2000, -1));
  mode("user only");
  chmod("f", 06755);
  T(chown("f", 1000, 100));
  mode("set-ID bits after chown by root");
  chmod("f", 02745);
  T(chown("f", 1000, 100));
  mode("set-group-ID without group execute");
  chmod("f", 06777);
  T(chown("f", -1, -1));
  mode("chown of nothing");
  chmod("f", 06777);
  APART({
    setgroups(0, 0);
    setresgid(100, 100, 100);
    setresuid(1000, 1000, 1000);
    T(chown("f", 1000, 100));
    mode("by the owner to the same");
    T(chown("f", 1001, -1));
    T(chown("f", -1, 200));
    T(chown("f", -1, 100));
    T(chmod("f", 06755));
    mode("by the owner");
    int fd = open("f", O_WRONLY);
    T(write(fd, "x", 1));
    mode("after a write by the owner");
    chmod("f", 06755);
    T(ftruncate(fd, 3));
    mode("after ftruncate");
    chmod("f", 06755);
    T(truncate("f", 2));
    mode("after truncate");
    chmod("f", 06755);
    T(fallocate(fd, 0, 0, 100));
    mode("after fallocate");
    chmod("f", 02745);
    T(write(fd, "x", 1));
    mode("2745 after a write");
  });
  // Set-group-ID is dropped when the owner is not in the group.
  chown("f", 1000, 300);
  APART({
    setgroups(0, 0);
    setresgid(100, 100, 100);
    setresuid(1000, 1000, 1000);
    T(chmod("f", 02755));
    mode("not in the group");
  });
  APART({
    gid_t g = 300;
    setgroups(1, &g);
    setresgid(100, 100, 100);
    setresuid(1000, 1000, 1000);
    T(chmod("f", 02755));
    mode("in the group");
    T(chown("f", -1, 100));
    mode("to another of one's groups");
  });
  APART({
    setresuid(1001, 1001, 1001);
    T(chmod("f", 0777));
    T(chown("f", 1001, -1));
    T(utimensat(AT_FDCWD, "f", 0, 0));
  });
  // Root keeps the bits when it writes.
  chmod("f", 06755);
  int fd = open("f", O_WRONLY);
  write(fd, "x", 1);
  mode("after a write by root");
  T(chmod("none", 0644));
  T(fchmod(99, 0644));
  T(fchown(fd, 1, 2));
  mode("fchown");
  T(fchownat(AT_FDCWD, "f", 3, 4, 0x8000));
  T(fchmodat(AT_FDCWD, "f", 0600, 0));
  // Directories: set-group-ID is inherited.
  mkdir("d", 0755);
  chown("d", 0, 500);
  chmod("d", 02775);
  mkdir("d/sub", 0755);
  put("d/file", "x");
  struct stat st;
  stat("d/sub", &st);
  say("sub %o group %d\n", st.st_mode & 07777, st.st_gid);
  stat("d/file", &st);
  say("file %o group %d\n", st.st_mode & 07777, st.st_gid);
  int g = open("d/sgid", O_CREAT | O_WRONLY, 02775);
  fstat(g, &st);
  say("created %o\n", st.st_mode & 07777);
  T(chown("d", 5, -1));
  stat("d", &st);
  say("directory after chown %o\n", st.st_mode & 07777);
  // umask
  int masks[] = {0, 022, 077, 0777};
  for (int i = 0; i < 4; i++) {
    umask(masks[i]);
    unlink("u");
    fd = open("u", O_CREAT | O_WRONLY, 07777);
    fstat(fd, &st);
    say("umask %03o: %o\n", masks[i], st.st_mode & 07777);
  }
  T(umask(01777));
  T(umask(0));
  return 0;
}
