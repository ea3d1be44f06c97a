// FIFOs: when open waits, what O_NONBLOCK changes, O_RDWR, reuse.
#include "t.h"
#include <poll.h>
int main(void) {
  T(mkfifo("f", 0644));
  T(mkfifo("f", 0644));
  T(mkfifo("none/f", 0644));
  T(open("f", O_WRONLY | O_NONBLOCK));
  int r = open("f", O_RDONLY | O_NONBLOCK);
  CHECK(r >= 0);
  char b[10];
  T(read(r, b, 10)); // no writer: end of file
  struct pollfd p = {r, POLLIN, 0};
  T(poll(&p, 1, 0)); // but no hang-up before there was one
  int w = open("f", O_WRONLY | O_NONBLOCK);
  CHECK(w >= 0);
  T(read(r, b, 10));
  T(write(w, "abc", 3));
  T(poll(&p, 1, 0));
  say("IN %d HUP %d\n", !!(p.revents & POLLIN), !!(p.revents & POLLHUP));
  close(w);
  T(poll(&p, 1, 0));
  say("IN %d HUP %d\n", !!(p.revents & POLLIN), !!(p.revents & POLLHUP));
  T(read(r, b, 10));
  T(read(r, b, 10));
  T(poll(&p, 1, 0));
  say("IN %d HUP %d\n", !!(p.revents & POLLIN), !!(p.revents & POLLHUP));
  w = open("f", O_WRONLY);
  T(poll(&p, 1, 0)); // a new writer ends the hang-up
  close(r);
  close(w);
  // A blocking open waits for the other side.
  pid_t me = getpid();
  pid_t c = CHILD({
    until(me, 'S');
    int x = open("f", O_WRONLY);
    write(x, "hi", 2);
  });
  r = open("f", O_RDONLY);
  CHECK(r >= 0);
  T(read(r, b, 10));
  T(read(r, b, 10));
  REAP(c);
  close(r);
  c = CHILD({
    until(me, 'S');
    int x = open("f", O_RDONLY);
    char d[10];
    read(x, d, 10);
    _exit(d[0]);
  });
  w = open("f", O_WRONLY);
  T(write(w, "A", 1));
  REAP(c);
  signal(SIGPIPE, SIG_IGN);
  T(write(w, "B", 1));
  close(w);
  // O_RDWR never waits and never sees the end.
  int rw = open("f", O_RDWR | O_NONBLOCK);
  CHECK(rw >= 0);
  T(write(rw, "xyz", 3));
  T(read(rw, b, 10));
  T(read(rw, b, 10));
  w = open("f", O_WRONLY | O_NONBLOCK);
  CHECK(w >= 0);
  close(rw);
  close(w);
  // What was written and not read is gone once all have closed.
  rw = open("f", O_RDWR | O_NONBLOCK);
  write(rw, "old", 3);
  close(rw);
  r = open("f", O_RDONLY | O_NONBLOCK);
  T(read(r, b, 10));
  T(lseek(r, 0, SEEK_SET));
  T(unlink("f"));
  T(read(r, b, 10));
  struct stat st;
  fstat(r, &st);
  say("%o size %ld\n", st.st_mode, (long)st.st_size);
  // Opened again through /proc.
  char path[40];
  sprintf(path, "/proc/self/fd/%d", r);
  w = open(path, O_WRONLY | O_NONBLOCK);
  T(write(w, "via proc", 8));
  T(read(r, b, 10));
  return 0;
}
