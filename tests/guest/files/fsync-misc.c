// fsync and friends, readahead, fadvise, sync_file_range, statfs, ioctl FIONREAD and FIOCLEX on files.
#include "t.h"
#include <sys/statfs.h>
#include <sys/vfs.h>
int main(void) {
  put("f", "0123456789");
  int fd = MUST(open("f", O_RDWR)), p[2];
  pipe(p);
  T(fsync(fd));
  T(fdatasync(fd));
  T(fsync(p[0]));
  T(fsync(99));
  T(syncfs(fd));
  sync();
  T(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
  T(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
  T(posix_fadvise(fd, 0, 0, 99));
  T(posix_fadvise(p[0], 0, 0, POSIX_FADV_NORMAL));
  T(posix_fadvise(99, 0, 0, POSIX_FADV_NORMAL));
  T(readahead(p[0], 0, 10));
  T(sync_file_range(fd, 0, 0, 8));
  T(sync_file_range(fd, -1, 0, 0));
  T(sync_file_range(p[0], 0, 0, 0));
  int n = -1;
  T(ioctl(fd, FIONREAD, &n));
  say("%d\n", n);
  lseek(fd, 4, SEEK_SET);
  T(ioctl(fd, FIONREAD, &n));
  say("%d\n", n);
  write(p[1], "abc", 3);
  T(ioctl(p[0], FIONREAD, &n));
  say("%d\n", n);
  T(ioctl(fd, FIOCLEX));
  T(fcntl(fd, F_GETFD));
  T(ioctl(fd, FIONCLEX));
  T(fcntl(fd, F_GETFD));
  n = 1;
  T(ioctl(fd, FIONBIO, &n));
  CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  T(ioctl(fd, 0x12345678, &n));
  T(ioctl(99, FIONREAD, &n));
  T(ioctl(fd, TCGETS, &n));
  T(ioctl(fd, FIONREAD, 16));
  struct statfs s;
  T(statfs(".", &s));
  say("type %lx bsize %ld namelen %ld\n", (long)s.f_type, (long)s.f_bsize, (long)s.f_namelen);
  T(statfs("/proc", &s));
  say("type %lx\n", (long)s.f_type);
  T(statfs("none", &s));
  T(fstatfs(99, &s));
  T(fstatfs(p[0], &s));
  say("type %lx\n", (long)s.f_type);
  T(statfs("f", (void *)16));
  T(syscall(SYS_fcntl, fd, F_SETPIPE_SZ, 4096));
  T(pathconf(".", _PC_NAME_MAX));
  T(pathconf(".", _PC_PATH_MAX));
  T(pathconf(".", _PC_PIPE_BUF));
  T(pathconf(".", _PC_LINK_MAX) > 1000);
  return 0;
}
