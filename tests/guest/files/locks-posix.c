// POSIX record locks: conflicts, splitting and joining, F_GETLK, release on any close, deadlock.
#include "t.h"
static int fd;
static int lock(int cmd, int type, off_t start, off_t len) {
  struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
  return fcntl(fd, cmd, &l);
}
// What another process would meet, from 0 to 99.
static void map(void) {
  char text[101] = {0};
  pid_t parent = getpid();
  int p[2];
  MUST(pipe(p));
  pid_t c = CHILD({
    for (int i = 0; i < 100; i++) {
      struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = i, .l_len = 1};
      fcntl(fd, F_GETLK, &l);
      text[i] = l.l_type == F_UNLCK ? '.' : l.l_type == F_RDLCK ? 'r' : 'w';
      if (l.l_type != F_UNLCK && l.l_pid != parent) text[i] = '?';
    }
    write(p[1], text, 100);
  });
  reap(c);
  read(p[0], text, 100);
  close(p[0]);
  close(p[1]);
  say("%.50s\n", text);
}
int main(void) {
  fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  ftruncate(fd, 100);
  T(lock(F_SETLK, F_WRLCK, 10, 20));
  map();
  T(lock(F_SETLK, F_RDLCK, 15, 5));
  map();
  T(lock(F_SETLK, F_UNLCK, 17, 1));
  map();
  T(lock(F_SETLK, F_WRLCK, 5, 30));
  map();
  T(lock(F_SETLK, F_UNLCK, 0, 0));
  map();
  T(lock(F_SETLK, F_RDLCK, 40, 0)); // to the end and beyond
  map();
  T(lock(F_SETLK, F_WRLCK, 30, -10)); // the ten before
  map();
  T(lock(F_SETLK, F_WRLCK, 5, -10));
  T(lock(F_SETLK, F_WRLCK, -1, 1));
  T(lock(F_SETLK, 9, 0, 1));
  T(lock(F_GETLK, F_UNLCK, 0, 1));
  fd = MUST(open("f", O_RDONLY));
  T(lock(F_SETLK, F_WRLCK, 0, 1));
  T(lock(F_SETLK, F_RDLCK, 0, 1));
  close(fd); // and all is let go, since it is the process's last word
  fd = MUST(open("f", O_WRONLY));
  T(lock(F_SETLK, F_RDLCK, 0, 1));
  map();
  close(fd);
  fd = MUST(open("f", O_RDWR));
  // Conflicts.
  T(lock(F_SETLK, F_RDLCK, 0, 10));
  APART({
    T(lock(F_SETLK, F_RDLCK, 5, 10));
    T(lock(F_SETLK, F_WRLCK, 5, 10));
    T(lock(F_SETLK, F_WRLCK, 10, 10));
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    T(fcntl(fd, F_GETLK, &l));
    say("type %d start %ld len %ld whence %d parent %d\n", l.l_type, (long)l.l_start, (long)l.l_len, l.l_whence, l.l_pid == getppid());
  });
  // Waiting.
  lock(F_SETLK, F_WRLCK, 0, 10);
  pid_t me = getpid();
  pid_t c = CHILD({
    T(lock(F_SETLKW, F_WRLCK, 0, 1));
    _exit(4);
  });
  until(c, 'S');
  nap(5);
  lock(F_SETLK, F_UNLCK, 0, 5);
  REAP(c);
  // Deadlock is noticed.
  lock(F_SETLK, F_WRLCK, 0, 1);
  gate g = gate_new();
  c = CHILD({
    lock(F_SETLK, F_WRLCK, 1, 1);
    gate_open(g);
    lock(F_SETLKW, F_WRLCK, 0, 1);
    _exit(5);
  });
  gate_wait(g);
  until(c, 'S');
  nap(5);
  T(lock(F_SETLKW, F_WRLCK, 1, 1));
  lock(F_SETLK, F_UNLCK, 0, 0);
  REAP(c);
  (void)me;
  // Closing another descriptor of the file lets go; a dup too. fork does not inherit.
  lock(F_SETLK, F_WRLCK, 0, 10);
  map();
  close(dup(fd));
  map();
  lock(F_SETLK, F_WRLCK, 0, 10);
  close(open("f", O_RDONLY));
  map();
  // F_SETLK relative to the current position and the end.
  struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -70, .l_len = 5};
  T(fcntl(fd, F_SETLK, &l));
  lseek(fd, 10, SEEK_SET);
  l = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_CUR, .l_start = -5, .l_len = 3};
  T(fcntl(fd, F_SETLK, &l));
  map();
  T(fcntl(fd, F_SETLK, (void *)16));
  int p[2];
  pipe(p);
  l.l_whence = SEEK_SET;
  l.l_start = 0;
  T(fcntl(p[0], F_SETLK, &l));
  return 0;
}
