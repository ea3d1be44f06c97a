// Extended attributes: trusted, security and user names, sizes, flags, listing.
#include "t.h"
#include <sys/xattr.h>
#define NS "trusted."
static int cmp(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
static void list(const char *path) {
  char b[1000], *names[20];
  ssize_t n = listxattr(path, b, sizeof b);
  int k = 0;
  for (ssize_t at = 0; at < n; at += strlen(b + at) + 1) names[k++] = b + at;
  qsort(names, k, sizeof *names, cmp);
  say("list %ld:", (long)n);
  for (int i = 0; i < k; i++) say(" %s", names[i]);
  say("\n");
}
int main(void) {
  put("f", "x");
  char b[100] = {0};
  list("f");
  T(setxattr("f", NS "one", "first", 5, 0));
  T(getxattr("f", NS "one", b, 100));
  print_bytes("one", b, 5);
  T(getxattr("f", NS "one", 0, 0));
  T(getxattr("f", NS "one", b, 3));
  T(getxattr("f", NS "none", b, 100));
  T(setxattr("f", NS "one", "x", 1, XATTR_CREATE));
  T(setxattr("f", NS "two", "x", 1, XATTR_REPLACE));
  T(setxattr("f", NS "one", "again", 5, XATTR_REPLACE));
  T(setxattr("f", NS "two", "", 0, XATTR_CREATE));
  T(getxattr("f", NS "two", b, 100));
  T(setxattr("f", NS "two", "x", 1, 8));
  T(setxattr("f", NS "two", "x", 1, XATTR_CREATE | XATTR_REPLACE));
  list("f");
  T(listxattr("f", b, 3));
  T(listxattr("f", 0, 0));
  T(removexattr("f", NS "two"));
  T(removexattr("f", NS "two"));
  list("f");
  T(setxattr("f", "bad", "x", 1, 0));
  T(setxattr("f", "other.x", "x", 1, 0));
  T(setxattr("f", NS, "x", 1, 0));
  T(setxattr("f", "", "x", 1, 0));
  char name[300];
  memset(name, 'n', 299);
  memcpy(name, NS, 8);
  name[255] = 0;
  T(setxattr("f", name, "x", 1, 0));
  name[255] = 'n';
  name[256] = 0;
  T(setxattr("f", name, "x", 1, 0));
  char *big = calloc(1, 70000);
  T(setxattr("f", NS "big", big, 65537, 0));
  T(setxattr("none", NS "x", "x", 1, 0));
  T(fsetxattr(99, NS "x", "x", 1, 0));
  int fd = MUST(open("f", O_RDONLY));
  T(fsetxattr(fd, NS "byfd", "v", 1, 0));
  T(fgetxattr(fd, NS "byfd", b, 10));
  symlink("f", "l");
  T(lsetxattr("l", NS "onlink", "x", 1, 0));
  T(getxattr("l", NS "onlink", b, 10));
  T(lgetxattr("l", NS "onlink", b, 10));
  T(getxattr("l", NS "byfd", b, 10));
  T(lsetxattr("l", "user.x", "x", 1, 0));
  // user.* only on files and directories.
  T(setxattr("f", "user.comment", "hi", 2, 0));
  T(getxattr("f", "user.comment", b, 10));
  mkfifo("p", 0666);
  T(setxattr("p", "user.x", "x", 1, 0));
  mkdir("d", 0755);
  T(setxattr("d", "user.x", "x", 1, 0));
  chmod("f", 0644);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(getxattr("f", "user.comment", b, 10));
    T(setxattr("f", "user.comment", "x", 1, 0));
    T(getxattr("f", NS "one", b, 10));
    T(setxattr("f", NS "one", "x", 1, 0));
    list("f");
  });
  // Attributes go along with links and renames, not with copies of the name.
  link("f", "g");
  rename("f", "h");
  T(getxattr("g", NS "one", b, 10));
  T(getxattr("h", NS "one", b, 10));
  return 0;
}
