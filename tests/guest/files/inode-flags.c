// chattr's flags: what an immutable or append-only file refuses. The flags are put back, so that the file can go.
#include "t.h"
#include <linux/fs.h>
#include <sys/xattr.h>
static int set(int fd, int flags) {
  return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}
static int get(int fd) {
  int flags = -1;
  ioctl(fd, FS_IOC_GETFLAGS, &flags);
  return flags;
}
int main(void) {
  put("f", "content");
  mkdir("d", 0755);
  put("d/in", "x");
  int f = MUST(open("f", O_RDONLY)), d = MUST(open("d", O_RDONLY)), w = MUST(open("f", O_RDWR));
  T(get(f));
  T(set(f, FS_IMMUTABLE_FL));
  T(get(f));
  T(open("f", O_WRONLY));
  T(open("f", O_RDWR | O_APPEND));
  T(write(w, "W", 1));
  T(chmod("f", 0600));
  T(chown("f", 1, 1));
  T(truncate("f", 0));
  T(utimensat(AT_FDCWD, "f", 0, 0));
  T(link("f", "g"));
  T(rename("f", "g"));
  T(unlink("f"));
  T(setxattr("f", "trusted.a", "b", 1, 0));
  struct statx x;
  T(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
  CHECK((x.stx_attributes & STATX_ATTR_IMMUTABLE) != 0);
  T(set(f, FS_APPEND_FL));
  T(open("f", O_WRONLY));
  T(open("f", O_RDONLY | O_TRUNC));
  int a = T(open("f", O_WRONLY | O_APPEND) >= 0);
  a = open("f", O_WRONLY | O_APPEND);
  T(write(a, "A", 1));
  T(fcntl(a, F_SETFL, 0));
  T(ftruncate(a, 0));
  T(unlink("f"));
  T(set(f, 0));
  T(set(d, FS_APPEND_FL));
  T(open("d/new", O_CREAT | O_WRONLY, 0644) >= 0);
  T(unlink("d/in"));
  T(rename("d/in", "d/out"));
  T(set(d, FS_IMMUTABLE_FL));
  T(mkdir("d/sub", 0755));
  T(unlink("d/new"));
  put("d/in", "still written");
  T(set(d, 0));
  T(set(f, 0x40000));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(set(f, FS_NODUMP_FL));
  });
  chown("f", 1000, 1000);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(set(f, FS_IMMUTABLE_FL));
    T(set(f, FS_NODUMP_FL));
  });
  T(get(f));
  T(unlink("f"));
  return 0;
}
