// dup, dup2, dup3, fcntl's descriptor commands, close_range.
#include "t.h"
#include <linux/close_range.h>
static void open_list(void) {
  char t[200] = "";
  for (int i = 3; i < 40; i++) {
    int f = fcntl(i, F_GETFD);
    if (f >= 0) sprintf(t + strlen(t), " %d%s", i, f ? "c" : "");
  }
  say("open:%s\n", t);
}
int main(void) {
  // Nothing above 2, whatever we were started with.
  syscall(SYS_close_range, 3, ~0u, 0);
  put("f", "0123456789");
  int fd = MUST(open("f", O_RDWR));
  T(dup(fd));
  T(dup(99));
  T(dup(-1));
  T(dup2(fd, 10));
  T(dup2(fd, fd));
  T(dup2(99, 99));
  T(dup2(fd, -1));
  T(dup2(99, 10));
  OK(fcntl(10, F_GETFD)); // a failing dup2 closes nothing
  T(dup3(fd, fd, 0));
  T(dup3(fd, 11, O_CLOEXEC));
  T(dup3(fd, 12, 1));
  T(fcntl(fd, F_DUPFD, 20));
  T(fcntl(fd, F_DUPFD, 20));
  T(fcntl(fd, F_DUPFD_CLOEXEC, 20));
  T(fcntl(fd, F_DUPFD, -1));
  T(fcntl(fd, F_DUPFD, 1 << 30));
  open_list();
  // The lowest free one is taken.
  close(4);
  close(10);
  T(open("f", O_RDONLY));
  T(open("f", O_RDONLY));
  T(fcntl(5, F_SETFD, FD_CLOEXEC));
  T(fcntl(5, F_SETFD, 0xff));
  T(fcntl(5, F_GETFD));
  T(fcntl(5, F_SETFD, 0xf0));
  T(fcntl(5, F_GETFD));
  open_list();
  // Offsets and flags are shared.
  lseek(fd, 5, SEEK_SET);
  T(lseek(20, 0, SEEK_CUR));
  fcntl(20, F_SETFL, O_APPEND);
  CHECK((fcntl(fd, F_GETFL) & O_APPEND) != 0);
  T(fcntl(fd, 9999));
  T(fcntl(99, F_GETFD));
  // close_range
  T(syscall(SYS_close_range, 10, 5, 0));
  T(syscall(SYS_close_range, 10, 20, 0x80));
  T(syscall(SYS_close_range, 20, 21, CLOSE_RANGE_CLOEXEC));
  open_list();
  T(syscall(SYS_close_range, 11, 21, 0));
  open_list();
  T(syscall(SYS_close_range, 1000, ~0u, 0));
  T(syscall(SYS_close_range, 20, ~0u, CLOSE_RANGE_UNSHARE));
  open_list();
  // /proc/self/fd mirrors it.
  char path[40], text[PATH_MAX] = {0};
  sprintf(path, "/proc/self/fd/%d", fd);
  MUST(readlink(path, text, sizeof text - 1));
  say("%s\n", strrchr(text, '/'));
  unlink("f");
  memset(text, 0, sizeof text);
  readlink(path, text, sizeof text - 1);
  say("%s\n", strrchr(text, '/'));
  int again = open(path, O_RDONLY);
  CHECK(again >= 0 && again != fd);
  T(lseek(again, 0, SEEK_CUR));
  T(open("/proc/self/fd/99", O_RDONLY));
  T(open("/dev/fd/99", O_RDONLY));
  int p[2];
  pipe(p);
  sprintf(path, "/proc/self/fd/%d", p[0]);
  memset(text, 0, sizeof text);
  readlink(path, text, sizeof text - 1);
  say("%.6s\n", text);
  sprintf(path, "/proc/self/fd/%d", p[1]);
  int w = open(path, O_WRONLY);
  T(write(w, "x", 1));
  T(read(p[0], text, 10));
  sprintf(path, "/proc/self/fdinfo/%d", fd);
  FILE *f = fopen(path, "r");
  char line[100];
  while (f && fgets(line, sizeof line, f))
    if (!strncmp(line, "pos:", 4)) say("%s", line);
  return 0;
}
