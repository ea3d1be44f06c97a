// /dev/null, zero, full, random, urandom, tty without a terminal; fd links.
#include "t.h"
#include <poll.h>
int main(void) {
  char b[100];
  memset(b, 7, sizeof b);
  int n = MUST(open("/dev/null", O_RDWR)), z = MUST(open("/dev/zero", O_RDWR)), f = MUST(open("/dev/full", O_RDWR)), r = MUST(open("/dev/urandom", O_RDWR));
  T(read(n, b, 10));
  T(write(n, b, 10));
  T(write(n, (char *)16, 10));
  T(read(z, b, 10));
  say("%d\n", b[0] + b[9]);
  T(write(z, b, 10));
  T(read(z, (char *)16, 10));
  T(read(f, b, 10));
  T(write(f, b, 10));
  T(write(f, b, 0));
  T(read(r, b, 100));
  int distinct = 0;
  for (int i = 1; i < 100; i++) distinct += b[i] != b[0];
  CHECK(distinct > 50);
  T(write(r, b, 10));
  T(open("/dev/random", O_RDONLY) >= 0);
  T(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
  T(ioctl(n, TIOCGWINSZ, b));
  T(isatty(n));
  T(ftruncate(z, 0));
  T(fsync(n));
  T(fdatasync(n));
  struct pollfd p[4] = {{n, POLLIN | POLLOUT, 0}, {z, POLLIN | POLLOUT, 0}, {f, POLLIN | POLLOUT, 0}, {r, POLLIN | POLLOUT, 0}};
  T(poll(p, 4, 0));
  for (int i = 0; i < 4; i++) say("%d ", p[i].revents == (POLLIN | POLLOUT));
  say("\n");
  int ent = -1;
  T(ioctl(r, 0x80045200, &ent)); // RNDGETENTCNT
  CHECK(ent > 0);
  T(access("/dev/fd/0", F_OK));
  T(access("/dev/stdin", F_OK));
  T(access("/dev/stdout", F_OK));
  struct stat st;
  T(stat("/dev/ptmx", &st));
  say("%d\n", S_ISCHR(st.st_mode));
  T(stat("/dev/shm", &st));
  say("%o\n", st.st_mode);
  T(stat("/dev/pts", &st));
  say("%d\n", S_ISDIR(st.st_mode));
  T(stat("/tmp", &st));
  say("%o\n", st.st_mode);
  T(mkdir("/proc/x", 0755));
  T(open("/proc/x", O_CREAT | O_WRONLY, 0644));
  return 0;
}
