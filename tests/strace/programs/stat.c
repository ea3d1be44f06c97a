#include "s.h"
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <linux/stat.h>
#ifndef STATX_TYPE
struct statx;
#endif
int main(void) {
  struct stat st;
  char x[256];
  struct statfs fs;
  BEGIN();
  call(openat, AT_FDCWD, "file", O_RDWR | O_CREAT, 0644);
  call(fstat, 3, &st);
  call(fstat, 0, &st);
  call(fstat, 99, &st);
  call(newfstatat, AT_FDCWD, ".", &st, 0);
  call(newfstatat, AT_FDCWD, "/dev/null", &st, AT_SYMLINK_NOFOLLOW);
  call(newfstatat, 3, "", &st, AT_EMPTY_PATH);
  call(newfstatat, AT_FDCWD, "none", &st, AT_NO_AUTOMOUNT | 0x10000);
  call(newfstatat, AT_FDCWD, "file", WILD, 0);
  call(symlinkat, "to", AT_FDCWD, "link");
  call(newfstatat, AT_FDCWD, "link", &st, AT_SYMLINK_NOFOLLOW);
  call(mknodat, AT_FDCWD, "fifo", S_IFIFO | 0640, 0);
  call(newfstatat, AT_FDCWD, "fifo", &st, 0);
  call(fchmodat, AT_FDCWD, "file", 06755);
  call(newfstatat, AT_FDCWD, "file", &st, 0);
  call(statx, AT_FDCWD, "file", 0, 0x7ff, x);
  call(statx, AT_FDCWD, "none", AT_SYMLINK_NOFOLLOW | 0x2000, 0xfff, x);
  call(statx, 3, "", AT_EMPTY_PATH | 0x4000, 0x200, WILD);
  call(statx, 3, "", 0x6000, 0, WILD);
  call(statfs, "none", &fs);
  call(fstatfs, 99, &fs);
  call(faccessat, AT_FDCWD, "file", R_OK | W_OK);
  call(faccessat, AT_FDCWD, "file", F_OK);
  call(faccessat, AT_FDCWD, "none", X_OK | 8);
  call(faccessat2, AT_FDCWD, "file", R_OK, AT_EACCESS);
  call(faccessat2, AT_FDCWD, "", R_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
  return 0;
}
