/* 1 MB in 1,000 chunks and in one: bulk write|read null|pipe|tmpfs|hostfs|unix|tcp CHUNKS. ns for each megabyte. */
#include "measure.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

enum { MEGABYTE = 1000000 };
static char data[MEGABYTE];
static int fd, size, seekable;

static uint64_t write_(long n) {
  uint64_t start = now();
  for (long i = 0; i < n; i++) {
    if (seekable) lseek(fd, 0, SEEK_SET);
    for (int done = 0; done < MEGABYTE; done += size) {
      for (int part = 0; part < size;) {
        ssize_t count = write(fd, data + done + part, size - part);
        must(count > 0, "write");
        part += count;
      }
    }
  }
  return now() - start;
}
static uint64_t read_(long n) {
  uint64_t start = now();
  for (long i = 0; i < n; i++) {
    if (seekable) lseek(fd, 0, SEEK_SET);
    for (int done = 0; done < MEGABYTE;) {
      int want = MEGABYTE - done < size ? MEGABYTE - done : size;
      ssize_t count = read(fd, data + done, want);
      must(count > 0, "read");
      done += count;
    }
  }
  return now() - start;
}

/* The other end is a process that reads, or writes, 64 KiB at a time. */
static void peer(int end, int writing) {
  static char buffer[65536];
  if (fork()) return;
  close(fd);
  while ((writing ? write(end, buffer, sizeof buffer) : read(end, buffer, sizeof buffer)) > 0);
  _exit(0);
}

static void connected(int pair[2]) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  must(bind(listener, (void *)&address, length) == 0 && listen(listener, 1) == 0, "listen");
  getsockname(listener, (void *)&address, &length);
  pair[0] = socket(AF_INET, SOCK_STREAM, 0);
  must(connect(pair[0], (void *)&address, length) == 0, "connect");
  pair[1] = accept(listener, 0, 0);
  for (int i = 0; i < 2; i++) setsockopt(pair[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  close(listener);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int writing = argv[1][0] == 'w', pair[2];
  const char *to = argv[2];
  size = MEGABYTE / atoi(argv[3]);
  if (!strcmp(to, "null")) fd = open(writing ? "/dev/null" : "/dev/zero", O_RDWR);
  else if (!strcmp(to, "tmpfs") || !strcmp(to, "hostfs")) {
    char path[100];
    snprintf(path, sizeof path, "%s/airside-bulk-%d", *to == 't' ? "/dev/shm" : ".", getpid());
    must((fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600)) > 0, path);
    unlink(path);
    must(write(fd, data, MEGABYTE) == MEGABYTE, "write");
    seekable = 1;
  } else {
    if (!strcmp(to, "pipe")) must(pipe(pair) == 0, "pipe");
    else if (!strcmp(to, "unix")) must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
    else connected(pair);
    fd = pair[writing];
    peer(pair[!writing], !writing);
    close(pair[!writing]);
    signal(SIGCHLD, SIG_IGN);
  }
  must(fd > 0, to);
  report(writing ? write_ : read_);
  return 0;
}
