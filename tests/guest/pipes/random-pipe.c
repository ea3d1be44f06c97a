// Random writes, reads, splices, tees and polls on two pipes and a file: results, content, readiness.
#include "random.h"
#include <poll.h>
static unsigned char next;
static char b[70000];
static unsigned sum(const char *p, long n) {
  unsigned h = 2166136261u;
  for (long i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 16777619u;
  return h;
}
int main(int argc, char **argv) {
  seed(argc, argv);
  int p[2][2], fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
  for (int i = 0; i < 2; i++) MUST(pipe2(p[i], O_NONBLOCK));
  for (int i = 0; i < 5000; i++) b[i] = i * 7;
  MUST(write(fd, b, 5000));
  // A pipe may hold the file's own pages: the file that is spliced from never changes.
  int from = MUST(open("from", O_RDWR | O_CREAT, 0644));
  MUST(write(from, b, 5000));
  int sizes[] = {1, 10, 100, 1000, 4095, 4096, 4097, 8192, 20000, 65536, 66000};
  signal(SIGPIPE, SIG_IGN);
  for (int step = 0; step < 1500; step++) {
    int k = rnd(2), n = sizes[rnd(11)];
    if (rnd(3) == 0) n = rnd(n) + 1;
    long r = 0;
    off_t off;
    unsigned h = 0;
    const char *what = "?";
    errno = 0;
    switch (rnd(11)) {
      case 0:
      case 1:
        what = "write";
        for (int i = 0; i < n; i++) b[i] = next++;
        r = write(p[k][1], b, n);
        break;
      case 2:
      case 3:
        what = "read";
        r = read(p[k][0], b, n);
        if (r > 0) h = sum(b, r);
        break;
      case 4:
        what = "tee";
        r = tee(p[k][0], p[!k][1], n, SPLICE_F_NONBLOCK);
        break;
      case 5:
        what = "splice pipe to pipe";
        r = splice(p[k][0], 0, p[!k][1], 0, n, SPLICE_F_NONBLOCK);
        break;
      case 6:
        what = "splice file to pipe";
        off = rnd(6000);
        r = splice(from, &off, p[k][1], 0, n, SPLICE_F_NONBLOCK);
        break;
      case 7:
        what = "splice pipe to file";
        off = rnd(6000);
        r = splice(p[k][0], 0, fd, &off, n, SPLICE_F_NONBLOCK);
        break;
      case 8: {
        what = "writev";
        for (int i = 0; i < n; i++) b[i] = next++;
        int m = rnd(n);
        struct iovec v[3] = {{b, m}, {b, 0}, {b + m, n - m}};
        r = writev(p[k][1], v, 3);
        break;
      }
      case 9: {
        what = "set size";
        int s[] = {4096, 8192, 16384, 65536, 131072};
        r = fcntl(p[k][1], F_SETPIPE_SZ, s[rnd(5)]);
        break;
      }
      case 10:
        what = "file";
        ftruncate(fd, 3000 + rnd(4000));
        pread(fd, b, 7000, 0);
        h = sum(b, 3000);
        break;
    }
    int have[2] = {0, 0};
    struct pollfd q[4] = {{p[0][0], POLLIN, 0}, {p[0][1], POLLOUT, 0}, {p[1][0], POLLIN, 0}, {p[1][1], POLLOUT, 0}};
    poll(q, 4, 0);
    for (int i = 0; i < 2; i++) ioctl(p[i][0], FIONREAD, &have[i]);
    say("%d %s %d %d: %ld %s %x; %d %d %d%d%d%d\n", step, what, k, n, r, r < 0 ? err(errno) : "", h, have[0], have[1], !!q[0].revents, !!q[1].revents, !!q[2].revents, !!q[3].revents);
  }
  return 0;
}
