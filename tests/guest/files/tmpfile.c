// O_TMPFILE: a file without a name, which may be given one.
#include "t.h"
int main(void) {
  T(open(".", O_TMPFILE | O_RDONLY, 0600));
  put("f", "x");
  T(open("f", O_TMPFILE | O_RDWR, 0600));
  T(open("none", O_TMPFILE | O_RDWR, 0600));
  umask(027);
  int fd = MUST(open(".", O_TMPFILE | O_RDWR, 0666));
  struct stat st;
  fstat(fd, &st);
  say("mode %o links %d\n", st.st_mode, (int)st.st_nlink);
  T(write(fd, "content", 7));
  char path[40], text[PATH_MAX] = {0};
  sprintf(path, "/proc/self/fd/%d", fd);
  readlink(path, text, sizeof text - 1);
  say("deleted %d\n", strstr(text, " (deleted)") != 0);
  T(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  print_file("named");
  fstat(fd, &st);
  say("links %d\n", (int)st.st_nlink);
  T(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  T(unlink("named"));
  fstat(fd, &st);
  say("links %d\n", (int)st.st_nlink);
  T(linkat(AT_FDCWD, path, AT_FDCWD, "twice", AT_SYMLINK_FOLLOW));
  int x = MUST(open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600));
  sprintf(path, "/proc/self/fd/%d", x);
  T(linkat(AT_FDCWD, path, AT_FDCWD, "excl", AT_SYMLINK_FOLLOW));
  T(linkat(x, "", AT_FDCWD, "excl", AT_EMPTY_PATH));
  int y = MUST(open(".", O_TMPFILE | O_WRONLY, 0600));
  T(linkat(y, "", AT_FDCWD, "empty", AT_EMPTY_PATH));
  // An unlinked file can't come back.
  int z = MUST(open("g", O_RDWR | O_CREAT, 0600));
  unlink("g");
  sprintf(path, "/proc/self/fd/%d", z);
  T(linkat(AT_FDCWD, path, AT_FDCWD, "back", AT_SYMLINK_FOLLOW));
  return 0;
}
