// link, unlink, rmdir, mkdir, mknod: errors in order, link counts, times.
#include "t.h"
#include <sys/sysmacros.h>
static void links(const char *p) {
  struct stat st;
  if (lstat(p, &st)) say("%s: %s\n", p, err(errno));
  else say("%s: links %d\n", p, (int)st.st_nlink);
}
int main(void) {
  put("f", "x");
  links(".");
  mkdir("d", 0755);
  links(".");
  links("d");
  mkdir("d/e", 0755);
  links("d");
  T(link("f", "g"));
  links("f");
  T(link("f", "g"));
  T(link("none", "h"));
  T(link("f", "none/h"));
  T(link("d", "h"));
  T(link("f/", "h"));
  T(link("f", "h/"));
  T(link("f", "f/h"));
  T(unlink("f"));
  links("g");
  T(unlink("f"));
  T(unlink("d"));
  T(unlink("g/"));
  T(unlink("d/"));
  T(unlink("."));
  T(unlink("/"));
  T(unlink(""));
  T(rmdir("d"));
  T(rmdir("g"));
  T(rmdir("none"));
  T(rmdir("."));
  T(rmdir("d/e/."));
  T(rmdir("d/e/.."));
  T(rmdir("/"));
  T(rmdir("d/e/"));
  links("d");
  T(mkdir("d", 0755));
  T(mkdir("g", 0755));
  T(mkdir("none/d", 0755));
  T(mkdir("", 0755));
  T(mkdir("/", 0755));
  T(mkdir(".", 0755));
  T(mkdir("new/", 0755));
  T(mkdir("new/.", 0755));
  T(mkdir("g/x", 0755));
  umask(022);
  T(mkdir("m", 07777));
  struct stat st;
  stat("m", &st);
  say("mode %o\n", st.st_mode);
  T(mknod("reg", 0100644, 0));
  T(mknod("zero", 0644, 0));
  T(mknod("fifo", S_IFIFO | 0644, 0));
  T(mknod("null", S_IFCHR | 0644, makedev(1, 3)));
  T(mknod("dir", S_IFDIR | 0644, 0));
  T(mknod("link", S_IFLNK | 0644, 0));
  T(mknod("bad", 0170000, 0));
  T(mknod("reg", 0100644, 0));
  T(mknod("x/", 0100644, 0));
  stat("null", &st);
  say("null %o %d %d\n", st.st_mode, major(st.st_rdev), minor(st.st_rdev));
  stat("zero", &st);
  say("zero %o\n", st.st_mode);
  // Removed while open: the last link is gone, the file is not.
  int fd = MUST(open("g", O_RDWR));
  T(unlink("g"));
  fstat(fd, &st);
  say("links %d size %ld\n", (int)st.st_nlink, (long)st.st_size);
  T(write(fd, "more", 4));
  T(pread(fd, (char[8]){0}, 8, 0));
  // A user.
  chmod(".", 0755);
  mkdir("open", 0777);
  chmod("open", 0777);
  put("open/root", "x");
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(unlink("f"));
    T(unlink("d"));
    T(rmdir("d"));
    T(mkdir("x", 0755));
    T(mkdir("d", 0755));
    T(unlink("none"));
    T(unlink("open/root"));
    T(mknod("open/null", S_IFCHR | 0644, makedev(1, 3)));
    T(mknod("open/fifo", S_IFIFO | 0644, 0));
    T(link("reg", "x"));
  });
  return 0;
}
