// inotify(7): every event of a watched directory and file, masks, renames by cookie, removal, errors.
#include "t.h"
#include <poll.h>
#include <sys/inotify.h>
static int in;
static const char *bits(uint32_t m) {
  static char t[300];
  t[0] = 0;
  struct { uint32_t b; const char *n; } n[] = {{IN_ACCESS, "ACCESS"}, {IN_MODIFY, "MODIFY"}, {IN_ATTRIB, "ATTRIB"}, {IN_CLOSE_WRITE, "CLOSE_WRITE"},
    {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {IN_OPEN, "OPEN"}, {IN_MOVED_FROM, "MOVED_FROM"}, {IN_MOVED_TO, "MOVED_TO"}, {IN_CREATE, "CREATE"},
    {IN_DELETE, "DELETE"}, {IN_DELETE_SELF, "DELETE_SELF"}, {IN_MOVE_SELF, "MOVE_SELF"}, {IN_UNMOUNT, "UNMOUNT"}, {IN_Q_OVERFLOW, "Q_OVERFLOW"},
    {IN_IGNORED, "IGNORED"}, {IN_ISDIR, "ISDIR"}};
  for (unsigned i = 0; i < sizeof n / sizeof *n; i++)
    if (m & n[i].b) strcat(strcat(t, t[0] ? "|" : ""), n[i].n);
  return t;
}
static void events(const char *what) {
  say("%s\n", what);
  char b[8192] __attribute__((aligned(8)));
  uint32_t cookie = 0;
  for (ssize_t n; (n = read(in, b, sizeof b)) > 0;)
    for (ssize_t at = 0; at < n;) {
      struct inotify_event *e = (void *)(b + at);
      const char *c = "";
      if (e->cookie) c = cookie == e->cookie ? " same cookie" : " cookie", cookie = e->cookie;
      say("  %d %s %s%s len %u\n", e->wd, bits(e->mask), e->len ? e->name : "-", c, e->len);
      at += sizeof *e + e->len;
    }
}
int main(void) {
  T(inotify_init1(1));
  in = MUST(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  char b[100];
  T(read(in, b, 100));
  mkdir("d", 0755);
  put("d/old", "x");
  T(inotify_add_watch(in, "none", IN_ALL_EVENTS));
  T(inotify_add_watch(in, "d", 0));
  T(inotify_add_watch(1, "d", IN_ALL_EVENTS));
  T(inotify_add_watch(99, "d", IN_ALL_EVENTS));
  T(inotify_add_watch(in, "d/old", IN_ALL_EVENTS | IN_ONLYDIR));
  T(inotify_add_watch(in, "d", IN_ALL_EVENTS));
  T(inotify_add_watch(in, "d", IN_ALL_EVENTS));
  T(inotify_add_watch(in, "d", IN_ALL_EVENTS | IN_MASK_CREATE));
  int fd = open("d/new", O_RDWR | O_CREAT, 0644);
  events("create and open");
  write(fd, "abc", 3);
  write(fd, "abc", 3); // equal events in a row are one
  events("write");
  pread(fd, b, 1, 0);
  events("read");
  ftruncate(fd, 0);
  events("ftruncate");
  fchmod(fd, 0600);
  events("fchmod");
  fchown(fd, 1, 1);
  events("fchown");
  close(fd);
  events("close");
  close(open("d/new", O_RDONLY));
  events("open, close for reading");
  link("d/new", "d/hard");
  events("link");
  rename("d/new", "d/moved");
  events("rename within");
  rename("d/moved", "out");
  events("rename out");
  rename("out", "d/in");
  events("rename in");
  rename("d/in", "d/old");
  events("rename over");
  unlink("d/hard");
  events("unlink");
  mkdir("d/sub", 0755);
  events("mkdir");
  put("d/sub/deep", "x");
  events("below a subdirectory");
  unlink("d/sub/deep");
  rmdir("d/sub");
  events("rmdir");
  symlink("x", "d/link");
  events("symlink");
  utimensat(AT_FDCWD, "d/old", 0, 0);
  events("utimensat");
  chmod("d", 0700);
  events("chmod of the directory");
  truncate("d/old", 1);
  events("truncate");
  close(open("d/old", O_WRONLY | O_TRUNC));
  events("O_TRUNC");
  close(open("d", O_RDONLY));
  events("open of the directory");
  // A file of its own.
  T(inotify_add_watch(in, "d/old", IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB));
  put("d/old", "y");
  events("both see it");
  rename("d/old", "d/older");
  events("move of the watched file");
  unlink("d/link");
  unlink("d/older");
  events("delete of the watched file");
  T(inotify_add_watch(in, "d", IN_CREATE));
  put("d/z", "x");
  events("only creation");
  T(inotify_add_watch(in, "d", IN_DELETE | IN_MASK_ADD));
  unlink("d/z");
  put("d/z", "x");
  events("added deletion");
  T(inotify_rm_watch(in, 1));
  T(inotify_rm_watch(in, 1));
  events("removed");
  T(inotify_add_watch(in, "d", IN_CREATE | IN_ONESHOT));
  put("d/one", "x");
  put("d/two", "x");
  events("one shot");
  T(inotify_add_watch(in, "d", IN_DELETE_SELF | IN_DELETE));
  unlink("d/z"), unlink("d/one"), unlink("d/two");
  rmdir("d");
  events("rmdir of the watched directory");
  // An unlinked open file is deleted for inotify when it is closed.
  put("f", "x");
  T(inotify_add_watch(in, "f", IN_ALL_EVENTS));
  fd = open("f", O_RDONLY);
  unlink("f");
  events("unlink while open");
  close(fd);
  events("closed");
  // Small buffers and poll.
  mkdir("e", 0755);
  int wd = inotify_add_watch(in, "e", IN_CREATE);
  struct pollfd p = {in, POLLIN, 0};
  T(poll(&p, 1, 0));
  put("e/a-long-enough-name", "");
  T(poll(&p, 1, 0));
  int n;
  T(ioctl(in, FIONREAD, &n));
  say("%d bytes\n", n);
  T(read(in, b, 15));
  T(read(in, b, 20));
  T(read(in, b, 100));
  T(write(in, b, 1));
  T(inotify_rm_watch(in, wd));
  T(inotify_rm_watch(in, 999));
  symlink("e", "elink");
  T(inotify_add_watch(in, "elink", IN_CREATE | IN_DONT_FOLLOW) > 0);
  put("e/x", "");
  events("the link is watched, not what it points to");
  return 0;
}
