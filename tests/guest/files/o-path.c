// O_PATH descriptors: what they allow and what they refuse.
#include "t.h"
#include <poll.h>
#include <sys/file.h>
#include <sys/xattr.h>
int main(void) {
  put("f", "content");
  chmod("f", 0);
  mkdir("d", 0755);
  symlink("f", "l");
  int f = MUST(open("f", O_PATH)), d = MUST(open("d", O_PATH)), l = MUST(open("l", O_PATH | O_NOFOLLOW));
  char b[100];
  struct stat st;
  T(read(f, b, 1));
  T(write(f, b, 1));
  T(lseek(f, 0, SEEK_SET));
  T(ftruncate(f, 0));
  T(fchmod(f, 0644));
  T(fchown(f, 0, 0));
  T(ioctl(f, FIONREAD, b));
  T(fsync(f));
  T(flock(f, LOCK_EX));
  T(fgetxattr(f, "user.x", b, 1));
  T(fallocate(f, 0, 0, 1));
  T(fcntl(f, F_SETFL, 0));
  T(fcntl(f, F_GETLK, &(struct flock){.l_type = F_RDLCK}));
  T(futimens(f, 0));
  T(getdents64(d, b, sizeof b));
  CHECK((fcntl(f, F_GETFL) & O_PATH) != 0);
  T(fcntl(f, F_SETFD, FD_CLOEXEC));
  OK(fcntl(f, F_DUPFD, 50));
  OK(dup(f));
  T(fstat(f, &st));
  say("mode %o\n", st.st_mode & 07777);
  T(fstat(l, &st));
  say("link %d\n", S_ISLNK(st.st_mode));
  T(readlinkat(l, "", b, 10));
  T(readlinkat(f, "", b, 10));
  T(fchdir(d));
  T(chdir(".."));
  struct pollfd p = {f, POLLIN, 0};
  T(poll(&p, 1, 0));
  say("revents %d\n", p.revents == POLLNVAL);
  T(fchmodat(f, "", 0644, AT_EMPTY_PATH));
  T(fchownat(f, "", 0, 0, AT_EMPTY_PATH));
  char path[40];
  sprintf(path, "/proc/self/fd/%d", f);
  T(chmod(path, 0600));
  int again = MUST(open(path, O_RDWR));
  T(read(again, b, 100));
  // Without permission to read, a user may still open it so.
  chmod("f", 0);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    OK(open("f", O_PATH));
    T(open("f", O_RDONLY));
    T(open(path, O_RDONLY));
  });
  T(open("l", O_PATH | O_NOFOLLOW | O_DIRECTORY));
  T(open("f", O_PATH | O_DIRECTORY));
  T(open("new", O_PATH | O_CREAT, 0644) == -1 ? errno : 0);
  T(access("new", F_OK));
  T(openat(l, "x", O_RDONLY));
  T(fchdir(l));
  return 0;
}
