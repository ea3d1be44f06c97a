// mask: d_ino=\d+|d_off=-?\d+
#include "s.h"
int main(void) {
  static char b[4096];
  BEGIN();
  call(mkdirat, AT_FDCWD, "d", 0755);
  int d = call(openat, AT_FDCWD, "d", O_RDONLY | O_DIRECTORY);
  call(getdents64, d, b, sizeof b);
  call(getdents64, d, b, sizeof b);
  call(getdents64, d, b, 2);
  call(getdents64, 1, b, sizeof b);
  call(getdents64, 99, WILD, sizeof b);
  return 0;
}
