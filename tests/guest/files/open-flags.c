// open(2): flags, what each refuses, and which error comes first.
#include "t.h"
int main(void) {
  put("f", "content");
  mkdir("d", 0755);
  symlink("f", "link");
  symlink("none", "dangling");
  symlink("d", "dlink");
  T(open("none", O_RDONLY));
  T(open("", O_RDONLY));
  T(open("f/", O_RDONLY));
  T(open("f/x", O_RDONLY));
  T(open("none/x", O_RDONLY | O_CREAT, 0644));
  T(open("none/", O_RDONLY | O_CREAT, 0644));
  T(open("d/new/", O_WRONLY | O_CREAT, 0644));
  T(open("d", O_WRONLY));
  T(open("d", O_RDWR));
  T(open("d", O_RDONLY | O_CREAT, 0644));
  T(open("d", O_RDONLY | O_TRUNC));
  OK(open("d", O_RDONLY));
  OK(open("d/", O_RDONLY | O_DIRECTORY));
  T(open("f", O_RDONLY | O_DIRECTORY));
  T(open("f", O_RDONLY | O_CREAT | O_DIRECTORY, 0644));
  T(open("f", O_WRONLY | O_CREAT | O_EXCL, 0644));
  T(open("d", O_WRONLY | O_CREAT | O_EXCL, 0644));
  T(open("link", O_WRONLY | O_CREAT | O_EXCL, 0644));
  T(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0644));
  T(open("dangling", O_RDONLY));
  T(open("link", O_RDONLY | O_NOFOLLOW));
  T(open("dangling", O_RDONLY | O_NOFOLLOW));
  T(open("dlink", O_RDONLY | O_NOFOLLOW));
  T(open("dlink", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
  OK(open("dlink/", O_RDONLY | O_NOFOLLOW));
  OK(open("dlink/../f", O_RDONLY | O_NOFOLLOW));
  OK(open("dangling", O_WRONLY | O_CREAT, 0644)); // makes what it points to
  T(access("none", F_OK));
  T(open((char *)16, O_RDONLY));
  char name[300];
  memset(name, 'n', sizeof name);
  name[255] = 0;
  OK(open(name, O_CREAT | O_RDWR, 0600));
  name[255] = 'n';
  name[256] = 0;
  T(open(name, O_RDONLY));
  char path[4200];
  memset(path, '/', sizeof path);
  path[4096] = 0;
  T(open(path, O_RDONLY));
  path[4095] = 0;
  OK(open(path, O_RDONLY));
  memset(path, '.', 4095);
  for (int i = 1; i < 4090; i += 2) path[i] = '/';
  path[4089] = 0;
  OK(open(path, O_RDONLY));
  // Modes of access.
  int fd = open("f", O_WRONLY);
  char b[8];
  T(read(fd, b, 1));
  fd = open("f", O_RDONLY);
  T(write(fd, b, 1));
  T(ftruncate(fd, 0));
  fd = open("f", 3);
  CHECK(fd >= 0);
  T(read(fd, b, 1));
  T(write(fd, b, 1));
  fd = MUST(open("f", O_RDONLY | O_TRUNC)); // even when read-only
  struct stat st;
  fstat(fd, &st);
  say("size %ld\n", (long)st.st_size);
  // What F_GETFL tells.
  struct { const char *name; int flags; } list[] = {{"O_RDONLY", O_RDONLY}, {"O_WRONLY", O_WRONLY}, {"O_RDWR|O_APPEND", O_RDWR | O_APPEND},
    {"O_RDWR|O_CREAT|O_TRUNC|O_NONBLOCK", O_RDWR | O_CREAT | O_TRUNC | O_NONBLOCK}, {"O_RDONLY|O_CLOEXEC|O_NOATIME", O_RDONLY | O_CLOEXEC | O_NOATIME},
    {"O_WRONLY|O_SYNC", O_WRONLY | O_SYNC}, {"O_WRONLY|O_DSYNC", O_WRONLY | O_DSYNC}};
  for (int i = 0; i < 7; i++) {
    int x = MUST(open("f", list[i].flags, 0644)), fl = fcntl(x, F_GETFL) & ~0100000;
    say("%s: mode %d append %d nonblock %d creat %d trunc %d sync %d dsync %d noatime %d cloexec %d\n", list[i].name, fl & 3,
        !!(fl & O_APPEND), !!(fl & O_NONBLOCK), !!(fl & O_CREAT), !!(fl & O_TRUNC), (fl & O_SYNC) == O_SYNC, !!(fl & O_DSYNC),
        !!(fl & O_NOATIME), fcntl(x, F_GETFD));
    close(x);
  }
  T(fcntl(fd, F_SETFL, O_RDWR | O_CREAT | O_APPEND));
  say("after F_SETFL: mode %d append %d\n", fcntl(fd, F_GETFL) & 3, !!(fcntl(fd, F_GETFL) & O_APPEND));
  T(creat("c", 0644) >= 0);
  T(close(999));
  T(close(-1));
  T(mknod("sock", S_IFSOCK | 0644, 0));
  T(open("sock", O_RDWR));
  return 0;
}
