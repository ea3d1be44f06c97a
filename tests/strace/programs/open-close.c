#include "s.h"
int main(void) {
  BEGIN();
  int fd = call(openat, AT_FDCWD, "file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  call(openat, AT_FDCWD, "file", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOFOLLOW, 0);
  call(openat, AT_FDCWD, "file", O_RDONLY | O_CREAT | O_EXCL, 0600);
  call(openat, AT_FDCWD, "none", O_RDONLY);
  call(openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_PATH);
  call(openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600);
  call(openat, 99, "x", O_RDONLY | O_SYNC | O_DSYNC | O_NOATIME | O_NOCTTY | O_ASYNC | O_DIRECT);
  call(openat, AT_FDCWD, WILD, 3);
  call(openat, AT_FDCWD, "", O_RDONLY);
  call(openat, AT_FDCWD, NULL, O_RDONLY);
  call(openat, -1, "a\tb\n\"\\\001\0022\377", 0x80000000);
  struct { uint64_t flags, mode, resolve; } how = {O_RDWR | O_CREAT, 0640, 0x08};
  call(openat2, AT_FDCWD, "how", &how, sizeof how);
  how.flags = O_RDONLY;
  how.mode = 0;
  how.resolve = 0x1f;
  call(openat2, AT_FDCWD, "file", &how, sizeof how);
  how.mode = 1;
  call(openat2, AT_FDCWD, "file", &how, sizeof how);
  call(openat2, AT_FDCWD, "file", &how, 8);
  call(openat2, AT_FDCWD, "file", WILD, sizeof how);
  call(close, fd);
  call(close, fd);
  call(close, -1);
  call(close_range, 50, 60, 0);
  call(close_range, 50, ~0U, 4 | 2);
  call(close_range, 5, 4, 8);
  return 0;
}
