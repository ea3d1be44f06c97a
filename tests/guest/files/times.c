// Time stamps: what changes atime, mtime, ctime; utimensat and its permissions.
#include "t.h"
static struct stat before;
static int later(struct timespec a, struct timespec b) { return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec); }
static void mark(const char *p) {
  // Stamps are of the clock's tick: let one pass.
  lstat(p, &before);
  nap(25);
}
static void changed(const char *what, const char *p) {
  struct stat st;
  lstat(p, &st);
  say("%s:%s%s%s\n", what, later(st.st_atim, before.st_atim) ? " atime" : "", later(st.st_mtim, before.st_mtim) ? " mtime" : "",
      later(st.st_ctim, before.st_ctim) ? " ctime" : "");
  mark(p);
}
int main(void) {
  put("f", "content");
  mkdir("d", 0755);
  int fd = MUST(open("f", O_RDWR));
  char b[10];
  mark("f");
  read(fd, b, 3);
  changed("first read", "f");
  write(fd, "x", 1);
  changed("write", "f");
  write(fd, "x", 0);
  changed("write of nothing", "f");
  ftruncate(fd, 3);
  changed("ftruncate", "f");
  ftruncate(fd, 3);
  changed("ftruncate to the same size", "f");
  truncate("f", 3);
  changed("truncate to the same size", "f");
  chmod("f", 0600);
  changed("chmod", "f");
  chown("f", 0, 0);
  changed("chown", "f");
  link("f", "g");
  changed("link", "f");
  unlink("g");
  changed("unlink", "f");
  rename("f", "f2");
  changed("rename", "f2");
  close(open("f2", O_WRONLY | O_TRUNC));
  changed("O_TRUNC of a file with content", "f2");
  close(open("f2", O_WRONLY | O_TRUNC));
  changed("O_TRUNC of an empty file", "f2");
  mark("d");
  put("d/x", "x");
  changed("file made in a directory", "d");
  put("d/x", "y");
  changed("file written in it", "d");
  rename("d/x", "d/y");
  changed("renamed in it", "d");
  unlink("d/y");
  changed("unlinked in it", "d");
  mkdir("d/s", 0755);
  changed("directory made in it", "d");
  // utimensat
  struct timespec ts[2] = {{1000000000, 123456789}, {1100000000, 987654321}};
  struct stat st;
  T(utimensat(AT_FDCWD, "f2", ts, 0));
  stat("f2", &st);
  say("%ld.%09ld %ld.%09ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  ts[0].tv_nsec = UTIME_OMIT;
  ts[1] = (struct timespec){5, 6};
  T(utimensat(AT_FDCWD, "f2", ts, 0));
  stat("f2", &st);
  say("%ld.%09ld %ld.%09ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  ts[0].tv_nsec = UTIME_NOW;
  ts[1].tv_nsec = UTIME_OMIT;
  T(utimensat(AT_FDCWD, "f2", ts, 0));
  stat("f2", &st);
  say("now %d kept %ld\n", st.st_atim.tv_sec > 1600000000, (long)st.st_mtim.tv_sec);
  ts[0].tv_nsec = 1000000000;
  T(utimensat(AT_FDCWD, "f2", ts, 0));
  ts[0].tv_nsec = ts[1].tv_nsec = UTIME_OMIT;
  T(utimensat(AT_FDCWD, "none", ts, 0));
  T(utimensat(AT_FDCWD, "f2", ts, 0));
  ts[0] = (struct timespec){-5, 0};
  T(utimensat(AT_FDCWD, "f2", ts, 0));
  stat("f2", &st);
  say("before the epoch %ld\n", (long)st.st_atim.tv_sec);
  symlink("f2", "l");
  ts[0] = ts[1] = (struct timespec){77, 0};
  T(utimensat(AT_FDCWD, "l", ts, AT_SYMLINK_NOFOLLOW));
  lstat("l", &st);
  say("link %ld\n", (long)st.st_mtim.tv_sec);
  T(utimensat(AT_FDCWD, "f2", ts, 0x8000));
  T(futimens(fd, ts));
  T(futimens(99, ts));
  T(syscall(SYS_utimensat, fd, 0, ts, 0));
  chmod("f2", 0666);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(utimensat(AT_FDCWD, "f2", ts, 0));
    T(utimensat(AT_FDCWD, "f2", 0, 0));
    ts[0].tv_nsec = ts[1].tv_nsec = UTIME_NOW;
    T(utimensat(AT_FDCWD, "f2", ts, 0));
    ts[0].tv_nsec = UTIME_OMIT;
    T(utimensat(AT_FDCWD, "f2", ts, 0));
    ts[1].tv_nsec = UTIME_OMIT;
    T(utimensat(AT_FDCWD, "f2", ts, 0));
  });
  chmod("f2", 0644);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(utimensat(AT_FDCWD, "f2", 0, 0));
  });
  return 0;
}
