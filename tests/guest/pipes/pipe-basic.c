// pipe(2): end of file, sizes, atomicity, non-blocking, flags.
#include "t.h"
int main(void) {
  int p[2];
  T(pipe((int *)16));
  T(pipe2(p, 0x100));
  T(pipe2(p, O_CLOEXEC | O_NONBLOCK));
  T(fcntl(p[0], F_GETFD));
  CHECK((fcntl(p[0], F_GETFL) & (O_NONBLOCK | O_ACCMODE)) == (O_NONBLOCK | O_RDONLY));
  CHECK((fcntl(p[1], F_GETFL) & (O_NONBLOCK | O_ACCMODE)) == (O_NONBLOCK | O_WRONLY));
  static char b[200000];
  T(read(p[0], b, 10));
  T(read(p[0], b, 0));
  T(write(p[0], b, 1));
  T(read(p[1], b, 1));
  T(write(p[1], "hello", 5));
  T(write(p[1], "world", 5));
  T(read(p[0], b, 7));
  T(read(p[0], b, 7));
  // The capacity, counted two ways.
  T(fcntl(p[1], F_GETPIPE_SZ));
  T(write(p[1], b, sizeof b));
  T(write(p[1], b, 1));
  T(read(p[0], b, 4096));
  T(write(p[1], b, 4096));
  T(write(p[1], b, 1));
  // At most PIPE_BUF goes in whole or not at all; more goes in part.
  T(read(p[0], b, 4096 + 100));
  T(write(p[1], b, 4096));
  T(write(p[1], b, 4097));
  while (read(p[0], b, sizeof b) > 0) {
  }
  // Small writes share pages.
  int n = 0;
  while (write(p[1], b, 1) == 1) n++;
  say("bytes one at a time %d\n", n);
  while (read(p[0], b, sizeof b) > 0) {
  }
  n = 0;
  while (write(p[1], b, 3000) == 3000) n++;
  say("records of 3000: %d\n", n);
  while (read(p[0], b, sizeof b) > 0) {
  }
  // Resizing.
  T(fcntl(p[1], F_SETPIPE_SZ, 4096));
  T(fcntl(p[1], F_SETPIPE_SZ, 5000));
  T(fcntl(p[1], F_SETPIPE_SZ, 1 << 20));
  T(fcntl(p[0], F_GETPIPE_SZ));
  T(write(p[1], b, 100000));
  T(fcntl(p[1], F_SETPIPE_SZ, 4096));
  T(fcntl(p[1], F_SETPIPE_SZ, 0));
  T(fcntl(p[1], F_SETPIPE_SZ, -1));
  T(fcntl(1, F_GETPIPE_SZ) > 0);
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(fcntl(p[1], F_SETPIPE_SZ, 2 << 20));
  });
  while (read(p[0], b, sizeof b) > 0) {
  }
  // The ends.
  T(write(p[1], "last", 4));
  T(close(p[1]));
  T(read(p[0], b, 10));
  T(read(p[0], b, 10));
  T(read(p[0], b, 10));
  int q[2];
  MUST(pipe(q));
  struct stat st;
  fstat(q[0], &st);
  say("%o %ld\n", st.st_mode, (long)st.st_blksize);
  T(fchmod(q[0], 0600));
  T(fchown(q[0], 5, 6));
  fstat(q[1], &st);
  say("%o %d\n", st.st_mode, st.st_uid);
  return 0;
}
