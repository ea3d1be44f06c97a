// Open file description locks and flock(2): whose they are, conflicts, inheritance.
#include "t.h"
#include <sys/file.h>
static int ofd(int fd, int cmd, int type, off_t start, off_t len) {
  struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
  return fcntl(fd, cmd, &l);
}
int main(void) {
  put("f", "0123456789");
  int a = MUST(open("f", O_RDWR)), b = MUST(open("f", O_RDWR)), d = MUST(dup(a));
  T(ofd(a, F_OFD_SETLK, F_WRLCK, 0, 10));
  T(ofd(b, F_OFD_SETLK, F_RDLCK, 5, 1));
  T(ofd(d, F_OFD_SETLK, F_RDLCK, 5, 1)); // the same description: converts
  T(ofd(b, F_OFD_SETLK, F_RDLCK, 5, 1));
  T(ofd(b, F_SETLK, F_WRLCK, 0, 1)); // and conflicts with POSIX locks, even one's own
  struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 3};
  T(fcntl(b, F_OFD_GETLK, &l));
  say("type %d pid %d start %ld len %ld\n", l.l_type, l.l_pid, (long)l.l_start, (long)l.l_len);
  l.l_pid = 5;
  T(fcntl(b, F_OFD_SETLK, &l));
  // Closing another descriptor keeps it; the last one lets go.
  close(open("f", O_RDONLY));
  T(ofd(b, F_OFD_SETLK, F_WRLCK, 0, 1));
  close(a);
  T(ofd(b, F_OFD_SETLK, F_WRLCK, 0, 1));
  close(d);
  T(ofd(b, F_OFD_SETLK, F_WRLCK, 0, 1));
  // Inherited by fork, and held till all are closed.
  pid_t c = CHILD(for (;;) pause());
  close(b);
  int x = MUST(open("f", O_RDWR));
  T(ofd(x, F_OFD_SETLK, F_WRLCK, 0, 1));
  kill(c, SIGKILL);
  reap(c);
  T(ofd(x, F_OFD_SETLK, F_WRLCK, 0, 1));
  ofd(x, F_OFD_SETLK, F_UNLCK, 0, 0);
  // flock
  int y = MUST(open("f", O_RDONLY));
  T(flock(x, LOCK_SH));
  T(flock(y, LOCK_SH));
  T(flock(y, LOCK_EX | LOCK_NB));
  T(flock(x, LOCK_UN));
  T(flock(y, LOCK_EX | LOCK_NB));
  T(flock(x, LOCK_SH | LOCK_NB));
  T(flock(x, LOCK_SH | LOCK_EX));
  T(flock(x, 0));
  T(flock(x, LOCK_UN | LOCK_NB));
  T(flock(99, LOCK_EX));
  // flock and fcntl don't see each other.
  T(ofd(x, F_SETLK, F_WRLCK, 0, 0));
  // A dup shares it, unlocking by one unlocks.
  int z = dup(y);
  T(flock(z, LOCK_UN));
  T(flock(x, LOCK_EX | LOCK_NB));
  // Blocking.
  c = CHILD({
    int own = open("f", O_RDWR);
    T(flock(own, LOCK_EX));
    _exit(3);
  });
  until(c, 'S');
  nap(5);
  flock(x, LOCK_UN);
  REAP(c);
  int p[2];
  pipe(p);
  T(flock(p[0], LOCK_EX | LOCK_NB));
  // A lock goes with its owner.
  c = CHILD({
    int own = open("f", O_RDWR);
    flock(own, LOCK_EX);
  });
  reap(c);
  T(flock(x, LOCK_EX | LOCK_NB));
  // lockf
  T(lockf(x, F_TEST, 0));
  T(lockf(x, F_TLOCK, 5));
  APART(T(lockf(x, F_TEST, 0)));
  return 0;
}
