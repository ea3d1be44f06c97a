// stat, fstat, lstat, statx: the fields, masks and flags.
#include "t.h"
#include <sys/sysmacros.h>
int main(void) {
  put("f", "0123456789");
  chmod("f", 0640);
  chown("f", 11, 22);
  link("f", "g");
  symlink("f", "l");
  struct stat st;
  T(stat("f", &st));
  say("%o links %d %d:%d size %ld blocks %ld blksize %ld\n", st.st_mode, (int)st.st_nlink, st.st_uid, st.st_gid, (long)st.st_size, (long)st.st_blocks, (long)st.st_blksize);
  T(lstat("l", &st));
  say("%o size %ld\n", st.st_mode, (long)st.st_size);
  T(stat("none", &st));
  T(stat("f", (void *)16));
  T(fstat(99, &st));
  struct statx x;
  memset(&x, 0xff, sizeof x);
  T(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
  CHECK((x.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
  say("%o links %u %u:%u size %lu blocks %lu blksize %u\n", x.stx_mode, x.stx_nlink, x.stx_uid, x.stx_gid, (long)x.stx_size, (long)x.stx_blocks, x.stx_blksize);
  stat("f", &st);
  CHECK(x.stx_ino == st.st_ino && makedev(x.stx_dev_major, x.stx_dev_minor) == st.st_dev);
  CHECK(x.stx_mtime.tv_sec == st.st_mtim.tv_sec && x.stx_mtime.tv_nsec == st.st_mtim.tv_nsec);
  T(statx(AT_FDCWD, "f", 0, STATX_BTIME, &x));
  CHECK((x.stx_mask & STATX_BTIME) != 0);
  CHECK(x.stx_btime.tv_sec != 0);
  T(statx(AT_FDCWD, "l", AT_SYMLINK_NOFOLLOW, STATX_TYPE, &x));
  say("%o\n", x.stx_mode & S_IFMT);
  T(statx(AT_FDCWD, "", 0, STATX_TYPE, &x));
  T(statx(AT_FDCWD, "", AT_EMPTY_PATH, STATX_TYPE, &x));
  say("%o\n", x.stx_mode & S_IFMT);
  T(statx(AT_FDCWD, "f", 0x40000000, STATX_TYPE, &x));
  T(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC, STATX_TYPE, &x));
  T(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_TYPE, &x));
  T(statx(AT_FDCWD, "f", 0, 0x80000000, &x));
  T(statx(AT_FDCWD, "f", 0, 0, (void *)16));
  T(statx(99, "f", 0, 0, &x));
  T(statx(1, "", AT_EMPTY_PATH, STATX_TYPE, &x));
  mkdir("sub", 0755);
  T(statx(AT_FDCWD, "sub", 0, STATX_ALL, &x));
  CHECK((x.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0);
  T(statx(AT_FDCWD, "/", 0, STATX_ALL, &x));
  CHECK((x.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0);
  CHECK((x.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0);
  T(statx(AT_FDCWD, "/dev/null", 0, STATX_ALL, &x));
  say("rdev %u:%u mode %o\n", x.stx_rdev_major, x.stx_rdev_minor, x.stx_mode);
  stat("/dev/zero", &st);
  say("rdev %u:%u\n", major(st.st_rdev), minor(st.st_rdev));
  int p[2];
  pipe(p);
  fstat(p[0], &st);
  say("pipe %o links %d size %ld\n", st.st_mode, (int)st.st_nlink, (long)st.st_size);
  mkdir("d", 0755);
  stat("d", &st);
  say("directory %o links %d\n", st.st_mode, (int)st.st_nlink);
  // Sizes of sparse and written files in blocks of 512.
  int fd = MUST(open("s", O_RDWR | O_CREAT, 0644));
  ftruncate(fd, 1 << 20);
  fstat(fd, &st);
  say("sparse %ld blocks %ld\n", (long)st.st_size, (long)st.st_blocks);
  pwrite(fd, "x", 1, 500000);
  fstat(fd, &st);
  say("one page %ld blocks %ld\n", (long)st.st_size, (long)st.st_blocks);
  return 0;
}
