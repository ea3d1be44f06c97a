// As root in the machine: a folder of the host is not to be left, and a read-only one not to be changed. /share is a folder
// of the host, /fixed one that is read-only; next to them on the host is "outside", with the canary in "outside/secret".
// /share/out-absolute, /share/out-relative and /share/out-directory are symlinks of the host's that lead there; argv[1] is the
// host's own path of "outside".
#include "e.h"
#include <pthread.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
static volatile bool racing;
static void *swap(void *how) {
  long kind = (long)how;
  while (racing) {
    if (kind == 0) {
      rename("/share/race", "/share/race-real");
      rename("/share/race-link", "/share/race");
      rename("/share/race", "/share/race-link");
      rename("/share/race-real", "/share/race");
    } else syscall(SYS_renameat2, AT_FDCWD, "/share/race", AT_FDCWD, "/share/race-link", 2);
  }
  return 0;
}
static bool race(long how, const char *path, int flags) {
  pthread_t t;
  bool escaped = false;
  racing = true;
  pthread_create(&t, 0, swap, (void *)how);
  for (int i = 0; i < 1500 && !escaped; i++) escaped = betrays(open(path, flags));
  racing = false;
  pthread_join(t, 0);
  return escaped;
}
int main(int argc, char **argv) {
  const char *outside = argc > 1 ? argv[1] : "/nowhere";
  char path[PATH_MAX];
  ATTEMPT("dot-dot from the folder", reads("/share/../outside/secret"));
  ATTEMPT("many dot-dots", reads("/share/../../../../../../../../../../outside/secret"));
  snprintf(path, sizeof path, "%s/secret", outside);
  ATTEMPT("the host's own path", reads(path));
  snprintf(path, sizeof path, "/share/..%s/secret", outside);
  ATTEMPT("the host's own path behind dot-dot", reads(path));
  ATTEMPT("an absolute symlink of the host's", reads("/share/out-absolute"));
  ATTEMPT("a relative symlink of the host's", reads("/share/out-relative"));
  ATTEMPT("a symlink of the host's to a directory", reads("/share/out-directory/secret"));
  ATTEMPT("dot-dot behind a symlink to a directory", reads("/share/out-directory/../outside/secret"));
  ATTEMPT("listing behind a symlink of the host's", opens("/share/out-directory", O_RDONLY | O_DIRECTORY));
  ATTEMPT("a symlink made inside, with the host's own path", (snprintf(path, sizeof path, "%s/secret", outside), unlink("/share/mine"), symlink(path, "/share/mine"), reads("/share/mine")));
  ATTEMPT("a relative symlink made inside", (unlink("/share/mine"), symlink("../outside/secret", "/share/mine"), reads("/share/mine")));
  ATTEMPT("a symlink to itself's parent", (unlink("/share/up"), symlink("..", "/share/up"), reads("/share/up/outside/secret")));
  int dir = open("/share", O_RDONLY | O_DIRECTORY);
  ATTEMPT("openat with dot-dot", betrays(openat(dir, "../outside/secret", O_RDONLY)));
  ATTEMPT("fchdir and dot-dot", (fchdir(dir), reads("../outside/secret")));
  ATTEMPT("a working directory that is moved out of the folder's view", ({
    mkdir("/share/deep", 0755), mkdir("/share/deep/er", 0755), chdir("/share/deep/er");
    rename("/share/deep/er", "/share/er");
    bool r = reads("../../outside/secret") || reads("../../../outside/secret");
    chdir("/"), rmdir("/share/er"), rmdir("/share/deep");
    r;
  }));
  ATTEMPT("chroot into the folder and out", ({
    int status = reap(CHILD({
      int above = open("/", O_RDONLY);
      chroot("/share");
      fchdir(above);
      for (int i = 0; i < 64; i++) chdir("..");
      chroot(".");
      _exit(reads("/outside/secret") || reads(path) ? 42 : 0);
    }));
    WEXITSTATUS(status) == 42;
  }));
  ATTEMPT("a hard link to what a symlink leads to", (linkat(AT_FDCWD, "/share/out-absolute", AT_FDCWD, "/share/hard", AT_SYMLINK_FOLLOW), reads("/share/hard")));
  ATTEMPT("a hard link to a symlink", (linkat(AT_FDCWD, "/share/out-relative", AT_FDCWD, "/share/hard2", 0), reads("/share/hard2")));
  ATTEMPT("renaming a symlink of the host's", (rename("/share/hard2", "/share/renamed"), reads("/share/renamed")));
  ATTEMPT("a handle of a directory above", ({
    struct { struct file_handle h; char more[128]; } handle = {.h.handle_bytes = 128};
    int mount;
    name_to_handle_at(AT_FDCWD, "/share/..", &handle.h, &mount, 0);
    int fd = open_by_handle_at(dir, &handle.h, O_RDONLY | O_DIRECTORY);
    bool r = fd >= 0 && betrays(openat(fd, "outside/secret", O_RDONLY));
    r;
  }));
  ATTEMPT("a handle that is made up", ({
    struct { struct file_handle h; char more[128]; } handle = {.h.handle_bytes = 128};
    int mount;
    bool r = false;
    if (name_to_handle_at(AT_FDCWD, "/share", &handle.h, &mount, 0) == 0)
      for (int i = 0; i < 256 && !r; i++) {
        handle.h.f_handle[i % 8] ^= i;
        int fd = open_by_handle_at(dir, &handle.h, O_RDONLY);
        r = fd >= 0 && betrays(openat(fd, "outside/secret", O_RDONLY));
        if (fd >= 0) close(fd);
      }
    r;
  }));
  ATTEMPT("/proc/self/fd and dot-dot", (snprintf(path, sizeof path, "/proc/self/fd/%d/../outside/secret", dir), reads(path)));
  ATTEMPT("/proc/self/root and dot-dot", reads("/proc/self/root/../outside/secret"));
  ATTEMPT("/proc/1/root", reads("/proc/1/root/outside/secret"));
  ATTEMPT("/proc/1/cwd", reads("/proc/1/cwd/../outside/secret"));
  static const char *odd[] = {"/share/..\\outside\\secret", "/share/%2e%2e/outside/secret", "/share/..%2foutside/secret", "/share/\xc0\xae\xc0\xae/outside/secret",
                              "/share/. ./outside/secret", "/share/.../outside/secret", "/share//..//outside//secret", "/share/./.././outside/secret", "/share/../share/../outside/secret",
                              "/share/out-absolute/.", "/share/out-directory/./secret", "file:///outside/secret", "/share/\xef\xbc\x8e\xef\xbc\x8e/outside/secret"};
  for (unsigned i = 0; i < COUNT(odd); i++) {
    char name[64];
    snprintf(name, sizeof name, "an odd path, %u", i);
    ATTEMPT(name, reads(odd[i]));
  }
  // Changing what is outside, through symlinks of the host's: the test looks at the host's side.
  ATTEMPT("writing through a symlink", ({ int fd = open("/share/out-absolute", O_WRONLY | O_TRUNC); bool r = fd >= 0; if (r) write(fd, "gone", 4); r; }));
  ATTEMPT("making a file through a symlink", opens("/share/out-directory/new", O_WRONLY | O_CREAT));
  ATTEMPT("O_CREAT through a dangling symlink", (unlink("/share/dangling"), symlink("../outside/made", "/share/dangling"), opens("/share/dangling", O_WRONLY | O_CREAT), false));
  ATTEMPT("truncate through a symlink", truncate("/share/out-absolute", 0) == 0);
  ATTEMPT("chmod through a symlink", chmod("/share/out-absolute", 0777) == 0);
  ATTEMPT("chown through a symlink", chown("/share/out-absolute", 1, 1) == 0);
  ATTEMPT("times through a symlink", utimensat(AT_FDCWD, "/share/out-absolute", 0, 0) == 0);
  ATTEMPT("an extended attribute through a symlink", setxattr("/share/out-absolute", "user.x", "y", 1, 0) == 0);
  ATTEMPT("mkdir through a symlink", mkdir("/share/out-directory/d", 0755) == 0);
  ATTEMPT("unlink through a symlink", unlink("/share/out-directory/secret") == 0);
  ATTEMPT("rename out of the folder", (put("/share/file", "x"), rename("/share/file", "/share/../outside/file") == 0 && access("/outside/file", F_OK) != 0));
  ATTEMPT("rename into a symlink's directory", rename("/share/file", "/share/out-directory/file") == 0);
  ATTEMPT("link into a symlink's directory", link("/share/file", "/share/out-directory/file") == 0);
  ATTEMPT("a bind mount of a symlink", ({
    mkdir("/tmp/b", 0755);
    bool r = syscall(SYS_mount, "/share/out-directory", "/tmp/b", 0, 4096, 0) == 0 && reads("/tmp/b/secret");
    r;
  }));
  ATTEMPT("a device of the host's", ({
    unlink("/share/device");
    mknod("/share/device", S_IFCHR | 0666, makedev(1, 1));
    bool r = opens("/share/device", O_RDWR);
    r;
  }));
  // Races: a directory becomes a symlink that leads out, again and again.
  mkdir("/share/race", 0755);
  put("/share/race/secret", "plain");
  symlink("../outside", "/share/race-link");
  ATTEMPT("a directory that becomes a symlink", race(0, "/share/race/secret", O_RDONLY));
  ATTEMPT("a directory that is exchanged with a symlink", race(1, "/share/race/secret", O_RDONLY));
  ATTEMPT("the same, with O_NOFOLLOW at the end", race(1, "/share/race/secret", O_RDONLY | O_NOFOLLOW));
  ATTEMPT("the same, with O_CREAT", race(1, "/share/race/secret", O_RDWR | O_CREAT));

  // A read-only folder.
  int fixed = open("/fixed/file", O_RDONLY);
  ATTEMPT("writing to a read-only folder", opens("/fixed/file", O_WRONLY));
  ATTEMPT("appending", opens("/fixed/file", O_RDWR | O_APPEND));
  ATTEMPT("truncating at open", opens("/fixed/file", O_RDONLY | O_TRUNC));
  ATTEMPT("truncating", truncate("/fixed/file", 0) == 0);
  ATTEMPT("making a file", opens("/fixed/new", O_RDWR | O_CREAT));
  ATTEMPT("O_TMPFILE", opens("/fixed", O_RDWR | O_TMPFILE));
  ATTEMPT("unlinking", unlink("/fixed/file") == 0);
  ATTEMPT("making a directory", mkdir("/fixed/d", 0755) == 0);
  ATTEMPT("renaming", rename("/fixed/file", "/fixed/other") == 0);
  ATTEMPT("linking", link("/fixed/file", "/fixed/other") == 0);
  ATTEMPT("a symlink", symlink("x", "/fixed/other") == 0);
  ATTEMPT("a node", mknod("/fixed/other", S_IFIFO | 0600, 0) == 0);
  ATTEMPT("changing the mode", chmod("/fixed/file", 0777) == 0 || fchmod(fixed, 0777) == 0);
  ATTEMPT("changing the owner", chown("/fixed/file", 1, 1) == 0 || fchown(fixed, 1, 1) == 0);
  ATTEMPT("changing times", utimensat(AT_FDCWD, "/fixed/file", 0, 0) == 0);
  ATTEMPT("an extended attribute", setxattr("/fixed/file", "user.x", "y", 1, 0) == 0);
  ATTEMPT("reopening through /proc", (snprintf(path, sizeof path, "/proc/self/fd/%d", fixed), opens(path, O_RDWR)));
  ATTEMPT("mapping it shared, to write", mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fixed, 0) != MAP_FAILED);
  ATTEMPT("mapping it shared, then to write", ({ void *m = mmap(0, 4096, PROT_READ, MAP_SHARED, fixed, 0); m != MAP_FAILED && mprotect(m, 4096, PROT_READ | PROT_WRITE) == 0; }));
  ATTEMPT("/proc/self/mem over a mapping", ({
    char *m = mmap(0, 4096, PROT_READ, MAP_SHARED, fixed, 0);
    int mem = open("/proc/self/mem", O_RDWR);
    bool r = m != MAP_FAILED && pwrite(mem, "gone", 4, (off_t)(long)m) == 4 && !memcmp(m, "gone", 4);
    r;
  }));
  ATTEMPT("splicing into it", ({ int p[2]; pipe(p); write(p[1], "gone", 4); splice(p[0], 0, fixed, 0, 4, 0) == 4; }));
  ATTEMPT("copying into it", ({ int f = open("/share/file", O_RDONLY); copy_file_range(f, 0, fixed, 0, 1, 0) > 0; }));
  ATTEMPT("fallocate", fallocate(fixed, 0, 0, 100) == 0);
  ATTEMPT("remounting it writable", ({ syscall(SYS_mount, 0, "/fixed", 0, 32, 0); opens("/fixed/file", O_WRONLY); }));
  ATTEMPT("a writable bind mount of it", ({ mkdir("/tmp/c", 0755); syscall(SYS_mount, "/fixed", "/tmp/c", 0, 4096, 0); opens("/tmp/c/file", O_WRONLY); }));
  ATTEMPT("an overlay's lower layer", ({ mkdir("/tmp/u", 0755), mkdir("/tmp/w", 0755), mkdir("/tmp/o", 0755); syscall(SYS_mount, "overlay", "/tmp/o", "overlay", 0, "lowerdir=/fixed,upperdir=/tmp/u,workdir=/tmp/w"); opens("/tmp/o/file", O_WRONLY) && false; }));
  return 0;
}
