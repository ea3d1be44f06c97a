// Random record locks of three processes and flocks of descriptors: who gets what, and what F_GETLK tells.
#include "random.h"
#include <sys/file.h>
// Workers do as they are told over a pipe and answer with a line.
struct order { int op, type, whence, fd; long start, len; };
static int to[3][2], from[3][2];
static void work(int me) {
  int fds[3];
  for (int i = 0; i < 3; i++) fds[i] = open("f", O_RDWR);
  struct order o;
  while (read(to[me][0], &o, sizeof o) == sizeof o) {
    char line[128];
    errno = 0;
    struct flock l = {.l_type = o.type, .l_whence = o.whence, .l_start = o.start, .l_len = o.len};
    long r = 0;
    switch (o.op) {
      case 0: r = fcntl(fds[o.fd], F_SETLK, &l); break;
      case 1: r = fcntl(fds[o.fd], F_GETLK, &l); break;
      case 2: r = fcntl(fds[o.fd], F_OFD_SETLK, &l); break;
      case 3: r = fcntl(fds[o.fd], F_OFD_GETLK, &l); break;
      case 4: r = flock(fds[o.fd], (o.type == F_RDLCK ? LOCK_SH : o.type == F_WRLCK ? LOCK_EX : LOCK_UN) | LOCK_NB); break;
      case 5:
        close(fds[o.fd]);
        fds[o.fd] = open("f", O_RDWR);
        break;
      case 6: r = lseek(fds[o.fd], o.start & 63, SEEK_SET); break;
    }
    if ((o.op == 1 || o.op == 3) && r == 0)
      sprintf(line, "type %d whence %d %ld+%ld %s\n", l.l_type, l.l_whence, (long)l.l_start, (long)l.l_len, l.l_type == F_UNLCK ? "" : l.l_pid > 0 ? "process" : "description");
    else sprintf(line, "%ld %s\n", r, r < 0 ? err(errno) : "");
    write(from[me][1], line, strlen(line));
  }
  _exit(0);
}
int main(int argc, char **argv) {
  seed(argc, argv);
  put("f", "0123456789012345678901234567890123456789");
  for (int i = 0; i < 3; i++) {
    MUST(pipe(to[i]));
    MUST(pipe(from[i]));
  }
  for (int i = 0; i < 3; i++)
    CHILD({
      for (int j = 0; j < 3; j++) close(to[j][1]);
      work(i);
    });
  for (int step = 0; step < 1500; step++) {
    int w = rnd(3), ops[] = {0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6};
    int types[] = {F_RDLCK, F_WRLCK, F_UNLCK}, whences[] = {SEEK_SET, SEEK_SET, SEEK_SET, SEEK_CUR, SEEK_END};
    struct order o = {ops[rnd(11)], types[rnd(3)], whences[rnd(5)], rnd(3), rnd(60), rnd(20)};
    if (rnd(6) == 0) o.len = -(long)rnd(20);
    if (rnd(6) == 0) o.len = 0;
    if (rnd(9) == 0) o.start = -(long)rnd(20);
    if (o.op == 5 && rnd(4)) o.op = 0;
    // Asking for an unlock is a newer Linux's.
    if (o.op == 3 && o.type == F_UNLCK) o.type = F_RDLCK;
    write(to[w][1], &o, sizeof o);
    char line[128];
    long n = read(from[w][0], line, sizeof line - 1);
    line[n > 0 ? n : 0] = 0;
    say("%d process %d fd %d op %d type %d whence %d %ld+%ld: %s", step, w, o.fd, o.op, o.type, o.whence, o.start, o.len, line);
  }
  for (int i = 0; i < 3; i++) close(to[i][1]);
  while (wait(0) > 0) {
  }
  return 0;
}
