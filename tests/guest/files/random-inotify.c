// Random changes of a small tree under watch: every event, in order.
#include "random.h"
#include <sys/inotify.h>
int main(int argc, char **argv) {
  seed(argc, argv);
  int in = MUST(inotify_init1(IN_NONBLOCK));
  const char *dirs[] = {"d", "e", "d/s"}, *names[] = {"a", "b", "c", "s"};
  mkdir("d", 0755);
  mkdir("e", 0755);
  int fds[3] = {-1, -1, -1};
  for (int step = 0; step < 700; step++) {
    char p[20], q[20];
    const char *dir = dirs[rnd(3)];
    sprintf(p, "%s/%s", dir, names[rnd(4)]);
    dir = dirs[rnd(3)];
    sprintf(q, "%s/%s", dir, names[rnd(4)]);
    const char *what = "?";
    long r = 0;
    int k = rnd(3);
    errno = 0;
    switch (rnd(18)) {
      case 0: what = "create", r = open(p, O_CREAT | O_EXCL | O_WRONLY, 0644); if (r >= 0) close(r), r = 0; break;
      case 1: what = "mkdir", r = mkdir(p, 0755); break;
      case 2: what = "unlink", r = unlink(p); break;
      case 3: what = "rmdir", r = rmdir(p); break;
      case 4:
      case 5: what = "rename", r = rename(p, q); break;
      case 6: what = "link", r = link(p, q); break;
      case 7: what = "symlink", r = symlink("a", p); break;
      case 8: what = "open", fds[k] < 0 ? (r = fds[k] = open(p, O_RDWR | O_NONBLOCK)) : 0; if (r > 0) r = 0; break;
      case 9: what = "close", r = fds[k] >= 0 ? close(fds[k]) : 0; fds[k] = -1; break;
      case 10: what = "write", r = fds[k] >= 0 ? write(fds[k], "xy", rnd(3)) : 0; break;
      case 11: what = "read", r = fds[k] >= 0 ? pread(fds[k], q, rnd(3), 0) : 0; if (r > 0) strcpy(q, "?"); break;
      case 12: what = "truncate", r = rnd(2) ? truncate(p, rnd(5)) : fds[k] >= 0 ? ftruncate(fds[k], rnd(5)) : 0; break;
      case 13: what = "chmod", r = chmod(p, rnd(2) ? 0600 : 0644); break;
      case 14: {
        what = "watch";
        const char *where = rnd(2) ? dirs[k] : p;
        r = inotify_add_watch(in, where, (uint32_t[]){IN_ALL_EVENTS, IN_ALL_EVENTS | IN_EXCL_UNLINK, IN_MODIFY | IN_DELETE_SELF, IN_CREATE | IN_MOVE | IN_ONESHOT, IN_ATTRIB | IN_DONT_FOLLOW}[rnd(5)]);
        break;
      }
      case 15: what = "unwatch", r = inotify_rm_watch(in, 1 + rnd(12)); break;
      case 16: what = "exchange", r = renameat2(AT_FDCWD, p, AT_FDCWD, q, RENAME_EXCHANGE); break;
      case 17: what = "trunc", r = open(p, O_WRONLY | O_TRUNC | O_NONBLOCK); if (r >= 0) close(r), r = 0; break;
    }
    say("%d %s %s %s %d: %ld %s\n", step, what, p, q, k, r, r < 0 ? err(errno) : "");
    char b[8192] __attribute__((aligned(8)));
    uint32_t cookie = 0;
    for (ssize_t n; (n = read(in, b, sizeof b)) > 0;)
      for (ssize_t at = 0; at < n;) {
        struct inotify_event *e = (void *)(b + at);
        say("   %d %x %s%s\n", e->wd, e->mask, e->len ? e->name : "-", e->cookie ? e->cookie == cookie ? " same" : " cookie" : "");
        if (e->cookie) cookie = e->cookie;
        at += sizeof *e + e->len;
      }
  }
  return 0;
}
