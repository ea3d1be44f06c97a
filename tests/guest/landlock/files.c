// Landlock: each right over files, rules by directory and file, layers, mounts.
#include "l.h"
#include <sys/mount.h>
#include <sys/sysmacros.h>
#define TRY(...) ({ errno = 0; long r_ = (long)(__VA_ARGS__); int e_ = errno; say("  %s: %s\n", #__VA_ARGS__, r_ == -1 ? err(e_) : "ok"); r_; })
static void fresh(void) {
  plant("a/in/deep a/empty b/in", "a/f a/in/f b/f");
  symlink("f", "a/link");
}
static void everything(void) {
  int fd;
  TRY(opened("a/f", O_RDONLY));
  TRY(opened("a/f", O_WRONLY));
  TRY(opened("a/f", O_RDWR));
  TRY(opened("a/f", O_WRONLY | O_TRUNC));
  TRY(opened("a/f", O_PATH));
  TRY(opened("a/link", O_RDONLY));
  TRY(opened("a/in/f", O_RDONLY));
  TRY(opened("b/f", O_RDONLY));
  TRY(opened("a", O_RDONLY | O_DIRECTORY));
  TRY(opened("a/in", O_RDONLY));
  TRY(truncate("a/f", 1));
  fd = open("a/in/f", O_RDWR);
  if (fd >= 0) TRY(ftruncate(fd, 1)), close(fd);
  TRY(opened("a/new", O_WRONLY | O_CREAT, 0600));
  TRY(opened("a", O_RDWR | O_TMPFILE, 0600));
  TRY(mkdir("a/dir", 0700));
  TRY(mknod("a/fifo", S_IFIFO | 0600, 0));
  TRY(mknod("a/char", S_IFCHR | 0600, makedev(1, 3)));
  TRY(mknod("a/block", S_IFBLK | 0600, makedev(7, 0)));
  TRY(mknod("a/sock", S_IFSOCK | 0600, 0));
  TRY(symlink("x", "a/sym"));
  TRY(link("a/f", "a/hard"));
  TRY(link("a/f", "b/hard"));
  TRY(rename("a/f", "a/f2"));
  TRY(rename("a/f2", "a/f"));
  TRY(rename("a/in/f", "a/f3"));
  TRY(rename("b/f", "a/f4"));
  TRY(rename("a/in", "b/moved"));
  TRY(syscall(SYS_renameat2, AT_FDCWD, "a/f", AT_FDCWD, "b/f", 2));
  TRY(unlink("a/f"));
  TRY(rmdir("a/empty"));
  TRY(stat("b/f", &(struct stat){0}));
  TRY(chmod("b/f", 0600));
  TRY(access("b/f", R_OK));
  TRY(chdir("b"));
}
int main(int argc, char **argv UNUSED) {
  if (argc > 1) {
    say("executed\n");
    return 0;
  }
  const char *names[] = {"EXECUTE", "WRITE_FILE", "READ_FILE", "READ_DIR", "REMOVE_DIR", "REMOVE_FILE", "MAKE_CHAR", "MAKE_DIR", "MAKE_REG", "MAKE_SOCK",
                         "MAKE_FIFO", "MAKE_BLOCK", "MAKE_SYM", "REFER", "TRUNCATE", "IOCTL_DEV"};
  for (int bit = 0; bit < 16; bit++) {
    fresh();
    say("%s handled, nothing allowed\n", names[bit]);
    APART(only(1 << bit, ".", 0); everything());
    fresh();
    say("all handled, %s allowed on a\n", names[bit]);
    APART(only(ALL, "a", 1 << bit); everything());
    fresh();
    say("all handled, all but %s allowed everywhere\n", names[bit]);
    APART(only(ALL, "/", ALL & ~(1 << bit)); everything());
  }
  fresh();
  say("all handled, all allowed on a and b\n");
  APART({
    int r = MUST(create(ALL, 0, 0));
    MUST(allow(r, "a", ALL));
    MUST(allow(r, "b", ALL));
    MUST(restrict_self(r));
    everything();
  });
  fresh();
  say("two layers, each denies something\n");
  APART(only(READ_FILE | WRITE_FILE, "a", READ_FILE | WRITE_FILE); only(WRITE_FILE | MAKE_REG, "a/in", WRITE_FILE | MAKE_REG); everything());
  fresh();
  say("a layer about the network only\n");
  APART(only(READ_FILE, "/", READ_FILE); int r = MUST(create(0, BIND_TCP, 0)); MUST(restrict_self(r)); everything());
  fresh();
  APART(int r = MUST(create(0, BIND_TCP, 0)); MUST(restrict_self(r)); everything());
  fresh();
  say("a rule on a file\n");
  APART(only(READ_FILE | WRITE_FILE | TRUNCATE, "a/f", READ_FILE | TRUNCATE); everything());

  say("execute\n");
  for (int with = 0; with < 3; with++) {
    int status = reap(CHILD({
      only(EXECUTE | READ_FILE, "/", with == 0 ? READ_FILE : with == 1 ? EXECUTE : EXECUTE | READ_FILE);
      execl("/proc/self/exe", "x", "-", (char *)0);
      say("%s\n", err(errno));
      _exit(9);
    }));
    say("%s\n", status_text(status));
  }
  say("mounts: rules hold through them, and on what they cover they don't\n");
  fresh();
  APART({
    if (unshare(CLONE_NEWNS) || mount(0, "/", 0, MS_REC | MS_PRIVATE, 0)) _exit(0);
    MUST(mount("b", "a/in", 0, MS_BIND, 0));
    APART(only(READ_FILE, "a", READ_FILE); TRY(opened("a/in/f", O_RDONLY)); TRY(opened("b/f", O_RDONLY)));
    APART(only(READ_FILE, "b", READ_FILE); TRY(opened("a/in/f", O_RDONLY)); TRY(opened("b/f", O_RDONLY)); TRY(opened("a/f", O_RDONLY)));
    APART({
      only(READ_FILE, "/", READ_FILE);
      TRY(mount("none", "b/in", "tmpfs", 0, 0));
      TRY(mount(0, "a/in", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
      TRY(umount("a/in"));
      TRY(syscall(SYS_pivot_root, "a/in", "a/in"));
      TRY(chroot("b"));
    });
  });
  say("what no path leads to\n");
  APART({
    int pipes[2];
    pipe(pipes);
    int m = syscall(SYS_memfd_create, "m", 0);
    only(ALL, ".", 0);
    char p[64];
    sprintf(p, "/proc/self/fd/%d", pipes[0]);
    TRY(opened(p, O_RDONLY));
    sprintf(p, "/proc/self/fd/%d", m);
    TRY(opened(p, O_RDWR));
    TRY(ftruncate(m, 100));
    TRY(pipe(pipes));
  });
  say("what was open before, and what a file was opened with\n");
  fresh();
  APART({
    int before = open("a/f", O_RDWR);
    int null = open("/dev/null", O_RDWR);
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    int r = MUST(create(TRUNCATE | IOCTL_DEV, 0, 0));
    MUST(allow(r, "a/in", TRUNCATE));
    MUST(restrict_self(r));
    int after = open("a/f", O_RDWR);
    int inside = open("a/in/f", O_RDWR);
    int device = open("/dev/null", O_RDWR);
    int x = 0;
    TRY(ftruncate(before, 1));
    TRY(ftruncate(after, 1));
    TRY(ftruncate(inside, 1));
    TRY(ioctl(null, TCGETS, &x));
    TRY(ioctl(device, TCGETS, &x));
    TRY(ioctl(device, FIONREAD, &x));
    TRY(ioctl(device, FIONBIO, &x));
    TRY(ioctl(device, FIOCLEX));
    TRY(ioctl(device, 2, &x) == -1 && errno == EACCES);
    TRY(ioctl(after, FIONREAD, &x));
    // It goes with the open file, whoever has it.
    APART(TRY(ftruncate(after, 1)));
  });
  return 0;
}
