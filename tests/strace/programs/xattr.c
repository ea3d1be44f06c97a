#include "s.h"
#include <sys/xattr.h>
int main(void) {
  char b[100];
  BEGIN();
  int fd = call(openat, AT_FDCWD, "f", O_RDWR | O_CREAT, 0644);
  call(setxattr, "f", "trusted.a", "value", 5, 0);
  call(setxattr, "f", "trusted.a", "value", 5, XATTR_CREATE);
  call(lsetxattr, "f", "trusted.b", "v\0\1", 3, XATTR_REPLACE);
  call(fsetxattr, fd, "trusted.b", "v\0\1", 3, XATTR_CREATE);
  call(fsetxattr, fd, "trusted.b", NULL, 0, 3 | 4);
  call(getxattr, "f", "trusted.a", b, sizeof b);
  call(getxattr, "f", "trusted.a", NULL, 0);
  call(getxattr, "f", "trusted.a", b, 2);
  call(lgetxattr, "f", "trusted.none", b, sizeof b);
  call(fgetxattr, fd, "trusted.b", b, sizeof b);
  call(listxattr, "f", b, sizeof b);
  call(llistxattr, "f", NULL, 0);
  call(flistxattr, fd, b, 3);
  call(removexattr, "f", "trusted.a");
  call(lremovexattr, "f", "trusted.a");
  call(fremovexattr, fd, "trusted.b");
  return 0;
}
