// mount(2) of tmpfs and binds, in a mount namespace of its own where the system lets us; umount's errors.
#include "t.h"
#include <sys/mount.h>
int main(void) {
  mkdir("m", 0755);
  mkdir("n", 0755);
  put("m/under", "under");
  put("file", "file");
  T(mount("none", "none", "tmpfs", 0, 0));
  T(mount("none", "m", "nosuchfs", 0, 0));
  T(mount("none", "file", "tmpfs", 0, 0));
  T(umount("m"));
  T(umount("none"));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(mount("none", "m", "tmpfs", 0, 0));
    T(umount("m"));
  });
  T(mount("none", "m", "tmpfs", 0, "size=1m,mode=0700"));
  struct stat a;
  struct stat b;
  stat("m", &a);
  stat(".", &b);
  say("mode %o other device %d\n", a.st_mode, a.st_dev != b.st_dev);
  T(access("m/under", F_OK));
  put("m/in", "in the mount");
  T(rename("m/in", "in"));
  T(link("m/in", "in"));
  T(rmdir("m"));
  T(rename("m", "x"));
  // Full.
  int fd = MUST(open("m/big", O_CREAT | O_WRONLY, 0644));
  static char block[65536];
  long total = 0;
  for (long n; (n = write(fd, block, sizeof block)) > 0;) total += n;
  say("full after %d: %s\n", total > 900000 && total <= 1 << 20, err(errno));
  close(fd);
  T(unlink("m/big"));
  // Busy.
  fd = MUST(open("m/in", O_RDONLY));
  T(umount("m"));
  close(fd);
  // A bind mount shows the same files; read-only, it refuses.
  T(mount("m", "n", 0, MS_BIND, 0));
  print_file("n/in");
  put("n/both", "both");
  print_file("m/both");
  T(mount(0, "n", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
  T(open("n/new", O_CREAT | O_WRONLY, 0644));
  T(open("n/in", O_WRONLY));
  T(unlink("n/in"));
  T(mkdir("n/x", 0755));
  T(chmod("n/in", 0600));
  T(access("n/in", W_OK));
  T(utimensat(AT_FDCWD, "n/in", 0, 0));
  OK(open("n/in", O_RDONLY) >= 0 ? close(open("n/in", O_RDONLY)) : -1);
  OK(open("m/new", O_CREAT | O_WRONLY, 0644) >= 0 ? 0 : -1);
  T(umount2("n", MNT_DETACH));
  // A file bound over a file.
  T(mount("file", "m/in", 0, MS_BIND, 0));
  print_file("m/in");
  T(umount("m/in"));
  print_file("m/in");
  // '..' out of a mount, noexec and nodev.
  T(stat("m/..", &a));
  stat(".", &b);
  CHECK(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
  T(umount2("m", MNT_DETACH));
  T(access("m/under", F_OK));
  T(mount("none", "m", "tmpfs", MS_NOEXEC | MS_NODEV | MS_NOSUID, 0));
  put("m/prog", "#!/bin/true\n");
  chmod("m/prog", 0755);
  T(execl("m/prog", "x", (char *)0));
  T(access("m/prog", X_OK));
  T(mknod("m/null", S_IFCHR | 0666, 0x103));
  T(open("m/null", O_RDONLY));
  T(umount("m"));
  T(umount("m"));
  T(umount2("m", 0x100));
  return 0;
}
