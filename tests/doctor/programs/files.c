/* How files are read, written, looked for, opened and synced. */
#include "subject.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

static char buffer[65536];

void write_all(int fd, size_t chunk, size_t total) {
  for (size_t done = 0; done < total; done += chunk) check(write(fd, buffer, chunk) == (ssize_t)chunk, "write");
}
void read_all(int fd, size_t chunk) {
  while (read(fd, buffer, chunk) > 0) continue;
}
int fresh(const char *path) {
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  check(fd >= 0, path);
  return fd;
}

/* 1 MB in 1,000 pieces. */
void small_writes(int wasteful) { write_all(fresh("/tmp/out"), wasteful ? 1000 : 50000, 1000000); }
void single_writes(int wasteful) { write_all(fresh("/tmp/out"), wasteful ? 1 : 2500, 5000); }
void reads(int wasteful, size_t chunk, size_t total) {
  int fd = fresh("/tmp/in");
  write_all(fd, 50000, total);
  lseek(fd, 0, SEEK_SET);
  read_all(fd, wasteful ? chunk : sizeof buffer);
}
void small_reads(int wasteful) { reads(wasteful, 500, 1000000); }
void single_reads(int wasteful) { reads(wasteful, 1, 50000); }

void small_sends(int wasteful) {
  int ends[2];
  check(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
  for (int i = 0; i < 400; i++) {
    size_t size = wasteful ? 40 : 16000;
    if (!wasteful && i % 100) continue;
    check(send(ends[0], buffer, size, 0) > 0, "send");
    if (!wasteful || i % 100 == 99) check(recv(ends[1], buffer, sizeof buffer, 0) > 0, "recv");
  }
}

void missing(int wasteful) {
  char name[64];
  for (int i = 0; i < 500; i++) {
    snprintf(name, sizeof name, wasteful ? "/nowhere/lib%d.so" : "/etc/passwd", i);
    access(name, F_OK);
  }
}
void stats(int wasteful) {
  struct stat status;
  for (int i = 0; i < (wasteful ? 3000 : 20); i++) check(!stat("/etc/passwd", &status), "stat");
}
void opens(int wasteful) {
  char name[64];
  for (int i = 0; i < (wasteful ? 1100 : 10); i++) {
    snprintf(name, sizeof name, "/tmp/part%d", i);
    close(fresh(name));
  }
}
void reopened(int wasteful) {
  int fd = -1;
  for (int i = 0; i < 100; i++) {
    if (wasteful || fd < 0) check((fd = open("/etc/passwd", O_RDONLY)) >= 0, "open");
    check(pread(fd, buffer, 64, 0) > 0, "pread");
    if (wasteful) close(fd);
  }
}
void syncs(int wasteful) {
  int fd = fresh("/tmp/journal");
  for (int i = 0; i < 40; i++) {
    check(write(fd, buffer, 4096) == 4096, "write");
    if (wasteful || i == 39) check(!fsync(fd), "fsync");
  }
}

int main(int argc, char **argv) {
  static const struct subject subjects[] = {
      {"small-writes", small_writes}, {"single-writes", single_writes}, {"small-reads", small_reads},
      {"single-reads", single_reads}, {"small-sends", small_sends},     {"missing", missing},
      {"stats", stats},               {"opens", opens},                 {"reopened", reopened},
      {"syncs", syncs},               {0},
  };
  return choose(subjects, argc, argv);
}
